/** From what the host sends to what the viewer takes. */
import type { Photo } from '../../../electron/ipc/contract.js';
import type { Mat3 } from '../../../engine/math/rigid-transform.js';
import type { PointCloud } from '../../../engine/scene/point-cloud.js';
import type { ViewerPhoto } from '../../viewer/viewer-contract.js';

/** Photos with a camera, as the viewer draws them. */
export function viewerPhotos(photos: readonly Photo[]): ViewerPhoto[] {
  return photos.flatMap(({ id, name, camera, thumbnailUrl, pictureUrl, role }) => {
    if (camera === null || role === 'left-out') return [];
    const { fx, fy, cx, cy, width, height, translation } = camera;
    const rotation = camera.rotation as Mat3;
    return [
      {
        id,
        name,
        camera: { fx, fy, cx, cy, width, height, rotation, translation },
        thumbnailUrl,
        pictureUrl,
        isHeldOut: role === 'held-out',
      },
    ];
  });
}

/** Points as `electron/ipc/media.ts` lays them out; null when the bytes are something else. */
export function decodePoints(bytes: ArrayBuffer): PointCloud | null {
  if (bytes.byteLength < 4) return null;
  const count = new DataView(bytes).getUint32(0, true);
  if (bytes.byteLength !== 4 + count * 15) return null;
  return {
    count,
    positions: new Float32Array(bytes, 4, count * 3),
    colors: new Uint8Array(bytes, 4 + count * 12, count * 3),
  };
}
