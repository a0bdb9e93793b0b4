/** How far estimated cameras are from references: the numbers of the project's tables. */
import type { Mat3, RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../math/rigid-transform.js';
import { cameraCentre } from '../math/conventions.js';
import type { CameraAlignment } from './align-similarity.js';
import { alignCameras, transformBySimilarity } from './align-similarity.js';
import { medianRotation } from './average-rotations.js';
import { median } from '../math/median.js';
import { rotationAngle } from '../math/rotation-vector.js';

export interface CameraComparison {
  /** Cameras that both lists have. */
  readonly comparedCount: number;
  /** null when no camera is in both. */
  readonly alignment: CameraAlignment | null;
  /** [N] angle between the camera and its reference, in radians, once all cameras were turned by one common rotation; NaN: not compared. */
  readonly rotationErrorsRad: Float64Array;
  /** One a pair of compared cameras, (0, 1), (0, 2) … (1, 2) …: the angle by which their relative rotation differs from the references'. */
  readonly pairRotationErrorsRad: Float64Array;
  /** [N] distance from the reference's centre after the alignment, in % of the extent; NaN: not compared. */
  readonly centreErrorsPercent: Float64Array;
  /** The longest distance between two reference centres, in the references' units. */
  readonly extent: number;
  /** Medians of the above over what was compared; NaN without any. */
  readonly medianRotationRad: number;
  readonly medianPairRotationRad: number;
  readonly medianCentrePercent: number;
  /** Root mean square of the centre errors (the absolute trajectory error), in % of the extent. */
  readonly rmsCentrePercent: number;
}

type Cameras = readonly (RigidTransform | null)[];

function isPlaced(camera: RigidTransform | null | undefined): camera is RigidTransform {
  return camera !== null && camera !== undefined && [...camera.rotation, ...camera.translation].every(Number.isFinite);
}

function distance(a: Readonly<Vec3>, b: Readonly<Vec3>): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** The longest distance between two of the cameras' centres, in world units; 0 for fewer than two. Those that are null or NaN are left out. */
export function measureExtent(cameras: Cameras): number {
  const centres = cameras.filter(isPlaced).map(cameraCentre);
  let longest = 0;
  for (let i = 0; i < centres.length; i++)
    for (let j = 0; j < i; j++) longest = Math.max(longest, distance(centres[i]!, centres[j]!));
  return longest;
}

/**
 * How the relative rotation of every two cameras, `R_j R_iᵀ`, differs from that of their references; no alignment enters.
 *
 * @returns radians, one for each i < j in order; pairs with a camera that is null or NaN are left out.
 */
export function comparePairRotations(estimated: Cameras, reference: Cameras): Float64Array {
  const errors: number[] = [];
  const relative = (a: Mat3, b: Mat3): Mat3 => multiplyMat(b, transposeMat(a));
  estimated.forEach((first, i) => {
    const firstReference = reference[i];
    if (!isPlaced(first) || !isPlaced(firstReference)) return;
    for (let j = i + 1; j < estimated.length; j++) {
      const [second, secondReference] = [estimated[j], reference[j]];
      if (!isPlaced(second) || !isPlaced(secondReference)) continue;
      const found = relative(first.rotation, second.rotation);
      const expected = relative(firstReference.rotation, secondReference.rotation);
      errors.push(rotationAngle(multiplyMat(found, transposeMat(expected))));
    }
  });
  return Float64Array.from(errors);
}

/**
 * Compares estimated cameras with references. A reconstruction knows neither place, turn nor size of its world, so
 *
 * - rotations are compared after one common turn, the geodesic median of `R_referenceᵀ R_estimated`;
 * - relative rotations of all pairs need no turn at all;
 * - centres are compared after a similarity ({@link alignCameras}, least squares over all unless `keptShare` is below 1), in % of the extent,
 *   the longest distance between two reference centres (of all references, compared or not).
 *
 * The table's row is `comparedCount`, `medianRotationRad`, `medianPairRotationRad`, `medianCentrePercent`.
 *
 * @param estimated cameraFromWorld; null or NaN: not placed. @param reference of the same photos in the same order.
 * @returns centre errors are 0 / 0 = NaN, or Infinity, when all references stand in one place.
 * @throws ShapeError for lists of different lengths.
 */
export function compareCameras(estimated: Cameras, reference: Cameras, keptShare = 1): CameraComparison {
  const alignment = alignCameras(estimated, reference, keptShare);
  const extent = measureExtent(reference);
  const turns = estimated.map((camera, i) => {
    const other = reference[i];
    return isPlaced(camera) && isPlaced(other) ? multiplyMat(transposeMat(other.rotation), camera.rotation) : null;
  });
  const compared = turns.filter((turn) => turn !== null);
  const common = medianRotation(compared);
  const rotationErrorsRad = Float64Array.from(turns, (turn) =>
    turn === null || common === null ? NaN : rotationAngle(multiplyMat(transposeMat(common), turn)),
  );
  const centreErrorsPercent = Float64Array.from(turns, (turn, i) => {
    if (turn === null || alignment === null) return NaN;
    const moved = transformBySimilarity(alignment.targetFromSource, cameraCentre(estimated[i]!));
    return (100 * distance(moved, cameraCentre(reference[i]!))) / extent;
  });
  const pairRotationErrorsRad = comparePairRotations(estimated, reference);
  const squares = centreErrorsPercent.filter((error) => !Number.isNaN(error)).map((error) => error * error);
  return {
    comparedCount: compared.length,
    alignment,
    rotationErrorsRad,
    pairRotationErrorsRad,
    centreErrorsPercent,
    extent,
    medianRotationRad: median(rotationErrorsRad),
    medianPairRotationRad: median(pairRotationErrorsRad),
    medianCentrePercent: median(centreErrorsPercent),
    rmsCentrePercent: Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length),
  };
}
