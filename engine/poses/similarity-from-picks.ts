/** A similarity from pairs of points that a person picked in both worlds. */
import { rotationToUpAxis } from '../math/conventions.js';
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat, multiplyMatVec, transposeMat } from '../math/rigid-transform.js';
import type { Similarity } from './align-similarity.js';
import { fitSimilarity, transformBySimilarity } from './align-similarity.js';

export interface PickedPair {
  readonly source: Readonly<Vec3>;
  readonly target: Readonly<Vec3>;
}

/** Up in both worlds; with it two pairs are enough. */
export interface UpAxes {
  readonly source: Readonly<Vec3>;
  readonly target: Readonly<Vec3>;
}

export type PickedSimilarity =
  | {
      readonly kind: 'found';
      readonly targetFromSource: Similarity;
      /** [N] distance of each pair after the fit, in the target's unit; all 0 for two pairs but for what the up axes forbid. */
      readonly errors: Float64Array;
    }
  /** 'too-few': under two pairs, or two without up axes. 'degenerate': in one place, on one line, or two above each other. */
  | { readonly kind: 'failed'; readonly reason: 'too-few' | 'degenerate' };

/** Two picks must lie apart, across up, by this share of their distance, to tell the turn about it. */
const LEAST_ACROSS = 0.1;

/** Scale from the distance, turn about up from the direction across it, shift from the middles. */
function fromTwo([p, q]: readonly [PickedPair, PickedPair], up: UpAxes): Similarity | null {
  // Both worlds turned so that up is z.
  const [levelSource, levelTarget] = [rotationToUpAxis(up.source, 'z-up'), rotationToUpAxis(up.target, 'z-up')];
  const between = (a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 => [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
  const s = multiplyMatVec(levelSource, between(p.source, q.source));
  const t = multiplyMatVec(levelTarget, between(p.target, q.target));
  const scale = Math.hypot(...t) / Math.hypot(...s);
  const isApart = [s, t].every((v) => Math.hypot(v[0], v[1]) > LEAST_ACROSS * Math.hypot(...v));
  if (!isApart || !(scale > 0 && scale < Infinity)) return null;
  const yaw = Math.atan2(t[1], t[0]) - Math.atan2(s[1], s[0]);
  const [c, d] = [Math.cos(yaw), Math.sin(yaw)];
  const turn: Mat3 = [c, -d, 0, d, c, 0, 0, 0, 1];
  const rotation = multiplyMat(transposeMat(levelTarget), multiplyMat(turn, levelSource));
  const middle = (key: 'source' | 'target'): Vec3 => [0, 1, 2].map((k) => (p[key][k]! + q[key][k]!) / 2) as Vec3;
  const turned = multiplyMatVec(rotation, middle('source'));
  return { scale, rotation, translation: middle('target').map((v, k) => v - scale * turned[k]!) as Vec3 };
}

/**
 * The similarity through picked pairs: least squares for three or more (Umeyama 1991, see fitSimilarity); for two with known up axes the
 * scale is the ratio of their distances, the turn that about up. Pairs with NaN do not count.
 *
 * @param up up in both worlds; null when unknown.
 */
export function similarityFromPicks(pairs: readonly PickedPair[], up: UpAxes | null): PickedSimilarity {
  const usable = pairs.filter(({ source, target }) => [...source, ...target].every(Number.isFinite));
  const [first, second] = usable;
  let found: Similarity | null = null;
  if (usable.length >= 3) {
    const list = (key: 'source' | 'target'): number[] => usable.flatMap((pair) => [...pair[key]]);
    found = fitSimilarity(list('source'), list('target'))?.targetFromSource ?? null;
  } else {
    if (!first || !second || up === null) return { kind: 'failed', reason: 'too-few' };
    found = fromTwo([first, second], up);
  }
  if (found === null) return { kind: 'failed', reason: 'degenerate' };
  const fit = found;
  const errors = Float64Array.from(usable, ({ source, target }) =>
    Math.hypot(...transformBySimilarity(fit, source).map((v, k) => v - target[k]!)),
  );
  return { kind: 'found', targetFromSource: fit, errors };
}
