import { PIXEL_CENTRE } from '../../math/conventions.js';
import { MAX_ALPHA, MIN_ALPHA, MIN_TRANSMITTANCE } from '../contract.js';
import type { ProjectedGaussian } from './projection.js';
import type { Shade } from './shading.js';

/** The steps of the forward model. Tests of derivatives lower them to 0 and so smooth them away; nothing else may. */
export interface Cutoffs {
  readonly minAlpha: number;
  readonly minTransmittance: number;
}

export const CONTRACT_CUTOFFS: Cutoffs = { minAlpha: MIN_ALPHA, minTransmittance: MIN_TRANSMITTANCE };

/** A Gaussian ready to be blended. */
export interface VisibleGaussian {
  readonly projected: ProjectedGaussian;
  readonly shade: Shade;
  /** Activated, times dropout's factor: may exceed 1. */
  readonly opacity: number;
}

/** What one Gaussian does to one pixel. */
export interface Contribution {
  /** Place in the list of visible Gaussians. */
  readonly place: number;
  /** Pixel centre − mean2d, px. */
  readonly offset: readonly [number, number];
  /** exp(−½ dᵀ conic d) */
  readonly falloff: number;
  readonly alpha: number;
  /** α was cut to MAX_ALPHA. */
  readonly clipped: boolean;
  /** T before this Gaussian. */
  readonly transmittance: number;
}

/** Contributions of one pixel front to back, and the T that is left for the background. */
export interface PixelBlend {
  readonly contributions: readonly Contribution[];
  readonly transmittance: number;
}

/** Front to back by p.z, ties by lower index. A sorted copy. */
export function sortByDepth(gaussians: readonly VisibleGaussian[]): VisibleGaussian[] {
  return [...gaussians].sort(
    ({ projected: a }, { projected: b }) => a.pointInCamera[2] - b.pointInCamera[2] || a.index - b.index,
  );
}

/**
 * Walks all Gaussians front to back at pixel (column, row): α = min(MAX_ALPHA, opacity · exp(−½ dᵀ conic d)) with d measured from the
 * mean to the pixel's centre; α under minAlpha is skipped; the walk ends before T (1 − α) would fall under minTransmittance.
 *
 * @param sorted as {@link sortByDepth} orders them.
 */
export function blendPixel(
  sorted: readonly VisibleGaussian[],
  column: number,
  row: number,
  cutoffs: Cutoffs,
): PixelBlend {
  const contributions: Contribution[] = [];
  let transmittance = 1;
  for (let place = 0; place < sorted.length; place++) {
    const { projected, opacity } = sorted[place] as VisibleGaussian;
    const dx = column + PIXEL_CENTRE - projected.mean2d[0];
    const dy = row + PIXEL_CENTRE - projected.mean2d[1];
    const [a, b, c] = projected.conic;
    const falloff = Math.exp(-0.5 * (a * dx * dx + 2 * b * dx * dy + c * dy * dy));
    const unclipped = opacity * falloff;
    const alpha = Math.min(MAX_ALPHA, unclipped);
    if (!(alpha >= cutoffs.minAlpha)) continue;
    const next = transmittance * (1 - alpha);
    if (next < cutoffs.minTransmittance) break;
    contributions.push({ place, offset: [dx, dy], falloff, alpha, clipped: unclipped > MAX_ALPHA, transmittance });
    transmittance = next;
  }
  return { contributions, transmittance };
}
