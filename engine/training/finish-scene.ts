/** Brings a scene under its budget. */
import type { Splats } from '../scene/splats.js';
import { selectSplats } from '../scene/splats.js';

/**
 * Indices of the `maxSplats` Gaussians that matter most, judged by opacity × largest cross-section (what they can cover at most);
 * ties fall to the lower index. Ascending.
 */
export function findWorthiest(splats: Splats, maxSplats: number): number[] {
  const worth = Float64Array.from({ length: splats.count }, (_, i) => {
    const scales = [...splats.logScales.subarray(i * 3, i * 3 + 3)].sort((a, b) => b - a) as [number, number, number];
    return scales[0] + scales[1] - Math.log1p(Math.exp(-splats.rawOpacities[i]!));
  });
  const order = Array.from({ length: splats.count }, (_, i) => i).sort((a, b) => worth[b]! - worth[a]! || a - b);
  return order.slice(0, maxSplats).sort((a, b) => a - b);
}

/** Keeps the {@link findWorthiest} `maxSplats` Gaussians, in their order. */
export function thinToBudget(splats: Splats, maxSplats: number): Splats {
  return splats.count <= maxSplats ? splats : selectSplats(splats, findWorthiest(splats, maxSplats));
}

/** Leaves out Gaussians too transparent to be seen. */
export function pruneTransparent(splats: Splats, minOpacity: number): Splats {
  const threshold = Math.log(minOpacity / (1 - minOpacity));
  const kept: number[] = [];
  for (let i = 0; i < splats.count; i++) if (splats.rawOpacities[i]! >= threshold) kept.push(i);
  return kept.length === splats.count ? splats : selectSplats(splats, kept);
}
