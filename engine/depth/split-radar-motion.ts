/** Which radar returns moved over the ground, by the file's compensated speeds or by the radar's own motion found from Doppler. */
import type { Vec3 } from '../math/rigid-transform.js';
import { median } from '../math/median.js';
import type { SensorPoints } from '../scene/sensor-points.js';
import type { EgoMotion, EgoMotionFailure, EgoMotionOptions } from './radar-ego-motion.js';
import { directionSpeedSigma, estimateEgoMotion, staticRadialSpeed } from './radar-ego-motion.js';
import type { RadarRays } from './radar-returns.js';
import { radarField, radarRays } from './radar-returns.js';

/** What a file means by a positive radial speed. Some makers count approaching as positive. */
export type RadialSpeedSign = 'receding' | 'approaching';

export interface SplitRadarOptions extends EgoMotionOptions {
  /** |compensated speed| above this, m/s, is moving; 0.5 when left out. */
  readonly movingSpeed?: number;
  /** What a positive radial speed means; 'detect' (when left out) asks the known velocity, then the compensated speeds, then takes 'receding'. */
  readonly sign?: RadialSpeedSign | 'detect';
  /** The sensor's own velocity in its frame, m/s, from poses (a lever arm p adds ω × p to the vehicle's); null when unknown. */
  readonly knownVelocity?: Readonly<Vec3> | null;
}

export interface RadarMotion {
  /** [N] m/s along the ray without the sensor's motion, positive when receding; NaN where nothing tells it. */
  readonly compensatedRadialSpeed: Float64Array;
  /** [N] 1: moved over the ground. Returns without a speed count as static. */
  readonly moving: Uint8Array;
  /** Where the compensated speeds are from; 'none': neither the file nor Doppler tells, and nothing counts as moving. */
  readonly source: 'file' | 'known-velocity' | 'doppler' | 'none';
  readonly sign: RadialSpeedSign;
  readonly signFrom: 'option' | 'known-velocity' | 'compensated-speeds' | 'assumed';
  /** The velocity from Doppler alone, also where it was not needed; null when the file has no radial speeds. */
  readonly egoMotion: EgoMotion | EgoMotionFailure | null;
  /** Along the mean direction of the returns the sensor moves backward: a hint that the sign was assumed wrongly. */
  readonly movesBackward: boolean;
  /** Against the file's compensated speeds; null where there are none, or no velocity was found. */
  readonly agreement: CompensationAgreement | null;
  /** |Doppler's − known velocity|, m/s; above 0.5 calibration or clocks are wrong. Null unless both are there. */
  readonly velocityDisagreement: number | null;
}

/** Compensated speeds from Doppler against those of the file. */
export interface CompensationAgreement {
  readonly count: number;
  /** m/s */
  readonly medianDifference: number;
  readonly p90Difference: number;
  /** Share of returns that both call static or both call moving. */
  readonly splitAgreement: number;
}

/** Compensated speeds that leave more than this of the measured ones unexplained, RMS m/s, are in no relation to them. */
const WORST_COMPENSATION = 0.5;
/** m/s: slower than this a velocity tells no sign. */
const LEAST_TELLING_SPEED = 0.3;
/** A return's compensated speed must exceed this many times what the error of its direction explains. */
const DIRECTION_SIGMAS = 3;

/**
 * Least squares of `−d · v` to v_r − s v_compensated over all returns, static or not: exact when both are of one convention (s = 1) or of
 * opposite ones (s = −1).
 */
function explainCompensation(rays: RadarRays, raw: Float64Array, file: ArrayLike<number>, s: 1 | -1): number {
  const difference = raw.map((speed, i) => speed - s * (file[i] as number));
  const fit = estimateEgoMotion({ directions: rays.directions, radialSpeed: difference });
  if (fit.kind === 'failed') return Infinity;
  const squares: number[] = [];
  difference.forEach((speed, i) => {
    const residual = speed - staticRadialSpeed(directionOf(rays, i), fit.velocity);
    if (Number.isFinite(residual)) squares.push(residual * residual);
  });
  return Math.sqrt(squares.reduce((sum, r) => sum + r, 0) / squares.length);
}

function directionOf({ directions }: RadarRays, i: number): Vec3 {
  return [directions[3 * i] as number, directions[3 * i + 1] as number, directions[3 * i + 2] as number];
}

/** What is no speed is NaN, infinity included. */
function finite(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(values, (v) => (Number.isFinite(v) ? v : NaN));
}

function detectSign(
  rays: RadarRays,
  raw: Float64Array,
  file: ArrayLike<number> | null,
  options: SplitRadarOptions,
): Pick<RadarMotion, 'sign' | 'signFrom'> {
  const { sign = 'detect', knownVelocity = null } = options;
  if (sign !== 'detect') return { sign, signFrom: 'option' };
  const asIs = estimateEgoMotion({ directions: rays.directions, radialSpeed: raw }, options);
  if (knownVelocity && asIs.kind === 'found' && Math.hypot(...knownVelocity) > LEAST_TELLING_SPEED) {
    const along = knownVelocity.reduce((sum, v, k) => sum + v * (asIs.velocity[k] as number), 0);
    const cosine = along / (Math.hypot(...knownVelocity) * Math.hypot(...asIs.velocity));
    if (Math.abs(cosine) > 0.5) return { sign: cosine > 0 ? 'receding' : 'approaching', signFrom: 'known-velocity' };
  }
  if (file) {
    const [same, opposite] = [explainCompensation(rays, raw, file, 1), explainCompensation(rays, raw, file, -1)];
    const best = Math.min(same, opposite);
    // Where nothing moves, the compensated speeds are 0 and tell nothing.
    if (best < WORST_COMPENSATION && Math.abs(same - opposite) > Math.max(0.05, best))
      return { sign: same < opposite ? 'receding' : 'approaching', signFrom: 'compensated-speeds' };
  }
  return { sign: 'receding', signFrom: 'assumed' };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function compare(own: Float64Array, file: ArrayLike<number>, movingSpeed: number): CompensationAgreement | null {
  const pairs = Array.from(own, (speed, i) => [speed, file[i] as number] as const).filter(([a, b]) =>
    Number.isFinite(a - b),
  );
  if (pairs.length === 0) return null;
  const differences = pairs.map(([a, b]) => Math.abs(a - b));
  const alike = pairs.filter(([a, b]) => Math.abs(a) > movingSpeed === Math.abs(b) > movingSpeed).length;
  return {
    count: pairs.length,
    medianDifference: median(differences),
    p90Difference: quantile(differences, 0.9),
    splitAgreement: alike / pairs.length,
  };
}

/** `v_r + d · v` of every return. */
function compensate(rays: RadarRays, speeds: Float64Array, velocity: Readonly<Vec3>): Float64Array {
  return speeds.map((speed, i) => speed - staticRadialSpeed(directionOf(rays, i), velocity));
}

function meanAlong(rays: RadarRays, velocity: Readonly<Vec3>): number {
  let sum = 0;
  for (let i = 0; i < rays.ranges.length; i++) {
    const along = -staticRadialSpeed(directionOf(rays, i), velocity);
    if (Number.isFinite(along)) sum += along;
  }
  return sum;
}

/**
 * Splits radar returns into what stands and what moved. The file's compensated speeds are taken where it has them; else `v_r + d · v` with
 * the known velocity; else with the velocity found from Doppler. Moving: |compensated| > movingSpeed and beyond three sigmas of what the
 * error of the return's direction alone makes of the sensor's speed.
 *
 * What crosses the view has no radial speed and cannot be seen moving this way.
 *
 * @param points in the sensor's frame, with `radialSpeed` or `compensatedRadialSpeed`, m/s.
 */
export function splitRadarMotion(points: SensorPoints, options: SplitRadarOptions = {}): RadarMotion {
  const { movingSpeed = 0.5, angleSigmaRad = (0.5 * Math.PI) / 180, knownVelocity = null } = options;
  const rays = radarRays(points);
  const raw = radarField(points, 'radialSpeed');
  const file = radarField(points, 'compensatedRadialSpeed');
  const measured = raw ? finite(raw) : null;
  const { sign, signFrom } = measured
    ? detectSign(rays, measured, file, options)
    : ({ sign: 'receding', signFrom: 'assumed' } as const);
  const speeds = measured && sign === 'approaching' ? measured.map((speed) => -speed) : measured;
  const egoMotion = speeds ? estimateEgoMotion({ directions: rays.directions, radialSpeed: speeds }, options) : null;
  const doppler = egoMotion?.kind === 'found' ? egoMotion.velocity : null;
  const velocity = knownVelocity ?? doppler;
  const own = speeds && velocity ? compensate(rays, speeds, velocity) : null;
  const compensatedRadialSpeed = file ? finite(file) : (own ?? new Float64Array(points.count).fill(NaN));
  const moving = Uint8Array.from(compensatedRadialSpeed, (speed, i) => {
    const explained = velocity ? directionSpeedSigma(directionOf(rays, i), velocity, angleSigmaRad) : 0;
    return Math.abs(speed) > Math.max(movingSpeed, DIRECTION_SIGMAS * (explained || 0)) ? 1 : 0;
  });
  return {
    compensatedRadialSpeed,
    moving,
    source: file ? 'file' : own === null ? 'none' : knownVelocity ? 'known-velocity' : 'doppler',
    sign,
    signFrom,
    egoMotion,
    movesBackward: velocity !== null && Math.hypot(...velocity) > LEAST_TELLING_SPEED && meanAlong(rays, velocity) < 0,
    agreement: file && speeds && doppler ? compare(compensate(rays, speeds, doppler), file, movingSpeed) : null,
    velocityDisagreement:
      knownVelocity && doppler ? Math.hypot(...doppler.map((v, k) => v - (knownVelocity[k] as number))) : null,
  };
}
