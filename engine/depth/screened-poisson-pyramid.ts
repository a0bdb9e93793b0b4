/** From one level of the screened Poisson pyramid to the next and back. */
import type { EdgeWeights, ScreenedPoissonProblem } from './screened-poisson-problem.js';

/**
 * The same problem at half the size: w and w t averaged over blocks of 2 × 2 (fewer at odd borders), λ / 4. With a field that is linear
 * between block centres, a fine edge sees half the coarse difference and there are four of them per coarse edge, against four data terms
 * per block: hence the quarter. Edge weights are conductances: crossing a block border costs a crossing edge and half of each block's
 * inner one, in series; the two rows (or columns) count in parallel.
 */
export function coarsenProblem(problem: ScreenedPoissonProblem): ScreenedPoissonProblem {
  const { width, height } = problem;
  const coarseWidth = Math.ceil(width / 2);
  const coarseHeight = Math.ceil(height / 2);
  const weights = new Float32Array(coarseWidth * coarseHeight);
  const targets = new Float32Array(coarseWidth * coarseHeight);
  for (let y = 0; y < coarseHeight; y++) {
    for (let x = 0; x < coarseWidth; x++) {
      let weight = 0;
      let product = 0;
      let count = 0;
      for (let v = 2 * y; v < Math.min(height, 2 * y + 2); v++) {
        for (let u = 2 * x; u < Math.min(width, 2 * x + 2); u++) {
          const w = problem.weights[v * width + u] as number;
          count++;
          weight += w;
          if (w > 0) product += w * (problem.targets[v * width + u] as number);
        }
      }
      weights[y * coarseWidth + x] = weight / count;
      targets[y * coarseWidth + x] = weight > 0 ? product / weight : 0;
    }
  }
  const edges = problem.edges ? coarsenEdges(problem.edges, width, height, coarseWidth, coarseHeight) : null;
  return { width: coarseWidth, height: coarseHeight, weights, targets, smoothness: problem.smoothness / 4, edges };
}

function coarsenEdges(
  { right, down }: EdgeWeights,
  width: number,
  height: number,
  coarseWidth: number,
  coarseHeight: number,
): EdgeWeights {
  const coarse = {
    right: new Float32Array(coarseWidth * coarseHeight),
    down: new Float32Array(coarseWidth * coarseHeight),
  };
  for (let y = 0; y < coarseHeight; y++) {
    for (let x = 0; x < coarseWidth; x++) {
      const i = y * coarseWidth + x;
      const [u, v] = [2 * x, 2 * y];
      if (x + 1 < coarseWidth) {
        let sum = 0;
        const rows = Math.min(2, height - v);
        for (let k = 0; k < rows; k++) {
          const at = (v + k) * width + u;
          const beyond = u + 3 < width ? (right[at + 2] as number) : 1;
          sum += inSeries(right[at] as number, right[at + 1] as number, beyond);
        }
        coarse.right[i] = sum / rows;
      }
      if (y + 1 < coarseHeight) {
        let sum = 0;
        const columns = Math.min(2, width - u);
        for (let k = 0; k < columns; k++) {
          const at = v * width + u + k;
          const beyond = v + 3 < height ? (down[at + 2 * width] as number) : 1;
          sum += inSeries(down[at] as number, down[at + width] as number, beyond);
        }
        coarse.down[i] = sum / columns;
      }
    }
  }
  return coarse;
}

function inSeries(inner: number, crossing: number, beyond: number): number {
  if (inner === 0 || crossing === 0 || beyond === 0) return 0;
  return 1 / (0.25 / inner + 0.5 / crossing + 0.25 / beyond);
}

/** Bilinear, block centres kept: fine pixel x lies at (x − 0.5) / 2 of the coarse grid; held beyond the border. */
export function upsampleField(
  field: Float32Array,
  coarseWidth: number,
  coarseHeight: number,
  width: number,
  height: number,
): Float32Array {
  const result = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const v = Math.min(coarseHeight - 1, Math.max(0, (y - 0.5) / 2));
    const v0 = Math.floor(v);
    const v1 = Math.min(coarseHeight - 1, v0 + 1);
    for (let x = 0; x < width; x++) {
      const u = Math.min(coarseWidth - 1, Math.max(0, (x - 0.5) / 2));
      const u0 = Math.floor(u);
      const u1 = Math.min(coarseWidth - 1, u0 + 1);
      const [s, t] = [u - u0, v - v0];
      const top = (1 - s) * (field[v0 * coarseWidth + u0] as number) + s * (field[v0 * coarseWidth + u1] as number);
      const bottom = (1 - s) * (field[v1 * coarseWidth + u0] as number) + s * (field[v1 * coarseWidth + u1] as number);
      result[y * width + x] = (1 - t) * top + t * bottom;
    }
  }
  return result;
}
