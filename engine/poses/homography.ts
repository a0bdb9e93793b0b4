/** Homographies of four or more matches, and the motions and planes that they can come from. */
import type { Mat3, RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { determinant, multiplyMat, multiplyMatVec, transposeMat } from '../math/rigid-transform.js';
import { decomposeSingular, nearestRotation, nullSpace, symmetricEigen } from '../math/dense-algebra.js';
import { inverseSimilarityMatrix, normalisingSimilarity, similarityMatrix } from './hartley-normalisation.js';
import type { MatchSubset } from './match-coordinates.js';
import { everyIndex } from './match-coordinates.js';
import { cross, dot } from '../math/vectors.js';

/** Second smallest over largest eigenvalue of AᵀA: below it more than one H fits. */
const LEAST_SPREAD = 1e-13;
/** Smallest over largest singular value: below it H squeezes the plane to a line. */
const LEAST_CONDITION = 1e-6;

/** The two equations `x2 × H x1 = 0` of one match, with x2's third coordinate 1. */
function writeEquations(out: Float64Array, at: number, x1: number, y1: number, x2: number, y2: number): void {
  out.set([x1, y1, 1, 0, 0, 0, -x2 * x1, -x2 * y1, -x2], at);
  out.set([0, 0, 0, x1, y1, 1, -y2 * x1, -y2 * y1, -y2], at + 9);
}

/** H of the least squares of many equations; null where they leave more than one. */
function leastSquaresVector(equations: Float64Array, rowCount: number): Float64Array | null {
  const gram = new Float64Array(81);
  for (let r = 0; r < rowCount; r++)
    for (let p = 0; p < 9; p++) {
      const factor = equations[r * 9 + p]!;
      if (factor === 0) continue;
      for (let q = 0; q <= p; q++) gram[p * 9 + q] = gram[p * 9 + q]! + factor * equations[r * 9 + q]!;
    }
  for (let p = 0; p < 9; p++) for (let q = 0; q < p; q++) gram[q * 9 + p] = gram[p * 9 + q]!;
  const { values, vectors } = symmetricEigen(gram, 9);
  return values[1]! > LEAST_SPREAD * values[8]! ? vectors.subarray(0, 9) : null;
}

/** H with the sign that moves the first match in front of the second camera, and determinant ±1. */
function orient(h: Mat3, coordinates: Float64Array, subset: MatchSubset): Mat3 | null {
  let ahead = 0;
  for (let i = 0; i < subset.length; i++) {
    const at = subset[i]! * 4;
    ahead += h[6] * coordinates[at]! + h[7] * coordinates[at + 1]! + h[8] > 0 ? 1 : -1;
  }
  const volume = Math.cbrt(Math.abs(determinant(h)));
  if (!(volume > 0 && volume < Infinity)) return null;
  return h.map((entry) => (entry / volume) * (ahead < 0 ? -1 : 1)) as Mat3;
}

/**
 * H with `x2 ~ H x1`, by the normalised direct linear transform; exact for four matches.
 *
 * @param coordinates [N,4] x1, y1, x2, y2. @param subset which of them; all when left out.
 * @returns H with |det H| = 1 and positive third coordinates of H x1 for most matches; null for fewer than four matches, for points that
 * coincide or are not finite, and where H is not determined or not invertible (three of four points on a line). A determinant of −1 means a
 * mirrored photo: no camera sees a plane so.
 * Source: Hartley and Zisserman 2004, algorithm 4.2.
 */
export function fitHomography(
  coordinates: Float64Array,
  subset: MatchSubset = everyIndex(coordinates.length / 4),
): Mat3 | null {
  const count = subset.length;
  if (count < 4) return null;
  const first = normalisingSimilarity(coordinates, subset, 0);
  const second = normalisingSimilarity(coordinates, subset, 2);
  if (first === null || second === null) return null;
  const equations = new Float64Array(count * 18);
  for (let i = 0; i < count; i++) {
    const at = subset[i]! * 4;
    writeEquations(
      equations,
      i * 18,
      first.scale * (coordinates[at]! - first.centreX),
      first.scale * (coordinates[at + 1]! - first.centreY),
      second.scale * (coordinates[at + 2]! - second.centreX),
      second.scale * (coordinates[at + 3]! - second.centreY),
    );
  }
  const vector = count === 4 ? nullSpace(equations, 8, 9) : leastSquaresVector(equations, count * 2);
  if (vector === null) return null;
  const normalised = [...vector] as Mat3;
  if (!(Math.abs(determinant(normalised)) > LEAST_CONDITION)) return null;
  const h = multiplyMat(inverseSimilarityMatrix(second), multiplyMat(normalised, similarityMatrix(first)));
  return orient(h, coordinates, subset);
}

/** A way to move and a plane that together give a homography. */
export interface PlanarMotion {
  /** Its translation is in units of the plane's distance from the first camera. */
  readonly camera2FromCamera1: RigidTransform;
  /** Unit normal of the plane in the first camera, away from it: `normalᵀ pointInCamera1 = 1` for the points of the plane. */
  readonly normal: Vec3;
}

/** Singular values of a rotation differ by rounding only; below this share of translation there is no telling its direction. */
const LEAST_TRANSLATION = 1e-7;

/** From the orthonormal frames before and after: `U` and `H U` as rows. */
function motionOfFrame(h: Mat3, second: Vec3, tangent: Vec3): PlanarMotion {
  const frame: Mat3 = [...second, ...tangent, ...cross(second, tangent)];
  const [movedSecond, movedTangent] = [multiplyMatVec(h, second), multiplyMatVec(h, tangent)];
  const moved: Mat3 = [...movedSecond, ...movedTangent, ...cross(movedSecond, movedTangent)];
  const rotation = multiplyMat(transposeMat(moved), frame);
  const normal = cross(second, tangent);
  const translation = multiplyMatVec(h.map((entry, i) => entry - rotation[i]!) as Mat3, normal);
  return { camera2FromCamera1: { rotation, translation }, normal };
}

/**
 * The motions with `H ~ R + t nᵀ` (plane `nᵀ X = 1` in the first camera, so t is in units of its distance): four, of which those that
 * show the plane from behind can be ruled out by {@link isPlaneInFront}; usually two remain.
 *
 * @param homography between planes z = 1, with positive determinant and third coordinates of H x1 positive (as `fitHomography` gives it).
 * @returns four motions; a single one with translation 0 and normal (0, 0, 1) when H is a rotation; none for a determinant ≤ 0 or NaN.
 * Source: Ma, Soatto, Košecká and Sastry 2004, "An Invitation to 3-D Vision", section 5.3.3 (algorithm 5.2); the same four as those of
 * Faugeras and Lustman 1988, and in closed form Malis and Vargas 2007.
 */
export function decomposeHomography(homography: Readonly<Mat3>): PlanarMotion[] {
  if (!(determinant(homography) > 0)) return [];
  const { values, right } = decomposeSingular(homography);
  const h = homography.map((entry) => entry / values[1]) as Mat3;
  const largest = (values[0] / values[1]) ** 2;
  const smallest = (values[2] / values[1]) ** 2;
  if (!(largest - smallest > LEAST_TRANSLATION))
    return [{ camera2FromCamera1: { rotation: nearestRotation(h), translation: [0, 0, 0] }, normal: [0, 0, 1] }];
  // H keeps the lengths of the two planes of vectors spanned by v2 and one of these.
  const a = Math.sqrt(Math.max(0, 1 - smallest) / (largest - smallest));
  const b = Math.sqrt(Math.max(0, largest - 1) / (largest - smallest));
  return [b, -b].flatMap((sign) => {
    const tangent = right[0].map((x, k) => a * x + sign * right[2][k]!) as Vec3;
    const motion = motionOfFrame(h, right[1], tangent);
    const { rotation, translation } = motion.camera2FromCamera1;
    const negate = (v: Vec3): Vec3 => v.map((x) => -x) as Vec3;
    const opposite = { rotation, translation: negate(translation) };
    return [motion, { camera2FromCamera1: opposite, normal: negate(motion.normal) }];
  });
}

/** Whether most of the matches' rays in the first camera meet the plane in front of it: `nᵀ x1 > 0`. */
export function isPlaneInFront(motion: PlanarMotion, coordinates: Float64Array, subset: MatchSubset): boolean {
  let ahead = 0;
  for (let i = 0; i < subset.length; i++) {
    const at = subset[i]! * 4;
    ahead += dot(motion.normal, [coordinates[at]!, coordinates[at + 1]!, 1]) > 0 ? 1 : -1;
  }
  return ahead > 0;
}
