/** Matches of all pairs of photos that are compared, and further ones where the cameras are known already. */
import type { RigidTransform } from '../math/rigid-transform.js';
import { invertRigid, composeRigid } from '../math/rigid-transform.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import { choosePairs } from './choose-pairs.js';
import type { PairMatches, RadialLens } from './contract.js';
import { essentialOf } from './decompose-essential.js';
import { findGuidedMatches } from './guided-matching.js';
import { meanFocalPx, normalisePoints } from './lens.js';
import { mergeSources } from './merge-sources.js';
import { transferByFundamental } from './pair-transfer.js';
import type { FeatureSource, PhotoFeatures } from './photo-features.js';
import type { CheckedPair } from './verify-pairs.js';

/**
 * Putative matches of every pair that `choosePairs` names, of all sources together, what several found made one.
 *
 * @throws what the sources throw, and the signal's reason when it was aborted.
 */
export async function matchPhotos(
  photos: readonly PhotoFeatures[],
  sources: readonly FeatureSource[],
  context: StageContext,
): Promise<readonly PairMatches[]> {
  const { pairs } = choosePairs(photos.length);
  const matched: PairMatches[] = [];
  for (const [done, [first, second]] of pairs.entries()) {
    await yieldToHost(context);
    const [a, b] = [photos[first]!, photos[second]!];
    const lists: Uint32Array[] = [];
    for (const [s, source] of sources.entries()) {
      const { indices } = await source.match(a.bySource[s]!, b.bySource[s]!, context.signal);
      lists.push(numberedThrough(indices, a.offsets[s]!, b.offsets[s]!));
    }
    matched.push({ first, second, indices: concatenate(lists) });
    context.onProgress?.((done + 1) / pairs.length, `${done + 1} of ${pairs.length} pairs`);
  }
  return mergeSources(photos, matched);
}

function numberedThrough(indices: Uint32Array, first: number, second: number): Uint32Array {
  return indices.map((index, at) => index + (at % 2 === 0 ? first : second));
}

function concatenate(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

/** A photo whose camera is known. */
export interface KnownCamera {
  readonly lens: RadialLens;
  readonly cameraFromWorld: RigidTransform;
}

/** Between these angles of two photos' directions nothing is matched anew: they hardly see the same side of anything. */
const MAX_TURN_COSINE = Math.cos((75 * Math.PI) / 180);

/**
 * Adds matches along the epipolar lines of known cameras to pairs of placed photos.
 *
 * @param cameras by photo. @param pairs verified matches; pairs that are missing are begun.
 * @param maxErrorPx farthest from the line.
 * @returns all pairs, known matches first. @throws the signal's reason when it was aborted.
 */
export async function matchAlongLines(
  photos: readonly PhotoFeatures[],
  cameras: ReadonlyMap<number, KnownCamera>,
  pairs: readonly PairMatches[],
  maxErrorPx: number,
  context: StageContext,
): Promise<readonly PairMatches[]> {
  const known = new Map(pairs.map((pair) => [`${pair.first} ${pair.second}`, pair]));
  const placed = [...cameras.keys()].sort((a, b) => a - b);
  const normalised = normaliseOnce(photos, (photo) => cameras.get(photo)!.lens);
  const result = pairs.filter(({ first, second }) => !(cameras.has(first) && cameras.has(second)));
  for (const [i, first] of placed.entries()) {
    for (const second of placed.slice(i + 1)) {
      const stands = known.get(`${first} ${second}`)?.indices ?? new Uint32Array(0);
      const [a, b] = [cameras.get(first)!, cameras.get(second)!];
      const facing = [6, 7, 8].reduce(
        (sum, k) => sum + a.cameraFromWorld.rotation[k]! * b.cameraFromWorld.rotation[k]!,
        0,
      );
      if (facing < MAX_TURN_COSINE) {
        if (stands.length > 0) result.push({ first, second, indices: stands });
        continue;
      }
      await yieldToHost(context);
      const motion = composeRigid(b.cameraFromWorld, invertRigid(a.cameraFromWorld));
      const maxError = maxErrorPx / meanFocalPx(b.lens);
      const added = matchOneAlongLines(photos, [first, second], motion, normalised, stands, maxError);
      const indices = concatenate([stands, ...added]);
      if (indices.length > 0) result.push({ first, second, indices });
    }
    context.onProgress?.((i + 1) / placed.length);
  }
  return mergeSources(
    photos,
    result.sort((a, b) => a.first - b.first || a.second - b.second),
  );
}

/** Further matches of one pair, of each source, numbered through. @param motion the second camera from the first. */
function matchOneAlongLines(
  photos: readonly PhotoFeatures[],
  [first, second]: readonly [number, number],
  motion: RigidTransform,
  normalised: (photo: number) => readonly Float64Array[],
  stands: Uint32Array,
  maxError: number,
): Uint32Array[] {
  const transfer = transferByFundamental(essentialOf(motion));
  return photos[first]!.bySource.map((features, s) => {
    const other = photos[second]!.bySource[s]!;
    const [from, to] = [photos[first]!.offsets[s]!, photos[second]!.offsets[s]!];
    const own: number[] = [];
    for (let i = 0; i < stands.length; i += 2) {
      const [p, q] = [stands[i]! - from, stands[i + 1]! - to];
      if (p >= 0 && p < features.scores.length && q >= 0 && q < other.scores.length) own.push(p, q);
    }
    const { indices } = findGuidedMatches(features, other, {
      transfer,
      maxError,
      firstPoints: normalised(first)[s]!,
      secondPoints: normalised(second)[s]!,
      known: Uint32Array.from(own),
    });
    return numberedThrough(indices, from, to);
  });
}

/** Keypoints of each source in the plane z = 1, made when first asked for. */
function normaliseOnce(
  photos: readonly PhotoFeatures[],
  lensOf: (photo: number) => RadialLens,
): (photo: number) => readonly Float64Array[] {
  const made = new Map<number, readonly Float64Array[]>();
  return (photo) => {
    const points = made.get(photo) ?? photos[photo]!.bySource.map((of) => normalisePoints(lensOf(photo), of.points));
    made.set(photo, points);
    return points;
  };
}

/**
 * Adds matches along the epipolar lines of the motions that pairs were found to have: for photos that could not be placed by what they share
 * with others so far.
 *
 * @param lenses by photo, those that the motions were found with. @param maxErrorPx farthest from the line.
 * @returns the pairs in their order, those without a direction of translation as they were.
 * @throws the signal's reason when it was aborted.
 */
export async function matchAlongPairs(
  photos: readonly PhotoFeatures[],
  lenses: readonly RadialLens[],
  pairs: readonly CheckedPair[],
  maxErrorPx: number,
  context: StageContext,
): Promise<CheckedPair[]> {
  const normalised = normaliseOnce(photos, (photo) => lenses[photo]!);
  const result: CheckedPair[] = [];
  for (const [done, pair] of pairs.entries()) {
    await yieldToHost(context);
    const { first, second, indices, geometry } = pair;
    const { relation, camera2FromCamera1: motion } = geometry;
    if (motion === null || relation === 'rotation-only') result.push(pair);
    else {
      const maxError = maxErrorPx / meanFocalPx(lenses[second]!);
      const added = matchOneAlongLines(photos, [first, second], motion, normalised, indices, maxError);
      result.push({ ...pair, indices: concatenate([indices, ...added]) });
    }
    context.onProgress?.((done + 1) / pairs.length);
  }
  return result;
}
