/** The camera that fits known points best. */
import type { RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat } from '../math/rigid-transform.js';
import { nearestRotation } from '../math/dense-algebra.js';
import type { NormalEquations } from './gauss-newton.js';
import { CauchySum, minimise } from './gauss-newton.js';
import type { RefineOptions } from './refine-relative-pose.js';
import { rotationOfVector } from '../math/rotation-vector.js';

/** Where a photo shows known points. */
export interface KnownPoints {
  /** [N,2] in the undistorted plane z = 1. */
  readonly normalised: Float64Array;
  /** [N,3] in the world. */
  readonly positions: Float64Array;
  /** Turns distances in the plane z = 1 into pixels. */
  readonly focalPx: number;
}

export interface RefinedAbsolutePose {
  readonly cameraFromWorld: RigidTransform;
  /** ½ Σ ρ(r²), px². */
  readonly cost: number;
}

const PARAMETERS = 6;

/**
 * Squared reprojection errors in px² of the points `from` … `to` − 1: `focalPx² |(X/Z, Y/Z) − (x, y)|²`.
 *
 * @param out [N] is written within the range; Infinity for a point behind the camera, NaN for NaN.
 */
export function reprojectionResiduals(
  points: KnownPoints,
  cameraFromWorld: RigidTransform,
  [from, to]: readonly [from: number, to: number],
  out: Float64Array,
): void {
  const { normalised, positions } = points;
  const [r0, r1, r2, r3, r4, r5, r6, r7, r8] = cameraFromWorld.rotation;
  const [t0, t1, t2] = cameraFromWorld.translation;
  const scale = points.focalPx ** 2;
  for (let i = from; i < to; i++) {
    const x = positions[i * 3]!;
    const y = positions[i * 3 + 1]!;
    const z = positions[i * 3 + 2]!;
    const depth = r6 * x + r7 * y + r8 * z + t2;
    const dx = (r0 * x + r1 * y + r2 * z + t0) / depth - normalised[i * 2]!;
    const dy = (r3 * x + r4 * y + r5 * z + t1) / depth - normalised[i * 2 + 1]!;
    out[i] = depth <= 0 ? Infinity : scale * (dx * dx + dy * dy);
  }
}

/** The cost of a pose; given equations also its derivatives by (ω, δt), R ← exp(ω) R, t ← exp(ω) t + δt. */
function evaluate(
  { rotation: r, translation: t }: RigidTransform,
  points: KnownPoints,
  subset: ArrayLike<number>,
  inverseScale: number,
  equations: NormalEquations | null,
): number {
  const { normalised, positions, focalPx } = points;
  const loss = new CauchySum();
  for (let i = 0; i < subset.length; i++) {
    const at = subset[i]!;
    const [x, y, z] = [positions[at * 3]!, positions[at * 3 + 1]!, positions[at * 3 + 2]!];
    const px = r[0] * x + r[1] * y + r[2] * z + t[0];
    const py = r[3] * x + r[4] * y + r[5] * z + t[1];
    const pz = r[6] * x + r[7] * y + r[8] * z + t[2];
    if (!(pz > 0)) return Infinity;
    const [u, v] = [px / pz, py / pz];
    const dx = focalPx * (u - normalised[at * 2]!);
    const dy = focalPx * (v - normalised[at * 2 + 1]!);
    const relative = (dx * dx + dy * dy) * inverseScale;
    loss.add(relative);
    if (equations === null) continue;
    const weight = 1 / (1 + relative);
    const scale = focalPx / pz;
    // d(p)/dω = −[p]×, d(p)/dδt = I; chained with the derivatives of X/Z and Y/Z.
    equations.row.set([-scale * u * py, scale * (pz + u * px), -scale * py, scale, 0, -scale * u]);
    equations.add(dx, weight);
    equations.row.set([-scale * (pz + v * py), scale * v * px, scale * px, 0, scale, -scale * v]);
    equations.add(dy, weight);
  }
  return loss.total() / inverseScale;
}

function move({ rotation, translation }: RigidTransform, step: Float64Array): RigidTransform {
  const turn = rotationOfVector([step[0]!, step[1]!, step[2]!]);
  const turned = [0, 1, 2].map(
    (k) =>
      turn[k * 3]! * translation[0] +
      turn[k * 3 + 1]! * translation[1] +
      turn[k * 3 + 2]! * translation[2] +
      step[3 + k]!,
  ) as Vec3;
  return { rotation: multiplyMat(turn, rotation), translation: turned };
}

/**
 * Minimises `½ Σ c² log(1 + r² / c²)` over a camera's six degrees of freedom, r the reprojection error in pixels and c the loss's scale:
 * Gauss–Newton with Levenberg–Marquardt's damping.
 *
 * @param subset indices of the points that count. With one of them behind the start's camera, or NaN among them, the start is returned, with
 * cost Infinity or NaN.
 * @returns a camera that costs no more than the start.
 * Source: Hartley and Zisserman 2004, sections 7.2 and A6.2.
 */
export function refineAbsolutePose(
  start: RigidTransform,
  points: KnownPoints,
  subset: ArrayLike<number>,
  options: RefineOptions,
): RefinedAbsolutePose {
  const inverseScale = options.lossScalePx ** -2;
  const { state, cost } = minimise<RigidTransform>(
    {
      size: PARAMETERS,
      evaluate: (pose, equations) => evaluate(pose, points, subset, inverseScale, equations),
      move,
    },
    start,
    options.maxSteps,
  );
  return { cameraFromWorld: { rotation: nearestRotation(state.rotation), translation: state.translation }, cost };
}
