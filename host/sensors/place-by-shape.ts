/** Photos whose cameras were found, and a LiDAR cloud that no calibration ties to them: in one world by their shape. */
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { composeRigid } from '../../engine/math/rigid-transform.js';
import type { Similarity } from '../../engine/poses/align-similarity.js';
import { registerCloud } from '../../engine/poses/register-cloud.js';
import type { Camera } from '../../engine/scene/camera.js';
import { ImportError } from '../../engine/scene/errors.js';
import { formatOrigin, localFromFile, localOriginOfCameras } from '../../engine/scene/local-origin.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import type { SensorKind } from '../../engine/scene/sensor-rig.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import type { OpenedCapture } from '../run/capture-input.js';
import { moveCapture } from './moved-capture.js';

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
  /** The cloud as a photo's camera sees it; null for other sensors. */
  readonly cameraFromSensor: (sensor: SensorKind, photo: string, camera: Camera) => RigidTransform | null;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

function movedBy(similarity: Similarity, shift: Readonly<Vec3>): Similarity {
  return { ...similarity, translation: similarity.translation.map((value, axis) => value + shift[axis]!) as Vec3 };
}

/**
 * Brings found cameras onto the cloud by what their sparse points have in common with it; the cloud's frame is the world then, counted from near
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
  const { upAxis } = cloud.frame;
  const up: Vec3 | null = !options.isUpright || upAxis === 'unknown' ? null : upAxis === 'y' ? [0, 1, 0] : [0, 0, 1];
  const found = registerCloud(model.points.positions, Float64Array.from(cloud.positions), {
    up: up === null ? null : { source: [0, 0, 1], target: up },
    seed: options.seed,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const { verdict, cloudFromPhotos: shiftedFromPhotos, inlierShare } = found;
  if (verdict !== 'found' || shiftedFromPhotos === null)
    throw new ImportError(
      'unsupported',
      verdict === 'ambiguous'
        ? 'The cloud fits the photos in more than one place.'
        : 'The cloud could not be brought onto the photos by its shape.',
      'LiDAR',
      '',
      `Give --calibration FILE (docs/calibration.md), or photos with cameras in the cloud’s frame.${upAxis === 'unknown' && options.isUpright ? ' Which of its axes is up helps, too: --cloud-up y or z.' : ''}`,
    );
  const share = Math.round(100 * inlierShare);
  const warning = `The cloud was brought onto the photos by its shape: ${share} % of the photos’ points lie on it, one unit of theirs is ${shiftedFromPhotos.scale.toPrecision(4)} of the cloud’s.`;
  const cloudFromPhotos = movedBy(shiftedFromPhotos, cloud.origin);
  const inCloud = moveCapture(capture, cloudFromPhotos);
  const origin = localOriginOfCameras(inCloud.views.map(({ camera }) => camera.cameraFromWorld));
  const worldFromCloud = localFromFile(origin ?? undefined);
  const worldFromCapture = movedBy(cloudFromPhotos, worldFromCloud.translation);
  const counted = origin === null ? [] : [`Its coordinates are large: the scene counts from ${formatOrigin(origin)}.`];
  return {
    capture: origin === null ? inCloud : { ...moveCapture(capture, worldFromCapture), origin },
    worldFromCapture,
    warnings: [warning, ...counted],
    cameraFromSensor: (sensor, _, { cameraFromWorld }) =>
      sensor === 'lidar' ? composeRigid(cameraFromWorld, worldFromCloud) : null,
  };
}
