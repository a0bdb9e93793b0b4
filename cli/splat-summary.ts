import type { SplatPly } from '../engine/formats/read-splat-ply.js';

export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

export interface SplatSummary {
  readonly count: number;
  readonly shDegree: number;
  readonly storedShDegree: number;
  readonly droppedCount: number;
  /** Of the means; null for an empty scene. */
  readonly bounds: { readonly min: readonly number[]; readonly max: readonly number[] } | null;
  /** 5th, 50th and 95th percentile of 0..1. */
  readonly opacity: Spread;
  /** The same of each Gaussian's largest standard deviation, world units. */
  readonly scale: Spread;
  readonly comments: readonly string[];
}

function spreadOf(values: Float32Array): Spread {
  const sorted = values.slice().sort();
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)] ?? NaN;
  return { low: at(0.05), median: at(0.5), high: at(0.95) };
}

/** The numbers that tell what a splat file holds. */
export function summarizeSplats({ splats, storedShDegree, droppedCount, comments }: SplatPly): SplatSummary {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  const largest = new Float32Array(splats.count);
  for (let i = 0; i < splats.count; i++) {
    for (let axis = 0; axis < 3; axis++) {
      const value = splats.means[i * 3 + axis] as number;
      min[axis] = Math.min(min[axis] as number, value);
      max[axis] = Math.max(max[axis] as number, value);
    }
    largest[i] = Math.exp(Math.max(...splats.logScales.subarray(i * 3, i * 3 + 3)));
  }
  return {
    count: splats.count,
    shDegree: splats.shDegree,
    storedShDegree,
    droppedCount,
    bounds: splats.count === 0 ? null : { min, max },
    opacity: spreadOf(splats.rawOpacities.map((raw) => 1 / (1 + Math.exp(-raw)))),
    scale: spreadOf(largest),
    comments,
  };
}
