/** Photos whose distance to the others nothing tells well. */
import type { PoseSolution } from './contract.js';

/**
 * Points that three photos see fix how far apart the three are against each other. Fewer may be wrong together: with 29 to 45 of them centres of
 * fox's photos were off by 13 to 24 % of the extent at 0.2 px, beside some that were right with 41 (docs/measured.md).
 */
const FEWEST_SHARED_BY_THREE = 50;

/** More photos see each other in rings as well, which tie what three neighbours leave open (temple: 16 right, most tied by fewer points). */
const MOST_WITHOUT_LOOPS = 6;

function pairKey(a: number, b: number): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** How many points each three photos see together. */
function countTriples({ tracks }: PoseSolution): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { observations } of tracks) {
    const seen = observations.map(({ photo }) => photo).sort((a, b) => a - b);
    for (let i = 0; i < seen.length; i++)
      for (let j = i + 1; j < seen.length; j++)
        for (let k = j + 1; k < seen.length; k++) {
          const key = `${seen[i]} ${seen[j]} ${seen[k]}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
  }
  return counts;
}

/**
 * Two photos know of their baseline no more than its direction: the lengths of two baselines are tied by points that three photos see. Pairs
 * that such points tie, directly or by way of others, make a group; the largest is the model, and photos that are in no pair of it may be
 * too near or too far by any factor, with small errors.
 *
 * @returns indices of those photos, ascending; none for fewer than three photos, or more than six.
 */
export function findLoosePhotos(solution: PoseSolution): number[] {
  const photos = solution.photos.map(({ photo }) => photo);
  if (photos.length < 3 || photos.length > MOST_WITHOUT_LOOPS) return [];
  const groupOf = new Map<string, Set<string>>();
  const groupOfPair = (key: string): Set<string> => groupOf.get(key) ?? new Set([key]);
  for (const [triple, count] of countTriples(solution)) {
    if (count < FEWEST_SHARED_BY_THREE) continue;
    const [a, b, c] = triple.split(' ').map(Number) as [number, number, number];
    const keys = [pairKey(a, b), pairKey(b, c), pairKey(a, c)];
    const joined = new Set(keys.flatMap((key) => [...groupOfPair(key)]));
    for (const key of joined) groupOf.set(key, joined);
  }
  let tied = new Set<number>();
  for (const group of new Set(groupOf.values())) {
    const members = new Set([...group].flatMap((key) => key.split(' ').map(Number)));
    if (members.size > tied.size) tied = members;
  }
  return photos.filter((photo) => !tied.has(photo)).sort((a, b) => a - b);
}
