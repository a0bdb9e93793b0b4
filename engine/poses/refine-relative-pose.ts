/** The motion between two cameras that fits matches best. */
import type { RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat } from '../math/rigid-transform.js';
import { nearestRotation } from '../math/dense-algebra.js';
import type { NormalEquations } from './gauss-newton.js';
import { CauchySum, minimise } from './gauss-newton.js';
import type { MatchSubset, NormalisedMatches } from './match-coordinates.js';
import { rotationOfVector } from '../math/rotation-vector.js';
import { crossMatrix, tangentBasis, unit } from '../math/vectors.js';

export interface RefineOptions {
  /** Where the loss turns from squares to a logarithm; pixels. */
  readonly lossScalePx: number;
  readonly maxSteps: number;
}

export interface RefinedRelativePose {
  readonly camera2FromCamera1: RigidTransform;
  /** ½ Σ ρ(r²), px². */
  readonly cost: number;
}

const PARAMETERS = 5;
const AXES: readonly Vec3[] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]; // prettier-ignore

/** E = [t]× R and, if wanted, its derivatives by a left rotation vector ω and by t's two tangents. [6,9] */
function essentialAndDerivatives({ rotation, translation }: RigidTransform, wantsDerivatives: boolean): Float64Array {
  const out = new Float64Array(54);
  const tCross = crossMatrix(translation);
  out.set(multiplyMat(tCross, rotation), 0);
  if (!wantsDerivatives) return out;
  AXES.forEach((axis, k) => out.set(multiplyMat(tCross, multiplyMat(crossMatrix(axis), rotation)), 9 + 9 * k));
  tangentBasis(translation).forEach((tangent, k) => out.set(multiplyMat(crossMatrix(tangent), rotation), 36 + 9 * k));
  return out;
}

/** Moves along the manifold: R ← exp(ω) R, t ← the direction of t + a b1 + b b2. */
function move({ rotation, translation }: RigidTransform, step: Float64Array): RigidTransform {
  const [first, second] = tangentBasis(translation);
  const turned = multiplyMat(rotationOfVector([step[0]!, step[1]!, step[2]!]), rotation);
  const t = translation.map((v, k) => v + step[3]! * first[k]! + step[4]! * second[k]!) as Vec3;
  return { rotation: turned, translation: unit(t) };
}

/** The cost of a pose; given equations, every match's residual and derivatives too. */
function evaluate(
  pose: RigidTransform,
  matches: NormalisedMatches,
  subset: MatchSubset,
  inverseScale: number,
  equations: NormalEquations | null,
): number {
  const m = essentialAndDerivatives(pose, equations !== null);
  const { coordinates } = matches;
  const weight1 = matches.focal1Px ** -2;
  const weight2 = matches.focal2Px ** -2;
  const loss = new CauchySum();
  for (let i = 0; i < subset.length; i++) {
    const at = subset[i]! * 4;
    const x1 = coordinates[at]!;
    const y1 = coordinates[at + 1]!;
    const x2 = coordinates[at + 2]!;
    const y2 = coordinates[at + 3]!;
    const a = m[0]! * x1 + m[1]! * y1 + m[2]!;
    const b = m[3]! * x1 + m[4]! * y1 + m[5]!;
    const d = m[0]! * x2 + m[3]! * y2 + m[6]!;
    const f = m[1]! * x2 + m[4]! * y2 + m[7]!;
    const error = x2 * a + y2 * b + m[6]! * x1 + m[7]! * y1 + m[8]!;
    const squared = (a * a + b * b) * weight2 + (d * d + f * f) * weight1;
    // A match on both epipoles fits every pose.
    if (squared === 0) continue;
    const relative = ((error * error) / squared) * inverseScale;
    loss.add(relative);
    if (equations === null) continue;
    const inverseLength = 1 / Math.sqrt(squared);
    const ratio = error / squared;
    const [wa, wb, wd, wf] = [ratio * weight2 * a, ratio * weight2 * b, ratio * weight1 * d, ratio * weight1 * f];
    for (let k = 0; k < PARAMETERS; k++) {
      const o = 9 + 9 * k;
      const da = m[o]! * x1 + m[o + 1]! * y1 + m[o + 2]!;
      const db = m[o + 3]! * x1 + m[o + 4]! * y1 + m[o + 5]!;
      const dd = m[o]! * x2 + m[o + 3]! * y2 + m[o + 6]!;
      const df = m[o + 1]! * x2 + m[o + 4]! * y2 + m[o + 7]!;
      const de = x2 * da + y2 * db + m[o + 6]! * x1 + m[o + 7]! * y1 + m[o + 8]!;
      equations.row[k] = (de - wa * da - wb * db - wd * dd - wf * df) * inverseLength;
    }
    // Cauchy's loss: c² log(1 + r²/c²), weight 1 / (1 + r²/c²).
    equations.add(error * inverseLength, 1 / (1 + relative));
  }
  return loss.total() / inverseScale;
}

/**
 * Minimises `½ Σ c² log(1 + r² / c²)` over rotation and direction of translation, r the Sampson distance in pixels (see `essentialResiduals`)
 * and c the loss's scale: Gauss–Newton with Levenberg–Marquardt's damping in the five tangent directions of the manifold of essential matrices.
 *
 * @param start its translation may have any length but 0. @param subset indices of the matches that count. With NaN among them the start is
 * returned, with cost NaN.
 * @returns a pose with unit translation that costs no more than the start.
 * Source: Helmke, Hüper, Lee and Moore 2007, "Essential matrix estimation using Gauss-Newton iterations on a manifold", IJCV 74; the Sampson
 * distance from Hartley and Zisserman 2004, equation 11.9.
 */
export function refineRelativePose(
  start: RigidTransform,
  matches: NormalisedMatches,
  subset: MatchSubset,
  options: RefineOptions,
): RefinedRelativePose {
  const inverseScale = options.lossScalePx ** -2;
  const { state, cost } = minimise<RigidTransform>(
    {
      size: PARAMETERS,
      evaluate: (pose, equations) => evaluate(pose, matches, subset, inverseScale, equations),
      move,
    },
    { rotation: start.rotation, translation: unit(start.translation) },
    options.maxSteps,
  );
  // Products of many rotations drift.
  return { camera2FromCamera1: { rotation: nearestRotation(state.rotation), translation: state.translation }, cost };
}
