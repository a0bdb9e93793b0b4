/** 3D Gaussian splats into the .splat of antimatter15's viewer: 32 bytes a record, no spherical harmonics above degree 0. */
import type { Splats } from '../scene/splats.js';
import { assertSplatsShape, SH_C0, shCoefficientCount } from '../scene/splats.js';
import { markUsableSplats } from './splat-validity.js';

const RECORD_BYTES = 32;

export interface WrittenSplat {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly writtenCount: number;
  /** Records with NaN, infinity or a zero quaternion, left out. */
  readonly droppedCount: number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Volume times opacity, largest first: viewers show what has arrived so far. */
function orderByImportance(splats: Splats, usable: Uint32Array): Uint32Array {
  const importance = new Float64Array(splats.count);
  for (const i of usable) {
    const [x, y, z] = [splats.logScales[i * 3], splats.logScales[i * 3 + 1], splats.logScales[i * 3 + 2]];
    importance[i] = Math.exp((x as number) + (y as number) + (z as number)) * sigmoid(splats.rawOpacities[i] as number);
  }
  return usable.slice().sort((a, b) => (importance[b] as number) - (importance[a] as number) || a - b);
}

/**
 * Writes a `.splat`, little-endian: f32 x y z, f32 standard deviations, u8 red green blue opacity, u8 quaternion w x y z as 128 + 128 q,
 * in the order of volume times opacity. Colours and opacities are rounded to 8 bits, colours clipped to 0..1. A record with NaN, infinity
 * or a zero quaternion is dropped and counted.
 *
 * @throws ShapeError when the arrays do not fit the count.
 * Layout: https://github.com/antimatter15/splat, convert.py.
 */
export function writeSplat(splats: Splats): WrittenSplat {
  assertSplatsShape(splats);
  const order = orderByImportance(splats, markUsableSplats(splats));
  const bytes = new Uint8Array(order.length * RECORD_BYTES);
  // Stores clipped and rounded.
  const small = new Uint8ClampedArray(bytes.buffer);
  const view = new DataView(bytes.buffer);
  const stride = shCoefficientCount(splats.shDegree) * 3;
  order.forEach((i, record) => {
    const at = record * RECORD_BYTES;
    for (let k = 0; k < 3; k++) {
      view.setFloat32(at + k * 4, splats.means[i * 3 + k] as number, true);
      view.setFloat32(at + 12 + k * 4, Math.exp(splats.logScales[i * 3 + k] as number), true);
      small[at + 24 + k] = 255 * (0.5 + SH_C0 * (splats.shCoeffs[i * stride + k] as number));
    }
    small[at + 27] = 255 * sigmoid(splats.rawOpacities[i] as number);
    const quat = splats.quats.subarray(i * 4, i * 4 + 4);
    const length = Math.hypot(...quat);
    quat.forEach((value, k) => (small[at + 28 + k] = 128 + (128 * value) / length));
  });
  return { bytes, writtenCount: order.length, droppedCount: splats.count - order.length };
}
