/** A photo, its network's depth and its anchors at a fraction of their size, for questions that need no detail. */
import type { DepthAnchors } from '../scene/depth-anchors.js';

/** The whole number by which both sides are divided so that at most `pixels` are left, or a little more. */
export function chooseShrinkage(width: number, height: number, pixels: number): number {
  return Math.max(1, Math.ceil(Math.sqrt((width * height) / pixels)));
}

/**
 * Means over blocks of `factor` × `factor` pixels; blocks at the right and lower border may be smaller.
 *
 * @param data [H, W, channels] @returns [⌈H / factor⌉, ⌈W / factor⌉, channels]; NaN spreads over its block.
 */
export function shrinkImage(
  data: Float32Array,
  size: { readonly width: number; readonly height: number; readonly channels: number },
  factor: number,
): { readonly width: number; readonly height: number; readonly data: Float32Array } {
  const { channels } = size;
  const [width, height] = [Math.ceil(size.width / factor), Math.ceil(size.height / factor)];
  const sums = new Float64Array(width * height * channels);
  const counts = new Uint32Array(width * height);
  for (let y = 0; y < size.height; y++) {
    const row = Math.floor(y / factor) * width;
    for (let x = 0; x < size.width; x++) {
      const block = row + Math.floor(x / factor);
      counts[block]!++;
      for (let c = 0; c < channels; c++)
        sums[block * channels + c]! += data[(y * size.width + x) * channels + c] as number;
    }
  }
  return {
    width,
    height,
    data: Float32Array.from(sums, (sum, i) => sum / (counts[Math.floor(i / channels)] as number)),
  };
}

/** The same anchors in the shrunk picture's pixels. */
export function shrinkAnchors(sets: readonly DepthAnchors[], factor: number): DepthAnchors[] {
  return sets.map((anchors) => ({ ...anchors, pixels: anchors.pixels.map((value) => value / factor) }));
}
