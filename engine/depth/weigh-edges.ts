/** Edges between pixels that a surface probably does not cross, told from the photo. */
import type { RgbImage } from '../scene/view.js';
import type { EdgeWeights } from './screened-poisson-problem.js';

export interface EdgeSteps {
  /** An edge between pixels whose colours differ by this (0..1, Euclidean) weighs exp(−1/2). */
  readonly colour: number;
  /** Log depths that differ by this weigh the same; not read without depths. */
  readonly logDepth: number;
  /** No edge weighs less. */
  readonly least: number;
}

/**
 * Weights `max(least, exp(−½ (|Δcolour|² / colour² + (Δlog z)² / logDepth²)))` of the edges between neighbouring pixels.
 *
 * @param depth [H, W] or null: the photo alone. Pairs with a depth that is not positive go by colour.
 */
export function weighEdges(
  { width, height, data }: RgbImage,
  depth: Float32Array | null,
  steps: EdgeSteps,
): EdgeWeights {
  const weigh = (p: number, q: number): number => {
    let squares = 0;
    for (let c = 0; c < 3; c++)
      squares += (((data[3 * p + c] as number) - (data[3 * q + c] as number)) / steps.colour) ** 2;
    const [zp, zq] = depth ? [depth[p] as number, depth[q] as number] : [0, 0];
    if (zp > 0 && zq > 0) squares += (Math.log(zp / zq) / steps.logDepth) ** 2;
    const weight = Math.exp(-squares / 2);
    // NaN in a photo must not become one in the field.
    return weight > steps.least ? weight : steps.least;
  };
  const edges = { right: new Float32Array(width * height), down: new Float32Array(width * height) };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (x + 1 < width) edges.right[i] = weigh(i, i + 1);
      if (y + 1 < height) edges.down[i] = weigh(i, i + width);
    }
  }
  return edges;
}
