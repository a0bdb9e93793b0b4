/** The crop box: an upright box whose inside is kept. */
import type { Vec3 } from '../../../engine/math/rigid-transform.js';
import type { CropBox } from '../../../engine/scene/edits-document.js';
import { uprightRotation } from '../../../engine/scene/edits-document.js';
import type { Splats } from '../../../engine/scene/splats.js';

/** Share of the Gaussians left outside at either end of an axis when a box is fitted: stray ones must not make it huge. */
const STRAY_SHARE = 0.005;
const PADDING = 0.05;
const MAX_SAMPLES = 100_000;

/** [N] 1: outside of the box. Centres decide; a mean that is no number is outside. */
export function findOutside(splats: Pick<Splats, 'count' | 'means'>, crop: CropBox): Uint8Array {
  const { means, count } = splats;
  const r = uprightRotation(crop.up);
  const [min, max] = [crop.min, crop.max];
  const outside = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [means[i * 3]!, means[i * 3 + 1]!, means[i * 3 + 2]!];
    // The transpose: uprightFromWorld.
    const a = r[0] * x + r[3] * y + r[6] * z;
    const b = r[1] * x + r[4] * y + r[7] * z;
    const c = r[2] * x + r[5] * y + r[8] * z;
    const isInside = a >= min[0] && a <= max[0] && b >= min[1] && b <= max[1] && c >= min[2] && c <= max[2];
    outside[i] = isInside ? 0 : 1;
  }
  return outside;
}

/** A box around what is not hidden, but for strays. */
export function fitCrop(splats: Pick<Splats, 'count' | 'means'>, hidden: Uint8Array | null, up: Vec3): CropBox {
  const { means, count } = splats;
  const r = uprightRotation(up);
  const stride = Math.max(1, Math.floor(count / MAX_SAMPLES));
  const axes: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < count; i += stride) {
    if (hidden?.[i] === 1) continue;
    const mean = [means[i * 3]!, means[i * 3 + 1]!, means[i * 3 + 2]!];
    if (!mean.every(Number.isFinite)) continue;
    for (const axis of [0, 1, 2] as const) {
      axes[axis].push(r[axis] * mean[0]! + r[3 + axis]! * mean[1]! + r[6 + axis]! * mean[2]!);
    }
  }
  const ranges = axes.map((values): [number, number] => {
    if (values.length === 0) return [-1, 1];
    values.sort((a, b) => a - b);
    const stray = Math.floor(values.length * STRAY_SHARE);
    const [low, high] = [values[stray]!, values[values.length - 1 - stray]!];
    const padding = Math.max((high - low) * PADDING, 1e-6);
    return [low - padding, high + padding];
  });
  return { min: ranges.map(([low]) => low) as Vec3, max: ranges.map(([, high]) => high) as Vec3, up };
}

/** One face moved; faces never pass each other. */
export function moveFace(crop: CropBox, axis: 0 | 1 | 2, end: 'min' | 'max', value: number): CropBox {
  const moved = [...crop[end]] as Vec3;
  moved[axis] = end === 'min' ? Math.min(value, crop.max[axis]) : Math.max(value, crop.min[axis]);
  return { ...crop, [end]: moved };
}
