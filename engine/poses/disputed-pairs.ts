/** Pairs whose motion the matches of one of the detectors speak against. */
import type { PairMatches } from './contract.js';
import type { PhotoFeatures } from './photo-features.js';
import type { CheckedPair } from './verify-pairs.js';

/** Of a source's matches of a pair; fewer that fit its motion contradict it. Measured: right motions 21 % and more, wrong ones 6 % and less. */
const LEAST_SHARE = 0.12;
/** A source with fewer matches of a pair says nothing. */
const FEWEST_MATCHES = 30;

/** [sources] how many of a pair's matches are of each; of those that `mergeSources` made one, the first source's. */
function countBySource({ first, indices }: PairMatches, photos: readonly PhotoFeatures[]): number[] {
  const { offsets } = photos[first]!;
  const counts = offsets.map(() => 0);
  for (let at = 0; at < indices.length; at += 2) {
    const source = offsets.filter((offset) => indices[at]! >= offset).length - 1;
    counts[source] = counts[source]! + 1;
  }
  return counts;
}

/**
 * Where several detectors looked at a pair: those whose motion hardly any match of one detector agrees with. Learned features match
 * things that look alike, such as the columns of a temple, so consistently that a motion is found which is wrong by any angle; of other
 * features' matches next to none then fit.
 *
 * @param putative all matches, before they were checked.
 * @returns a subset of `checked`; with one source, none.
 */
export function findDisputed(
  photos: readonly PhotoFeatures[],
  putative: readonly PairMatches[],
  checked: readonly CheckedPair[],
): ReadonlySet<CheckedPair> {
  if (photos.every(({ offsets }) => offsets.length < 2)) return new Set();
  const all = new Map(putative.map((pair) => [`${pair.first} ${pair.second}`, pair]));
  return new Set(
    checked.filter((pair) => {
      const matches = all.get(`${pair.first} ${pair.second}`);
      if (matches === undefined) return false;
      const fitting = countBySource(pair, photos);
      return countBySource(matches, photos).some(
        (count, source) => count >= FEWEST_MATCHES && fitting[source]! < LEAST_SHARE * count,
      );
    }),
  );
}
