/** Which cameras a run has to see to before anything else: one rule for the service, which does it, and for the window, which says so. */
import type { PhotoOutcome } from './photo-contract.js';
import type { Sensor } from './sensor-contract.js';

/** Two photos are the fewest that say anything about depth by themselves. */
const MIN_PHOTOS = 2;

/** A photo that a run would use. */
export interface CameraKnowledge {
  readonly hasCamera: boolean;
  readonly outcome: PhotoOutcome | null;
}

/** A cloud of the project. */
export type CloudKnowledge = Pick<Sensor, 'kind' | 'isUsed' | 'isCalibrated' | 'placement' | 'registration'>;

const isPicked = ({ placement }: CloudKnowledge): boolean => placement?.by === 'picks';

/** A LiDAR that neither picks nor a calibration place: a search brings cameras onto it by its shape, once. */
const isUnregistered = (cloud: CloudKnowledge): boolean =>
  cloud.isUsed && cloud.kind === 'lidar' && !cloud.isCalibrated && !isPicked(cloud) && cloud.registration === null;

/**
 * Photos that come with cameras are used as they are, and those beside them that have none are passed over, for cameras that are found have
 * another origin. Otherwise cameras are looked for until every photo has been looked at, and again where too few were placed: photos
 * that are taken away change nothing, one that is added does, and so does a LiDAR that nothing places.
 */
export function needsCameraSearch(photos: readonly CameraKnowledge[], clouds: readonly CloudKnowledge[] = []): boolean {
  if (photos.length < MIN_PHOTOS) return false;
  const posed = photos.filter(({ hasCamera }) => hasCamera);
  if (posed.filter(({ outcome }) => outcome === null).length >= MIN_PHOTOS) return false;
  if (posed.length < MIN_PHOTOS) return true;
  return photos.some(({ hasCamera, outcome }) => !hasCamera && outcome === null) || clouds.some(isUnregistered);
}

/** All photos have been looked at: cameras are looked for again for the sake of a cloud. */
export function isSoughtForCloud(photos: readonly CameraKnowledge[], clouds: readonly CloudKnowledge[]): boolean {
  return needsCameraSearch(photos, clouds) && !needsCameraSearch(photos);
}

/** One photo is enough where a LiDAR tells its depth: by a calibration, or in the frame of the camera that the photo came with. */
export function fewestPhotos(photos: readonly CameraKnowledge[], clouds: readonly CloudKnowledge[]): number {
  const isGiven = photos.some(({ hasCamera, outcome }) => hasCamera && outcome === null);
  const isSensed = clouds.some((cloud) => cloud.isUsed && cloud.kind === 'lidar' && (cloud.isCalibrated || isGiven));
  return isSensed ? 1 : MIN_PHOTOS;
}

/**
 * What a fresh run does about cameras before it begins: 'sought': finds them; 'calibrated': takes them from the calibration; 'given': brings those
 * that there are to the sensors' unit; null: nothing.
 */
export function cameraSourceOf(
  photos: readonly CameraKnowledge[],
  clouds: readonly CloudKnowledge[],
  canFindCameras: boolean,
): 'sought' | 'calibrated' | 'given' | null {
  if (canFindCameras && needsCameraSearch(photos, clouds)) return 'sought';
  const used = clouds.filter(({ isUsed }) => isUsed);
  const posed = photos.filter(({ hasCamera }) => hasCamera).length;
  const isCalibrated = used.some((cloud) => cloud.isCalibrated);
  if (posed < Math.min(MIN_PHOTOS, photos.length)) return isCalibrated ? 'calibrated' : null;
  // A search has brought the cameras to metres already, together with this cloud.
  const isInUnit = used.some((cloud) => cloud.registration === 'placed' && !cloud.isCalibrated && !isPicked(cloud));
  return !isInUnit && used.some((cloud) => cloud.isCalibrated || isPicked(cloud)) ? 'given' : null;
}
