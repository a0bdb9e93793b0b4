/** Which records of a scene may leave it or enter it. */
import type { Splats } from '../scene/splats.js';
import { shCoefficientCount } from '../scene/splats.js';

/** exp(2 · 44) is the largest variance that float32 holds. */
const MAX_LOG_SCALE = 44;

function allFinite(values: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/**
 * Indices, ascending, of the records whose every number is finite, whose variance exp(2 logScale) is representable in
 * float32 and whose quaternion has a direction. NaN and infinity anywhere in a record make it unusable.
 */
export function markUsableSplats(splats: Splats): Uint32Array {
  const shStride = shCoefficientCount(splats.shDegree) * 3;
  const usable = new Uint32Array(splats.count);
  let count = 0;
  for (let i = 0; i < splats.count; i++) {
    const quatLength = Math.hypot(...splats.quats.subarray(i * 4, i * 4 + 4));
    const isUsable =
      quatLength > 0 &&
      Number.isFinite(quatLength) &&
      Number.isFinite(splats.rawOpacities[i]) &&
      allFinite(splats.means, i * 3, i * 3 + 3) &&
      allFinite(splats.logScales, i * 3, i * 3 + 3) &&
      Math.max(...splats.logScales.subarray(i * 3, i * 3 + 3)) <= MAX_LOG_SCALE &&
      allFinite(splats.shCoeffs, i * shStride, (i + 1) * shStride);
    if (isUsable) usable[count++] = i;
  }
  return usable.slice(0, count);
}
