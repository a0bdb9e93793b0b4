/** Where a sensor sits to the camera of one photo. */
import type { SensorCamera } from '../../engine/depth/project-points.js';
import type { Intrinsics } from '../../engine/scene/camera.js';
import { scaleIntrinsics } from '../../engine/scene/camera.js';
import { composeRigid } from '../../engine/math/rigid-transform.js';
import { ImportError } from '../../engine/scene/errors.js';
import { localFromFile } from '../../engine/scene/local-origin.js';
import type { SensorKind, SensorRig } from '../../engine/scene/sensor-rig.js';
import { choosePlacement, describeBorrowed } from '../../engine/scene/sensor-rig.js';
import type { LoadedPhoto } from './open-photos.js';

export interface PlacedSensor {
  readonly camera: SensorCamera;
  readonly warnings: readonly string[];
}

export interface PlaceRequest {
  readonly sensor: SensorKind;
  readonly rig: SensorRig;
  readonly photoName: string;
  readonly photo: LoadedPhoto;
  /** Whether it is the only photo: then a calibration for one other name is taken for it. */
  readonly isOnly: boolean;
}

/** As people call them. */
export const SENSOR_NAMES = { lidar: 'LiDAR', radar: 'radar' } as const;
/** Rounding of a photo's shape when it was scaled. */
const SHAPE_TOLERANCE_PX = 1.01;

/** Stated intrinsics at the photo's size: as they are without a size, scaled where the photo was. */
function fitIntrinsics(stated: Intrinsics, { image }: LoadedPhoto, photoName: string): Intrinsics {
  const { width, height } = image;
  if (stated.width === 0) return { ...stated, width, height };
  if (Math.abs((stated.height * width) / stated.width - height) <= SHAPE_TOLERANCE_PX)
    return scaleIntrinsics(stated, width, height);
  throw new ImportError(
    'size-mismatch',
    `The photo is ${width} × ${height} and its calibration for ${stated.width} × ${stated.height}, which has another shape.`,
    photoName,
    '',
    'Give the photo that was calibrated, or a uniformly scaled copy of it.',
  );
}

/**
 * The sensor as the photo's camera sees it. Of a capture's photo the intrinsics are the capture's, since it was undistorted to them; without a
 * calibration its cloud is taken to be in the capture's own frame, and a warning says so.
 *
 * @returns null where the calibration has nothing for this photo.
 * @throws ImportError 'not-found' where neither calibration nor camera says anything, 'size-mismatch' for a photo of another shape.
 */
export function placeSensor(request: PlaceRequest): PlacedSensor | null {
  const { sensor, rig, photo, photoName } = request;
  if (rig[sensor].length === 0) {
    if (photo.camera) {
      const { cameraFromWorld, intrinsics } = photo.camera;
      const warning = `The ${SENSOR_NAMES[sensor]} cloud has no calibration: it is taken to be in the capture's own frame and unit.`;
      const cameraFromSensor = composeRigid(cameraFromWorld, localFromFile(photo.origin));
      return { camera: { cameraFromSensor, intrinsics }, warnings: [warning] };
    }
    throw new ImportError(
      'not-found',
      `Nothing says where the ${SENSOR_NAMES[sensor]} sits to the camera.`,
      photoName,
      '',
      'Give --calibration FILE (see docs/calibration.md), or a capture whose frame is the cloud’s.',
    );
  }
  const chosen = choosePlacement(rig[sensor], { name: photoName, isOnly: request.isOnly });
  if (chosen === null) return null;
  const { placement, by } = chosen;
  const warnings = by === 'other' ? [describeBorrowed(photoName, placement)] : [];
  if (!photo.camera && !placement.intrinsics)
    throw new ImportError(
      'not-found',
      'The calibration states no focal length and the photo has no camera.',
      photoName,
      '',
      'Add "camera" to the calibration, or give a capture with cameras.',
    );
  const intrinsics = photo.camera?.intrinsics ?? fitIntrinsics(placement.intrinsics as Intrinsics, photo, photoName);
  return { camera: { cameraFromSensor: placement.cameraFromSensor, intrinsics }, warnings };
}
