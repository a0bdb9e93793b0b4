/** How deep the scene is under a place of the picture, and how sure that is: the layers of Gaussians along one ray. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMatVec, transposeMat } from '../../engine/math/rigid-transform.js';
import { rotationOfQuaternion } from '../../engine/math/conventions.js';
import type { Splats } from '../../engine/scene/splats.js';

/** A Gaussian that a ray goes through. */
export interface RayLayer {
  readonly depth: number;
  readonly alpha: number;
  /** Its standard deviation along the ray, in the scene's unit. */
  readonly thickness: number;
}

export interface DepthProfile {
  /** Where the light of the pixel is half used up. */
  readonly depth: number;
  /** Half of the depths between which lies all but 16 % at either end: one standard deviation, were the layers spread normally. */
  readonly spread: number;
  /** Of the layers in between, root mean square by their weights. */
  readonly thickness: number;
}

/**
 * `w_i = α_i Π_{j<i} (1 − α_j)`, front to back. The depth is where the transmittance passes one half, as the viewer picks it; quantiles are of
 * the light that is used up in all, so that what shines through far behind does not count.
 *
 * @returns null where the light is never half used up: there is nothing to measure.
 */
export function depthProfile(layers: readonly RayLayer[]): DepthProfile | null {
  const sorted = [...layers].sort((a, b) => a.depth - b.depth);
  let transmittance = 1;
  let depth: number | null = null;
  const weighted = sorted.map((layer) => {
    const weight = transmittance * layer.alpha;
    transmittance *= 1 - layer.alpha;
    if (depth === null && transmittance < 0.5) depth = layer.depth;
    return { ...layer, weight };
  });
  if (depth === null) return null;
  const total = 1 - transmittance;
  const at = (share: number): number => {
    let used = 0;
    for (const layer of weighted) {
      used += layer.weight;
      if (used >= share * total) return layer.depth;
    }
    return sorted.at(-1)?.depth ?? 0;
  };
  const [low, high] = [at(0.16), at(0.84)];
  const within = weighted.filter((layer) => layer.depth >= low && layer.depth <= high);
  const weights = within.reduce((sum, { weight }) => sum + weight, 0);
  const squares = within.reduce((sum, { weight, thickness }) => sum + weight * thickness * thickness, 0);
  return { depth, spread: (high - low) / 2, thickness: weights > 0 ? Math.sqrt(squares / weights) : 0 };
}

/** Standard deviation of a Gaussian along a line through it: `1 / √(dᵀ Σ⁻¹ d)`, `d` of unit length in the scene's frame. */
export function thicknessAlong(splats: Splats, index: number, direction: Readonly<Vec3>): number {
  const quaternion = [0, 1, 2, 3].map((k) => splats.quats[index * 4 + k]) as [number, number, number, number];
  const along = multiplyMatVec(transposeMat(rotationOfQuaternion(quaternion)), direction);
  const sum = along.reduce((total, value, k) => {
    const share = value / Math.exp(splats.logScales[index * 3 + k] as number);
    return total + share * share;
  }, 0);
  return 1 / Math.sqrt(sum);
}
