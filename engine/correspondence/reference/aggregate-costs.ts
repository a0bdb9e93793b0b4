/** Semi-global aggregation (Hirschmüller 2008, "Stereo Processing by Semiglobal Matching and Mutual Information", eq. 13). */
import type { View } from '../../scene/view.js';
import { colorAt, lumaOfColor } from './plane-sweep.js';

const SMALL_PENALTY = 0.2;
const LARGE_PENALTY = 2.4;
/** Luma step (0..1) at which P2 has halved. */
const EDGE_SCALE = 40 / 255;

const DIRECTIONS: readonly (readonly [number, number])[] = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, 1],
  [-1, 1],
  [1, -1],
  [-1, -1],
];

/**
 * Sums of the path costs over 8 directions, [H, W, planes]:
 * L(p, d) = C(p, d) + min(L(q, d), L(q, d ± 1) + P1, min L(q, ·) + P2) − min L(q, ·), q the pixel before p;
 * P2 falls with the luma step between p and q, to no less than 1.5 P1.
 */
export function aggregateCosts(reference: View, costs: Float64Array, planes: number): Float64Array {
  const { width, height } = reference.image;
  const sums = new Float64Array(costs.length);
  const luma = (x: number, y: number): number => lumaOfColor(colorAt(reference, x, y));
  for (const [dx, dy] of DIRECTIONS) {
    const path = new Float64Array(costs.length);
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const y = dy < 0 ? height - 1 - i : i;
        const x = dx < 0 ? width - 1 - j : j;
        const here = (y * width + x) * planes;
        const [qx, qy] = [x - dx, y - dy];
        const isFirst = qx < 0 || qy < 0 || qx >= width || qy >= height;
        const before = isFirst ? [] : [...path.subarray((qy * width + qx) * planes, (qy * width + qx + 1) * planes)];
        const least = Math.min(...before);
        const jump = isFirst
          ? 0
          : Math.max(1.5 * SMALL_PENALTY, LARGE_PENALTY / (1 + Math.abs(luma(x, y) - luma(qx, qy)) / EDGE_SCALE));
        for (let d = 0; d < planes; d++) {
          const cost = costs[here + d] as number;
          const step = Math.min(before[d - 1] ?? Infinity, before[d + 1] ?? Infinity) + SMALL_PENALTY;
          path[here + d] = isFirst ? cost : cost + Math.min(before[d] as number, step, least + jump) - least;
          sums[here + d] = (sums[here + d] as number) + (path[here + d] as number);
        }
      }
    }
  }
  return sums;
}

/** Plane of least sum, refined by the parabola through its neighbours, and that sum / 8 (at most 1). */
export function pickWinner(sums: Float64Array, pixel: number, planes: number): { plane: number; cost: number } {
  const own = sums.subarray(pixel * planes, (pixel + 1) * planes);
  let winner = 0;
  own.forEach((sum, plane) => {
    if (sum < (own[winner] as number)) winner = plane;
  });
  const [before, at, after] = [own[winner - 1], own[winner] as number, own[winner + 1]];
  let plane = winner;
  if (before !== undefined && after !== undefined && before + after - 2 * at > 0)
    plane += (0.5 * (before - after)) / (before + after - 2 * at);
  return { plane, cost: Math.min(1, at / DIRECTIONS.length) };
}
