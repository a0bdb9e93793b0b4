import type { PointCloud } from '../../engine/scene/point-cloud.js';

/** Points as electron/ipc/media.ts lays them out: u32 count, float32 positions [N,3], u8 colours [N,3]; little-endian. */
export function encodePoints({ count, positions, colors }: PointCloud): ArrayBuffer {
  const bytes = new ArrayBuffer(4 + count * 15);
  new Uint32Array(bytes, 0, 1)[0] = count;
  new Float32Array(bytes, 4, count * 3).set(positions.subarray(0, count * 3));
  new Uint8Array(bytes, 4 + count * 12).set(colors.subarray(0, count * 3));
  return bytes;
}
