/** Whether a run has to find cameras before anything else: one rule for the service, which does it, and for the window, which says so. */
import type { PhotoOutcome } from './photo-contract.js';

/** Two photos are the fewest that say anything about depth. */
const MIN_PHOTOS = 2;

/** A photo that a run would use. */
export interface CameraKnowledge {
  readonly hasCamera: boolean;
  readonly outcome: PhotoOutcome | null;
}

/**
 * Photos that come with cameras are used as they are, and those beside them that have none are passed over, for cameras that are found have
 * another origin. Otherwise cameras are looked for until every photo has been looked at, and again where too few were placed: photos
 * that are taken away change nothing, one that is added does.
 */
export function needsCameraSearch(photos: readonly CameraKnowledge[]): boolean {
  if (photos.length < MIN_PHOTOS) return false;
  const posed = photos.filter(({ hasCamera }) => hasCamera);
  if (posed.filter(({ outcome }) => outcome === null).length >= MIN_PHOTOS) return false;
  if (posed.length < MIN_PHOTOS) return true;
  return photos.some(({ hasCamera, outcome }) => !hasCamera && outcome === null);
}
