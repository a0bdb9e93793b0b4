/** Photos whose cameras were found, and a LiDAR cloud that no calibration ties to them: in one world by their shape. */
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { composeRigid, IDENTITY } from '../../engine/math/rigid-transform.js';
import type { Similarity } from '../../engine/poses/align-similarity.js';
import { moveSparseModel } from '../../engine/poses/move-sparse-model.js';
import type { RefinedOnCloud } from '../../engine/poses/refine-on-cloud.js';
import { refineOnCloud } from '../../engine/poses/refine-on-cloud.js';
import { registerCloud } from '../../engine/poses/register-cloud.js';
import type { Camera } from '../../engine/scene/camera.js';
import { ImportError } from '../../engine/scene/errors.js';
import { formatOrigin, localFromFile, localOriginOfCameras } from '../../engine/scene/local-origin.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import type { SensorKind } from '../../engine/scene/sensor-rig.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import type { OpenedCapture } from '../run/capture-input.js';
import { moveCapture } from './moved-capture.js';
import { refineCapture } from './refined-capture.js';

export interface ShapeOptions {
  readonly seed: number;
  /** Whether the found world's z points up. */
  readonly isUpright: boolean;
  readonly signal?: AbortSignal;
}

export interface PlacedByShape {
  /** In the cloud's world. */
  readonly capture: OpenedCapture;
  readonly worldFromCapture: Similarity;
  /** What was found, in the cloud's world: moved there, and its cameras, lenses and points refined where the cloud's surfaces hold them. */
  readonly placedModel: SparseModel;
  /** The cloud as a photo's camera sees it; null for other sensors. */
  readonly cameraFromSensor: (sensor: SensorKind, photo: string, camera: Camera) => RigidTransform | null;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

const IN_PLACE: Similarity = { scale: 1, ...IDENTITY };
/** Registration brings points nearer than its tolerance; a wrong focal length leaves the far ones some of these away. */
const REACH_TOLERANCES = 4;
/** With so few, a wrong focal length may fit the cloud in another place about as well: two of nine did (docs/measured.md). */
const FEW_PHOTOS = 3;

function movedBy(similarity: Similarity, shift: Readonly<Vec3>): Similarity {
  return { ...similarity, translation: similarity.translation.map((value, axis) => value + shift[axis]!) as Vec3 };
}

/** @throws ImportError 'unsupported' where shape does not tell. */
function registerByShape(cloud: SensorPoints, model: SparseModel, options: ShapeOptions) {
  const { upAxis } = cloud.frame;
  const up: Vec3 | null = !options.isUpright || upAxis === 'unknown' ? null : upAxis === 'y' ? [0, 1, 0] : [0, 0, 1];
  const found = registerCloud(model.points.positions, Float64Array.from(cloud.positions), {
    up: up === null ? null : { source: [0, 0, 1], target: up },
    seed: options.seed,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const { verdict, cloudFromPhotos, inlierShare, tolerance } = found;
  if (verdict === 'found' && cloudFromPhotos !== null) return { cloudFromPhotos, inlierShare, tolerance };
  throw new ImportError(
    'unsupported',
    verdict === 'ambiguous'
      ? 'The cloud fits the photos in more than one place.'
      : 'The cloud could not be brought onto the photos by its shape.',
    'LiDAR',
    '',
    `Give --calibration FILE (docs/calibration.md), or photos with cameras in the cloud’s frame.${upAxis === 'unknown' && options.isUpright ? ' Which of its axes is up helps, too: --cloud-up y or z.' : ''}`,
  );
}

/** How well it went, in one sentence or two. */
function describeFit(
  { cloudFromPhotos, inlierShare, tolerance }: ReturnType<typeof registerByShape>,
  refined: RefinedOnCloud | null,
  photoCount: number,
): string {
  const share = Math.round(100 * inlierShare);
  const fit = `The cloud was brought onto the photos by its shape: ${share} % of the photos’ points lie on it, one unit of theirs is ${cloudFromPhotos.scale.toPrecision(4)} of the cloud’s`;
  if (refined === null)
    return `${fit}. Its surfaces could not hold the cameras: these may be off by ${tolerance.toPrecision(2)} of its unit, and more with few photos.`;
  const { tiedCount, rmsDistance, focalFactors } = refined;
  const changes = focalFactors.map((factor) => `${factor < 1 ? '−' : '+'}${Math.abs(100 * (factor - 1)).toFixed(1)} %`);
  const doubt = photoCount > FEW_PHOTOS ? '' : ' So few photos may still fit it in a wrong way.';
  return `${fit}. Its surfaces then held the cameras: ${tiedCount} points lie on them to within ${rmsDistance.toPrecision(2)} of its unit, focal length ${[...new Set(changes)].join(', ')}.${doubt}`;
}

/**
 * Brings found cameras onto the cloud by what their sparse points have in common with it, and then lets its surfaces hold cameras, focal lengths
 * and points; the cloud's frame is the world then, counted from near
 * the cameras where the cloud's coordinates are too large.
 *
 * @throws ImportError 'unsupported' where shape does not tell; the signal's reason.
 */
export function placeByShape(
  capture: OpenedCapture,
  cloud: SensorPoints,
  model: SparseModel,
  options: ShapeOptions,
): PlacedByShape {
  const registered = registerByShape(cloud, model, options);
  const { cloudFromPhotos: shiftedFromPhotos } = registered;
  // Near zero, as the cloud's numbers are.
  const shifted = moveSparseModel(model, shiftedFromPhotos);
  const reach = REACH_TOLERANCES * registered.tolerance;
  const { signal } = options;
  const refined = refineOnCloud(shifted, cloud.positions, signal === undefined ? { reach } : { reach, signal });
  const cloudFromCapture = movedBy(shiftedFromPhotos, cloud.origin);
  const origin = localOriginOfCameras(
    moveCapture(capture, cloudFromCapture).views.map(({ camera }) => camera.cameraFromWorld),
  );
  const worldFromCloud = localFromFile(origin ?? undefined);
  const worldFromShifted = cloud.origin.map((value, axis) => value + worldFromCloud.translation[axis]!) as Vec3;
  const worldFromCapture = movedBy(shiftedFromPhotos, worldFromShifted);
  const placedModel = moveSparseModel(refined?.model ?? shifted, movedBy(IN_PLACE, worldFromShifted));
  const moved = moveCapture(capture, worldFromCapture);
  const placed = refined === null ? moved : refineCapture(moved, placedModel, refined.focalFactors);
  const fit = describeFit(registered, refined, model.photos.length);
  const counted = origin === null ? [] : [`Its coordinates are large: the scene counts from ${formatOrigin(origin)}.`];
  return {
    capture: origin === null ? placed : { ...placed, origin },
    worldFromCapture,
    placedModel,
    warnings: [fit, ...counted],
    cameraFromSensor: (sensor, _, { cameraFromWorld }) =>
      sensor === 'lidar' ? composeRigid(cameraFromWorld, worldFromCloud) : null,
  };
}
