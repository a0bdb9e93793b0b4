/** Cameras whose world is counted in another unit. */
import type { PhotoCamera } from '../../ipc/photo-contract.js';
import type { PhotoPose } from './import-plan.js';

/** What is known of where a photo was taken from. */
interface Posed {
  readonly pose: PhotoPose | null;
  readonly shownCamera: PhotoCamera | null;
}

/** The same camera in a world whose lengths are `scale` times as many: its centre −Rᵀt moves, what it sees stays. */
export function scalePosed<T extends Posed>(posed: T, scale: number): T {
  const scaled = ([x, y, z]: readonly [number, number, number]): [number, number, number] => [
    x * scale,
    y * scale,
    z * scale,
  ];
  const { pose, shownCamera } = posed;
  const camera = pose?.camera;
  return {
    ...posed,
    pose:
      pose === null || camera === undefined
        ? null
        : {
            ...pose,
            camera: {
              ...camera,
              cameraFromWorld: {
                ...camera.cameraFromWorld,
                translation: scaled(camera.cameraFromWorld.translation),
              },
            },
          },
    shownCamera: shownCamera === null ? null : { ...shownCamera, translation: scaled(shownCamera.translation) },
  };
}
