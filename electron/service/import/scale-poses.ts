/** Cameras whose world is counted in another unit. */
import { scale } from '../../../engine/math/vectors.js';
import { scaleRigid } from '../../../engine/scene/length-units.js';
import type { PhotoCamera } from '../../ipc/photo-contract.js';
import type { PhotoPose } from './import-plan.js';

/** What is known of where a photo was taken from. */
interface Posed {
  readonly pose: PhotoPose | null;
  readonly shownCamera: PhotoCamera | null;
}

/** The same camera in a world whose lengths are `factor` times as many: its centre −Rᵀt moves, what it sees stays. */
export function scalePosed<T extends Posed>(posed: T, factor: number): T {
  const { pose, shownCamera } = posed;
  return {
    ...posed,
    pose: pose === null ? null : scalePose(pose, factor),
    shownCamera: scaleShown(shownCamera, factor),
  };
}

function scalePose({ camera, ...pose }: PhotoPose, factor: number): PhotoPose {
  return { ...pose, camera: { ...camera, cameraFromWorld: scaleRigid(camera.cameraFromWorld, factor) } };
}

function scaleShown(camera: PhotoCamera | null, factor: number): PhotoCamera | null {
  return camera === null ? null : { ...camera, translation: scale(camera.translation, factor) };
}
