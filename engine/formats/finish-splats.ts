/** The last step of every reader of splats. */
import type { Splats } from '../scene/splats.js';
import { selectSplats } from '../scene/splats.js';
import { limitShDegree, usedShDegree } from '../scene/transform-splats.js';
import { markUsableSplats } from './splat-validity.js';

/** What a reader of splats returns. */
export interface ReadSplats {
  /** Trailing SH bands that are zero throughout (padding) are left out. */
  readonly splats: Splats;
  /** Degree that the file has room for; at least `splats.shDegree`. */
  readonly storedShDegree: number;
  /** Records with NaN, infinity or a zero quaternion, left out. */
  readonly droppedCount: number;
}

/** Raw opacity for a stored ±infinity (opacity 0 or 1): sigmoid(±20) differs from them by 2e-9. */
const SATURATED_LOGIT = 20;
/** Log scale for a stored −infinity (a Gaussian flat in one direction). */
const FLAT_LOG_SCALE = -30;

/** Infinite opacity logits and −∞ log scales are legitimate ends of their ranges, written by converters from linear formats. */
function bringInEnds(splats: Splats): void {
  const { rawOpacities, logScales } = splats;
  for (let i = 0; i < rawOpacities.length; i++)
    if (Math.abs(rawOpacities[i] as number) === Infinity)
      rawOpacities[i] = Math.sign(rawOpacities[i] as number) * SATURATED_LOGIT;
  for (let i = 0; i < logScales.length; i++) if (logScales[i] === -Infinity) logScales[i] = FLAT_LOG_SCALE;
}

/**
 * Makes records as a file holds them fit for use: infinite opacity logits and −∞ log scales become large finite numbers (in place), zero
 * bands of spherical harmonics are cut off, and every record with another NaN or infinity is dropped and counted.
 */
export function finishReadSplats(stored: Splats): ReadSplats {
  bringInEnds(stored);
  const trimmed = limitShDegree(stored, usedShDegree(stored));
  const usable = markUsableSplats(trimmed);
  const splats = usable.length === trimmed.count ? trimmed : selectSplats(trimmed, usable);
  return { splats, storedShDegree: stored.shDegree, droppedCount: stored.count - splats.count };
}
