/** The path through the cameras of the project's photos. */
import type { Photo } from '../../../electron/ipc/contract.js';
import type { Mat3 } from '../../../engine/math/rigid-transform.js';
import { useAppStore } from '../../app/store.js';
import type { CameraPath } from '../../viewer/path/camera-path.js';
import { createPhotoPath } from '../../viewer/path/photo-path.js';

export function photoPathOf(photos: readonly Photo[] = useAppStore.getState().state?.photos ?? []): CameraPath {
  const posed = photos.flatMap(({ id, name, role, status, camera, thumbnailUrl, pictureUrl }) =>
    camera === null || role !== 'train' || status === 'failed'
      ? []
      : [
          {
            id,
            name,
            camera: { ...camera, rotation: camera.rotation as Mat3 },
            thumbnailUrl,
            pictureUrl,
            isHeldOut: false,
          },
        ],
  );
  return createPhotoPath(posed);
}

/** Whether the cameras that the path goes through are the same: other changes of a photo, such as its thumbnail, are none of its business. */
export function haveSameCameras(a: readonly Photo[], b: readonly Photo[]): boolean {
  return (
    a.length === b.length &&
    a.every((photo, i) => {
      const other = b[i] as Photo;
      return (
        photo.id === other.id &&
        photo.role === other.role &&
        (photo.status === 'failed') === (other.status === 'failed') &&
        (photo.camera === other.camera || JSON.stringify(photo.camera) === JSON.stringify(other.camera))
      );
    })
  );
}
