/** Which way is up, and how large the scene is, guessed from how people hold cameras. */
import type { RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { cameraCentre } from '../math/conventions.js';
import { ShapeError } from '../scene/errors.js';
import { symmetricEigen } from '../math/dense-algebra.js';
import { median } from '../math/median.js';
import { dot, unit } from '../math/vectors.js';

export interface GravityGuess {
  /** Unit vector in the world, against gravity. */
  readonly up: Vec3;
  /**
   * 0 … 1. The share of cameras that are held level and upright by that guess (within 5° and 60°), times 1 where the cameras look in
   * different directions, down to ½ where all look the same way: then nothing but their own y axes tells how far they were tilted.
   */
  readonly confidence: number;
}

const ROUNDS = 20;
/** x axes that rise by more than this lose weight. */
const LEVEL_RAD = (5 * Math.PI) / 180;
const UPRIGHT_RAD = (60 * Math.PI) / 180;
/** Spread of directions (standard deviation) from which on the x axes alone tell what is up; nerfstudio's 'vertical' has 0.17. */
const FULL_SPREAD_RAD = (10 * Math.PI) / 180;
/** Below it, x axes of cameras that are rolled could tell a forward direction for up: none is believed farther than this from the mean. */
const MOST_TILT_RAD = (45 * Math.PI) / 180;
/** What a camera's roll varies by, over what the tilt that all cameras share does: 3° / 20°, squared. */
const ROLL_TO_TILT = 0.15 ** 2;

/** Weighted mean of `x xᵀ`. */
function scatter(axes: readonly Vec3[], weights: readonly number[]): Float64Array {
  const sum = new Float64Array(9);
  const total = weights.reduce((a, b) => a + b, 0);
  axes.forEach((axis, i) => {
    for (let k = 0; k < 9; k++) sum[k] = sum[k]! + (weights[i]! / total) * axis[Math.floor(k / 3)]! * axis[k % 3]!;
  });
  return sum;
}

function weightedMean(axes: readonly Vec3[], weights: readonly number[]): Vec3 {
  return [0, 1, 2].map((k) => axes.reduce((sum, axis, i) => sum + weights[i]! * axis[k]!, 0)) as Vec3;
}

/** How much the x axes alone tell: 0 for parallel ones … 1 for a spread of FULL_SPREAD_RAD. */
function determination(values: Float64Array): number {
  return Math.min(1, Math.sqrt(Math.max(0, values[1]!)) / Math.sin(FULL_SPREAD_RAD));
}

/** `v` without its part along the unit vector `axis`, at unit length. */
function perpendicular(v: Vec3, axis: Vec3): Vec3 {
  const along = dot(v, axis);
  return unit([v[0] - along * axis[0], v[1] - along * axis[1], v[2] - along * axis[2]]);
}

/**
 * The direction u with the least `Σ w (x · u)² / roll² + sin²(u, m) / tilt²`, m the mean of the cameras' up axes: the least eigenvector of a
 * 3×3 matrix. The second term decides where x axes are parallel.
 */
function fitUp(
  rightAxes: readonly Vec3[],
  upAxes: readonly Vec3[],
  weights: readonly number[],
): { up: Vec3; told: number } {
  const level = scatter(rightAxes, weights);
  const told = determination(symmetricEigen(level, 3).values);
  const sum = weightedMean(upAxes, weights);
  const length = Math.hypot(...sum);
  const mean = length > 0 ? unit(sum) : ([0, 0, 0] as Vec3);
  const pull = ROLL_TO_TILT / rightAxes.length;
  const matrix = level.map((v, k) => v - pull * mean[Math.floor(k / 3)]! * mean[k % 3]!);
  const [x, y, z] = symmetricEigen(matrix, 3).vectors;
  const found: Vec3 = [x!, y!, z!];
  const cosine = dot(found, mean);
  if (told < 1 && Math.abs(cosine) < Math.cos(MOST_TILT_RAD))
    return { up: perpendicular(mean, unit(weightedMean(rightAxes, weights))), told };
  return { up: found.map((v) => (cosine < 0 ? -v : v)) as Vec3, told };
}

/**
 * Guesses the up direction. People hold cameras level: photos' x axes are horizontal whichever way they look and however they are tilted, so
 * up is the direction that most x axes are perpendicular to; the sign, and what parallel x axes leave open, comes from the mean of the
 * cameras' own up axes (−y). Rolled cameras lose weight (Cauchy's loss, 5°).
 *
 * @param camerasFromWorld those with NaN are left out.
 * @returns null when there is no camera, or when up axes cancel out so that there is no sign.
 * Source: Brown and Lowe 2007, "Automatic panoramic image stitching using invariant features", section 5.
 */
export function guessGravity(camerasFromWorld: readonly RigidTransform[]): GravityGuess | null {
  const usable = camerasFromWorld.filter(({ rotation }) => rotation.every(Number.isFinite));
  if (usable.length === 0) return null;
  const rightAxes = usable.map(({ rotation: r }) => unit([r[0], r[1], r[2]]));
  const upAxes = usable.map(({ rotation: r }) => unit([-r[3], -r[4], -r[5]]));
  // Upside-down cameras must not pull the first guess: the median of each coordinate.
  const first = [0, 1, 2].map((k) => median(upAxes.map((axis) => axis[k]!))) as Vec3;
  if (!(Math.hypot(...first) > 1e-6)) return null;
  let up = unit(first);
  let told = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const weights = rightAxes.map((right, k) => {
      const rise = Math.asin(Math.min(1, Math.abs(dot(right, up)))) / LEVEL_RAD;
      return dot(upAxes[k]!, up) > 0 ? 1 / (1 + rise * rise) : 1e-3;
    });
    const fit = fitUp(rightAxes, upAxes, weights);
    const turned = Math.hypot(...fit.up.map((v, k) => v - up[k]!));
    ({ up, told } = fit);
    if (turned < 1e-12) break;
  }
  const agreeing = rightAxes.filter(
    (right, k) => Math.abs(dot(right, up)) < Math.sin(LEVEL_RAD) && dot(upAxes[k]!, up) > Math.cos(UPRIGHT_RAD),
  );
  return { up, confidence: (agreeing.length / usable.length) * (0.5 + 0.5 * told) };
}

/**
 * The factor for world units that makes the scene one of a usual size: the median distance from a camera to a point becomes 1; without points
 * the largest distance of a camera from the cameras' middle. A reconstruction's own size is arbitrary; this says nothing of metres.
 *
 * @param positions [P,3] in the world, may be empty; NaN is left out.
 * @returns 1 when there is nothing to measure.
 * @throws ShapeError for positions that are not three coordinates each.
 */
export function guessSceneScale(camerasFromWorld: readonly RigidTransform[], positions: ArrayLike<number>): number {
  if (positions.length % 3 !== 0)
    throw new ShapeError(`positions have ${positions.length} coordinates, not three each`);
  const centres = camerasFromWorld.map(cameraCentre).filter((centre) => centre.every(Number.isFinite));
  const distance = (a: Vec3, b: Vec3): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  const distances: number[] = [];
  for (let i = 0; i < positions.length; i += 3)
    for (const centre of centres)
      distances.push(distance([positions[i]!, positions[i + 1]!, positions[i + 2]!], centre));
  const typical = median(distances);
  if (typical > 0) return 1 / typical;
  const middle = [0, 1, 2].map((k) => centres.reduce((sum, centre) => sum + centre[k]!, 0) / centres.length) as Vec3;
  const farthest = Math.max(0, ...centres.map((centre) => distance(centre, middle)));
  return farthest > 0 ? 1 / farthest : 1;
}
