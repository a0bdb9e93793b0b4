/** How far below a radar the ground is, as its own near returns tell. */
import type { Vec3 } from '../math/rigid-transform.js';
import { dot, unit } from '../math/vectors.js';
import type { SensorPoints } from '../scene/sensor-points.js';
import { returnPosition } from './radar-returns.js';

export interface RadarGround {
  /** Along `up` in the sensor's frame; negative, since the ground is below. */
  readonly height: number;
  /** Effective number of returns that lie there. */
  readonly support: number;
}

/** Farther returns tell height worse than a kerb is high. */
const FARTHEST = 15;
const HEIGHT_STEP = 0.02;
/** The ground is looked for between these heights: bumpers, roofs of lorries, tripods. */
const LOWEST = -4;
const HIGHEST = -0.1;
/** Share of near returns that must lie at the ground found, and the share that may lie clearly below it (mirror images in wet roads do). */
const LEAST_SHARE = 0.1;
const MOST_BELOW = 0.25;

/**
 * The height at which most of the near returns lie, each spread by its own uncertainty `hypot(0.1, r σ_el)`: roads, kerbs and the feet of
 * things return more than any other height. The road is taken as level with the sensor (across `up`).
 *
 * @param use whether return i counts: moving ones should not.
 * @returns null when no height stands out, as before a wall, or when much lies clearly below it.
 */
export function estimateRadarGround(
  points: SensorPoints,
  up: Readonly<Vec3>,
  elevationSigmaRad: number,
  use: (i: number) => boolean,
): RadarGround | null {
  const axis = unit(up);
  const near: { height: number; sigma: number }[] = [];
  for (let i = 0; i < points.count; i++) {
    const place = returnPosition(points, i);
    const range = Math.hypot(...place);
    if (!use(i) || !(range > 0 && range < FARTHEST)) continue;
    near.push({ height: dot(place, axis), sigma: Math.hypot(0.1, range * elevationSigmaRad) });
  }
  const bell = (t: number): number => Math.exp(-0.5 * t * t);
  let best = { height: 0, density: 0 };
  for (let height = LOWEST; height <= HIGHEST; height += HEIGHT_STEP) {
    const density = near.reduce((sum, r) => sum + bell((height - r.height) / r.sigma) / r.sigma, 0);
    if (density > best.density) best = { height, density };
  }
  const support = near.reduce((sum, r) => sum + bell((best.height - r.height) / r.sigma), 0);
  const below = near.filter((r) => r.height < best.height - 3 * r.sigma).length;
  if (!(support >= LEAST_SHARE * near.length && support >= 5) || below > MOST_BELOW * near.length) return null;
  // A density still rising at the border belongs to something above, not to the ground.
  return best.height > HIGHEST - 2 * HEIGHT_STEP ? null : { height: best.height, support };
}
