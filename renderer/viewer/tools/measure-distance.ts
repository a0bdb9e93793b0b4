/** The distance between two picked points, and how sure it is. */
import type { Vec3 } from '../../../engine/math/rigid-transform.js';
import { distance, dot, scale, subtract } from '../vector-math.js';

/** A point of the scene under a place of the picture. Deviations are standard deviations in the scene's unit. */
export interface PickedPoint {
  readonly position: Vec3;
  /** From the viewer through the point; of unit length. */
  readonly direction: Vec3;
  /** How far the layers of Gaussians there lie apart along the ray. */
  readonly spread: number;
  /** How thick they are along it. */
  readonly thickness: number;
  /** How far beside the ray the point may lie: half a pixel. */
  readonly aside: number;
}

export interface MeasuredDistance {
  /** In the scene's unit, as all that follows. */
  readonly distance: number;
  /** Twice the standard deviation of all together: 19 of 20 times the truth is within it, if errors are normal. */
  readonly uncertainty: number;
  /** What it consists of, each twice its standard deviation; they add up in squares. */
  readonly parts: {
    readonly spread: number;
    readonly thickness: number;
    readonly aside: number;
    /** null: how sure the scale is, is not known. */
    readonly scale: number | null;
  };
}

/** Coverage factor of about 95 % of a normal distribution. */
const COVERAGE = 2;

/**
 * What an error of standard deviation `sigma` along `direction` does to the distance `d` of two points that lie along `axis`: its part along
 * the axis as it is, its part `p` across it by `√(d² + p²) − d`, which is `p` for points in one place and `p²/2d` for those far apart.
 */
function effectOn(d: number, axis: Vec3, direction: Vec3, sigma: number): number {
  const along = d > 0 ? dot(axis, direction) * sigma : sigma;
  const across = d > 0 ? Math.sqrt(Math.max(0, 1 - dot(axis, direction) ** 2)) * sigma : 0;
  return Math.hypot(along, Math.hypot(d, across) - d);
}

/** The same for an error of any direction across the ray: the worst of them. */
function effectAside(d: number, axis: Vec3, direction: Vec3, sigma: number): number {
  return d > 0 ? Math.sqrt(Math.max(0, 1 - dot(axis, direction) ** 2)) * sigma : sigma;
}

/**
 * `d = |b − a|` with `u = 2 √(Σ s²)`, where the `s` are the effects of both points' depth spread, thickness and half a pixel, taken to be
 * independent, and `d` times the relative standard deviation of the scale (GUM, JCGM 100:2008, 5.1 and 6.2).
 *
 * @param scaleUncertainty relative, one standard deviation; null: not known, and then left out.
 */
export function measureDistance(a: PickedPoint, b: PickedPoint, scaleUncertainty: number | null): MeasuredDistance {
  const d = distance(a.position, b.position);
  const axis: Vec3 = d > 0 ? scale(subtract(b.position, a.position), 1 / d) : [0, 0, 0];
  const both = (effect: (point: PickedPoint) => number): number => COVERAGE * Math.hypot(effect(a), effect(b));
  const parts = {
    spread: both(({ direction, spread }) => effectOn(d, axis, direction, spread)),
    thickness: both(({ direction, thickness }) => effectOn(d, axis, direction, thickness)),
    aside: both(({ direction, aside }) => effectAside(d, axis, direction, aside)),
    scale: scaleUncertainty === null ? null : COVERAGE * d * scaleUncertainty,
  };
  return {
    distance: d,
    uncertainty: Math.hypot(parts.spread, parts.thickness, parts.aside, parts.scale ?? 0),
    parts,
  };
}

/** Two digits at most of an uncertainty say all there is to say: where its second one stands, as a number of decimals. */
export function decimalsOf(uncertainty: number): number {
  if (!(uncertainty > 0 && uncertainty < Infinity)) return 3;
  return Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(uncertainty))));
}
