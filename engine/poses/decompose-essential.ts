/** Between essential matrices and the motions that they stand for. */
import type { Mat3, RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat } from '../math/rigid-transform.js';
import { nearestRotation } from '../math/dense-algebra.js';
import type { MatchSubset } from './match-coordinates.js';
import { cross, crossMatrix, dot } from '../math/vectors.js';

/** `E = [t]× R`, with `x2ᵀ E x1 = 0` for points in the planes z = 1. */
export function essentialOf(camera2FromCamera1: RigidTransform): Mat3 {
  return multiplyMat(crossMatrix(camera2FromCamera1.translation), camera2FromCamera1.rotation);
}

/** A rotation from one with rounding, or with noise; the latter takes a decomposition, ten times slower. */
function asRotation(m: Mat3): Mat3 {
  const [a, b, c]: [Vec3, Vec3, Vec3] = [[m[0], m[1], m[2]], [m[3], m[4], m[5]], [m[6], m[7], m[8]]]; // prettier-ignore
  const lengths = [dot(a, a) - 1, dot(b, b) - 1, dot(c, c) - 1];
  const isOrthonormal = [...lengths, dot(a, b), dot(b, c), dot(c, a)].every((error) => Math.abs(error) < 1e-10);
  return isOrthonormal ? m : nearestRotation(m);
}

/**
 * The four motions of an essential matrix: two rotations, each with a unit translation and its opposite, in the order (R1, t), (R1, −t),
 * (R2, t), (R2, −t). In closed form: t Tᵗ ∝ ½ tr(E Eᵀ) I − E Eᵀ, and `(t·t) R = cof(E) − [t]× E`; for an E with noise (of the eight-point
 * method) the nearest rotation is taken.
 *
 * @returns none for an E that is zero or not finite.
 * Source: Horn 1990, "Recovering baseline and orientation from essential matrix", equations 2 and 15.
 */
export function decomposeEssential(e: Readonly<Mat3>): RigidTransform[] {
  const columns: Vec3[] = [[e[0], e[3], e[6]], [e[1], e[4], e[7]], [e[2], e[5], e[8]]]; // prettier-ignore
  // Every cross product of two columns is along t; the longest has most digits.
  const products = [cross(columns[0]!, columns[1]!), cross(columns[1]!, columns[2]!), cross(columns[2]!, columns[0]!)];
  const longest = products.reduce((best, v) => (dot(v, v) > dot(best, best) ? v : best));
  const length = Math.sqrt(dot(longest, longest));
  const half = Math.sqrt(0.5 * e.reduce((sum, entry) => sum + entry * entry, 0));
  if (!(length > 0 && length < Infinity && half > 0)) return [];
  const direction = longest.map((x) => x / length) as Vec3;
  const rows: [Vec3, Vec3, Vec3] = [[e[0], e[1], e[2]], [e[3], e[4], e[5]], [e[6], e[7], e[8]]]; // prettier-ignore
  const cofactors: Mat3 = [...cross(rows[1], rows[2]), ...cross(rows[2], rows[0]), ...cross(rows[0], rows[1])];
  const negative = direction.map((x) => -x) as Vec3;
  return [direction, negative].flatMap((t) => {
    const product = multiplyMat(crossMatrix(t), e);
    // With E of norm √2 |t|: cof(E) / half² − [t]× E / half.
    const rotation = asRotation(cofactors.map((c, i) => c / (half * half) - product[i]! / half) as Mat3);
    return [
      { rotation, translation: direction },
      { rotation, translation: negative },
    ];
  });
}

/** Where the rays of a match meet; 'undecided' when they are parallel to within noise and point the same way. */
type Meeting = 'in-front' | 'behind' | 'undecided';

/**
 * With d1 = R x1 and d2 = x2, `λ1 d1 + t = λ2 d2` in the least squares: in front means λ1, λ2 > 0. Written without vectors, since robust
 * searches ask it often.
 */
function findMeeting(
  motion: RigidTransform,
  coordinates: Float64Array,
  match: number,
  leastSineSquared: number,
): Meeting {
  const { rotation: r, translation: t } = motion;
  const at = match * 4;
  const [x1, y1] = [coordinates[at]!, coordinates[at + 1]!];
  const [x2, y2] = [coordinates[at + 2]!, coordinates[at + 3]!];
  const dx = r[0] * x1 + r[1] * y1 + r[2];
  const dy = r[3] * x1 + r[4] * y1 + r[5];
  const dz = r[6] * x1 + r[7] * y1 + r[8];
  const aa = dx * dx + dy * dy + dz * dz;
  const bb = x2 * x2 + y2 * y2 + 1;
  const ab = dx * x2 + dy * y2 + dz;
  if (!(aa * bb - ab * ab > leastSineSquared * aa * bb)) return ab > 0 ? 'undecided' : 'behind';
  const at1 = dx * t[0] + dy * t[1] + dz * t[2];
  const at2 = x2 * t[0] + y2 * t[1] + t[2];
  return ab * at2 - bb * at1 > 0 && aa * at2 - ab * at1 > 0 ? 'in-front' : 'behind';
}

/** How many matches are in front of both cameras, and which. */
export interface CheiralityVote {
  readonly camera2FromCamera1: RigidTransform;
  /** Matches of the subset that lie in front of both cameras or are undecided, in the subset's order. */
  readonly inFront: Uint32Array;
  /** Matches of the subset that say something: rays that differ by more than `leastAngleRad`, or point in opposite directions. */
  readonly decisive: number;
  /** Those of them that are in front of both cameras. */
  readonly decided: number;
}

/**
 * Counts the matches whose rays meet in front of both cameras. Rays that are parallel to within `leastAngleRad` say nothing about the motion.
 *
 * @param coordinates [N,4] in the planes z = 1. @param subset which matches vote.
 */
export function voteOnCheirality(
  camera2FromCamera1: RigidTransform,
  coordinates: Float64Array,
  subset: MatchSubset,
  leastAngleRad = 0,
): CheiralityVote {
  const leastSineSquared = Math.sin(leastAngleRad) ** 2;
  const inFront: number[] = [];
  let decisive = 0;
  let decided = 0;
  for (let i = 0; i < subset.length; i++) {
    const meeting = findMeeting(camera2FromCamera1, coordinates, subset[i]!, leastSineSquared);
    if (meeting !== 'behind') inFront.push(subset[i]!);
    if (meeting !== 'undecided') decisive++;
    if (meeting === 'in-front') decided++;
  }
  return { camera2FromCamera1, inFront: Uint32Array.from(inFront), decisive, decided };
}

/**
 * Those of the four motions of an essential matrix that have every match of the subset in front of both cameras, as far as it is decided:
 * usually one or none. Cheap enough to throw away most wrong solutions of a minimal sample before they are scored.
 */
export function possibleMotions(
  e: Readonly<Mat3>,
  coordinates: Float64Array,
  subset: MatchSubset,
  leastAngleRad: number,
): RigidTransform[] {
  const leastSineSquared = Math.sin(leastAngleRad) ** 2;
  return decomposeEssential(e).filter((motion) => {
    for (let i = 0; i < subset.length; i++)
      if (findMeeting(motion, coordinates, subset[i]!, leastSineSquared) === 'behind') return false;
    return true;
  });
}

/**
 * Makes residuals up to `maxSquaredResidual` infinite where the match lies behind a camera, so that it does not count for the motion. Only
 * those are looked at: few, for a wrong motion.
 *
 * @param squaredResiduals [N] read and written from `from` to `to` − 1.
 */
export function excludeBehind(
  motion: RigidTransform,
  coordinates: Float64Array,
  [from, to]: readonly [from: number, to: number],
  squaredResiduals: Float64Array,
  limits: { readonly maxSquaredResidual: number; readonly leastAngleRad: number },
): void {
  const leastSineSquared = Math.sin(limits.leastAngleRad) ** 2;
  for (let i = from; i < to; i++) {
    if (!(squaredResiduals[i]! <= limits.maxSquaredResidual)) continue;
    if (findMeeting(motion, coordinates, i, leastSineSquared) === 'behind') squaredResiduals[i] = Infinity;
  }
}

/**
 * The candidate with most decisive matches in front of both cameras (the first of equals).
 *
 * @returns null without candidates.
 */
export function chooseByCheirality(
  candidates: readonly RigidTransform[],
  coordinates: Float64Array,
  subset: MatchSubset,
  leastAngleRad = 0,
): CheiralityVote | null {
  let best: CheiralityVote | null = null;
  for (const candidate of candidates) {
    const vote = voteOnCheirality(candidate, coordinates, subset, leastAngleRad);
    if (best === null || vote.decided > best.decided) best = vote;
  }
  return best;
}
