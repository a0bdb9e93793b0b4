/** The camera of a photo from points that are known already, some of them wrongly matched. */
import type { RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { ShapeError } from '../scene/errors.js';
import type { KnownPoints } from './refine-absolute-pose.js';
import { refineAbsolutePose, reprojectionResiduals } from './refine-absolute-pose.js';
import { solveThreePoint } from './resect-three-point.js';
import type { RobustProblem, RobustSearchOptions } from '../math/robust-search.js';
import { findInliers, robustSearch } from '../math/robust-search.js';

export interface ResectOptions extends RobustSearchOptions {
  /** Reprojection error of a point that belongs, in pixels; 4 when left out. */
  readonly maxErrorPx?: number;
  /** 8 when left out: three make the camera, the others confirm it. */
  readonly minInliers?: number;
}

export interface ResectedCamera {
  readonly cameraFromWorld: RigidTransform;
  /** Indices of the points that fit, ascending. */
  readonly inliers: Uint32Array;
  /** Root mean square of their reprojection errors in pixels. */
  readonly rmsErrorPx: number;
  readonly iterations: number;
}

const DEFAULT_MAX_ERROR_PX = 4;
const DEFAULT_MIN_INLIERS = 8;
const SEARCH_STEPS = 4;
const FINAL_STEPS = 20;
const FINAL_ROUNDS = 3;

/** Indices of points that are finite in the photo and in the world. */
function finiteIndices({ normalised, positions }: KnownPoints): Uint32Array {
  const finite: number[] = [];
  for (let i = 0; i < normalised.length / 2; i++) {
    const sum = normalised[i * 2]! + normalised[i * 2 + 1]!;
    const place = positions[i * 3]! + positions[i * 3 + 1]! + positions[i * 3 + 2]!;
    if (Number.isFinite(sum) && Number.isFinite(place)) finite.push(i);
  }
  return Uint32Array.from(finite);
}

function pickPoints(points: KnownPoints, indices: Uint32Array): KnownPoints {
  const normalised = new Float64Array(indices.length * 2);
  const positions = new Float64Array(indices.length * 3);
  indices.forEach((from, to) => {
    normalised.set(points.normalised.subarray(from * 2, from * 2 + 2), to * 2);
    positions.set(points.positions.subarray(from * 3, from * 3 + 3), to * 3);
  });
  return { normalised, positions, focalPx: points.focalPx };
}

function createProblem(points: KnownPoints, maxErrorPx: number): RobustProblem<RigidTransform> {
  const direction = (i: number): Vec3 => [points.normalised[i * 2]!, points.normalised[i * 2 + 1]!, 1];
  const position = (i: number): Vec3 => [...points.positions.subarray(i * 3, i * 3 + 3)] as Vec3;
  return {
    count: points.normalised.length / 2,
    sampleSize: 3,
    maxSquaredResidual: maxErrorPx ** 2,
    fit: ([a, b, c]) =>
      solveThreePoint([direction(a!), direction(b!), direction(c!)], [position(a!), position(b!), position(c!)]),
    writeResiduals: (pose, range, out) => reprojectionResiduals(points, pose, range, out),
    refine: (pose, inliers) =>
      refineAbsolutePose(pose, points, inliers, { lossScalePx: maxErrorPx, maxSteps: SEARCH_STEPS }).cameraFromWorld,
  };
}

/**
 * The camera that most of the points agree with: three-point samples in `robustSearch`, then all points that fit, refined and chosen anew
 * until they no longer change.
 *
 * @param points where the photo shows known points; entries that are not finite are left out.
 * @returns null when fewer than `minInliers` points agree with any camera.
 * @throws ShapeError when there are not three coordinates for every two; the signal's reason when it was aborted.
 */
export function resectRobustly(points: KnownPoints, options: ResectOptions): ResectedCamera | null {
  if (points.normalised.length * 3 !== points.positions.length * 2)
    throw new ShapeError(
      `${points.normalised.length} and ${points.positions.length} coordinates are not of as many points`,
    );
  const { maxErrorPx = DEFAULT_MAX_ERROR_PX, minInliers = DEFAULT_MIN_INLIERS } = options;
  const indices = finiteIndices(points);
  const finite = pickPoints(points, indices);
  const problem = createProblem(finite, maxErrorPx);
  const found = robustSearch(problem, options);
  if (found === null || found.inliers.length < minInliers) return null;
  let { model: cameraFromWorld, inliers } = found;
  for (let round = 0; round < FINAL_ROUNDS; round++) {
    const loss = { lossScalePx: maxErrorPx / 2, maxSteps: FINAL_STEPS };
    const refined = refineAbsolutePose(cameraFromWorld, finite, inliers, loss).cameraFromWorld;
    const chosen = findInliers(problem, refined);
    if (chosen.length < minInliers) break;
    const isSettled = chosen.length === inliers.length;
    [cameraFromWorld, inliers] = [refined, chosen];
    if (isSettled) break;
  }
  const squared = new Float64Array(problem.count);
  reprojectionResiduals(finite, cameraFromWorld, [0, problem.count], squared);
  const sum = inliers.reduce((total, i) => total + squared[i]!, 0);
  return {
    cameraFromWorld,
    inliers: inliers.map((i) => indices[i]!),
    rmsErrorPx: Math.sqrt(sum / inliers.length),
    iterations: found.iterations,
  };
}
