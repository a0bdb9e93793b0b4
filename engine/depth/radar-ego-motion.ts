/** How fast a radar itself moved, from the Doppler speeds of what stands still around it. */
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { multiplyMatVec } from '../math/rigid-transform.js';
import { solvePositiveDefinite, symmetricEigen } from '../math/dense-algebra.js';
import { robustSearch } from '../math/robust-search.js';
import { dot, tangentBasis, unit } from '../math/vectors.js';

/** Speeds of returns along their rays, all in the sensor's frame. */
export interface DopplerReturns {
  /** [N, 3] unit directions from the sensor; NaN: left out. */
  readonly directions: Float64Array;
  /** [N] m/s, positive when the distance grows; NaN: left out. */
  readonly radialSpeed: Float64Array;
}

export interface EgoMotionOptions {
  /** Up in the sensor's frame; [0, 0, 1] when left out. */
  readonly up?: Readonly<Vec3>;
  /** m/s: a return whose speed differs by less from that of something static supports a velocity; 0.2 when left out. */
  readonly inlierSpeed?: number;
  /** Standard deviation of a return's direction, radians; 0.5° when left out. */
  readonly angleSigmaRad?: number;
  readonly seed?: number;
}

export interface EgoMotion {
  readonly kind: 'found';
  /** m/s of the sensor in its own frame. */
  readonly velocity: Vec3;
  /** (m/s)², row-major. */
  readonly covariance: Mat3;
  /** Returns that the velocity was fitted to, and their share of those that could have been. */
  readonly staticCount: number;
  readonly staticShare: number;
}

/** Why no velocity is told: fewer than 8 returns; under half of them agree on one; their rays are too alike to tell it. */
export interface EgoMotionFailure {
  readonly kind: 'failed';
  readonly reason: 'too-few' | 'no-majority' | 'undetermined';
  readonly usable: number;
  /** The largest share of returns that agreed on a velocity; 0 when none was tried. */
  readonly staticShare: number;
}

const LEAST_RETURNS = 8;
/** Below it, what was found may as well be a column of traffic. */
const LEAST_SHARE = 0.5;
/** m/s: a velocity less certain than this in any level direction is not told. */
const WORST_SIGMA = 0.5;
const REFITS = 3;
/** The speed along `up` is 0 within 0.1 m/s or 5 % of the speed, which is a mounting 3° off level. */
const VERTICAL_SIGMA = 0.1;
const VERTICAL_SHARE = 0.05;

/** What the fit needs of its options, each with its default. */
interface Settings {
  readonly up: Vec3;
  readonly inlierSpeed: number;
  readonly angleSigma: number;
  readonly seed: number;
}

function settingsOf(options: EgoMotionOptions): Settings {
  const { up = [0, 0, 1], inlierSpeed = 0.2, angleSigmaRad = (0.5 * Math.PI) / 180, seed = 1 } = options;
  return { up: unit(up), inlierSpeed, angleSigma: angleSigmaRad, seed };
}

/** Speed along its ray that a static return would show, `−d · v`. */
export function staticRadialSpeed(direction: Readonly<Vec3>, velocity: Readonly<Vec3>): number {
  return -dot(direction, velocity);
}

/**
 * Standard deviation in m/s that an error of `angleSigmaRad` in a return's direction brings to its expected speed:
 * `σ |v − (d · v) d|`, small ahead and large abeam.
 */
export function directionSpeedSigma(
  direction: Readonly<Vec3>,
  velocity: Readonly<Vec3>,
  angleSigmaRad: number,
): number {
  const along = dot(direction, velocity);
  return angleSigmaRad * Math.sqrt(Math.max(0, dot(velocity, velocity) - along * along));
}

class DopplerFit {
  readonly usable: Uint32Array;

  constructor(
    private readonly returns: DopplerReturns,
    private readonly settings: Settings,
  ) {
    const { directions, radialSpeed } = returns;
    this.usable = Uint32Array.from(radialSpeed.keys()).filter(
      (i) => Number.isFinite(radialSpeed[i]) && Number.isFinite(directions[3 * i]),
    );
  }

  private direction(k: number): Vec3 {
    const at = 3 * (this.usable[k] as number);
    const { directions } = this.returns;
    return [directions[at] as number, directions[at + 1] as number, directions[at + 2] as number];
  }

  private speed(k: number): number {
    return this.returns.radialSpeed[this.usable[k] as number] as number;
  }

  /** Two returns tell the level velocity: `−d · (a e₁ + b e₂) = v_r`. */
  fromPair(sample: Uint32Array): Vec3[] {
    const [first, second] = tangentBasis(this.settings.up);
    const [p, q] = [this.direction(sample[0] as number), this.direction(sample[1] as number)];
    const [a, b, c, d] = [dot(p, first), dot(p, second), dot(q, first), dot(q, second)];
    const determinant = a * d - b * c;
    // Rays less than about 3° apart in azimuth amplify the noise twentyfold.
    if (!(Math.abs(determinant) > 0.05)) return [];
    const [r, s] = [-this.speed(sample[0] as number), -this.speed(sample[1] as number)];
    const x = (r * d - b * s) / determinant;
    const y = (a * s - r * c) / determinant;
    return [[0, 1, 2].map((k) => x * (first[k] as number) + y * (second[k] as number)) as Vec3];
  }

  /** Squared residual in units of a return's own tolerance, times the common one: far off the axis of motion more is forgiven. */
  writeResiduals(velocity: Vec3, [from, to]: readonly [number, number], out: Float64Array): void {
    const { inlierSpeed, angleSigma } = this.settings;
    for (let k = from; k < to; k++) {
      const direction = this.direction(k);
      const residual = this.speed(k) - staticRadialSpeed(direction, velocity);
      const spread = directionSpeedSigma(direction, velocity, angleSigma) / (inlierSpeed / 2);
      out[k] = (residual * residual) / (1 + spread * spread);
    }
  }

  /**
   * Weighted least squares over returns, with the vertical component drawn to 0: radars tell elevation badly, so that their returns tell
   * the speed along it worse than a vehicle's wheels do.
   */
  solve(inliers: Uint32Array, near: Vec3): { velocity: Vec3; covariance: Mat3 } | null {
    const { up, inlierSpeed, angleSigma } = this.settings;
    const information = new Float64Array(9);
    const right = new Float64Array(3);
    for (const k of inliers) {
      const direction = this.direction(k);
      const sigma = Math.hypot(inlierSpeed / 2, directionSpeedSigma(direction, near, angleSigma));
      const weight = 1 / (sigma * sigma);
      for (let i = 0; i < 3; i++) {
        right[i]! -= weight * direction[i]! * this.speed(k);
        for (let j = 0; j < 3; j++) information[3 * i + j]! += weight * direction[i]! * direction[j]!;
      }
    }
    const vertical = Math.hypot(VERTICAL_SIGMA, VERTICAL_SHARE * Math.hypot(...near));
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) information[3 * i + j]! += (up[i]! * up[j]!) / (vertical * vertical);
    const { values, vectors } = symmetricEigen(information, 3);
    if (!(values[0]! > 1e-12 * values[2]!)) return null;
    const covariance = Array.from({ length: 9 }, (_, at) => {
      const [i, j] = [Math.floor(at / 3), at % 3];
      return [0, 1, 2].reduce((sum, m) => sum + (vectors[3 * m + i]! * vectors[3 * m + j]!) / values[m]!, 0);
    }) as Mat3;
    return solvePositiveDefinite(information, right, 3) ? { velocity: [...right] as Vec3, covariance } : null;
  }
}

/** Largest standard deviation in the plane across `up`; along it the prior says all that a flat radar knows. */
function worstLevelSigma(covariance: Mat3, up: Vec3): number {
  const [first, second] = tangentBasis(up);
  const between = (a: Vec3, b: Vec3): number => dot(a, multiplyMatVec(covariance, b));
  const [p, q, r] = [between(first, first), between(first, second), between(second, second)];
  return Math.sqrt((p + r) / 2 + Math.hypot((p - r) / 2, q));
}

/**
 * The sensor's velocity v from Doppler: something static in direction d shows `v_r = −d · v`. RANSAC over pairs of returns (the velocity
 * taken as level), refined by weighted least squares on what agrees, the component along `up` drawn to 0 (it is badly observed).
 * Deterministic.
 *
 * @param returns [N, 3] unit directions and [N] m/s; NaN is left out.
 * @returns the failure with its reason where the returns do not tell: see {@link EgoMotionFailure}.
 * Source: Kellner et al. 2013, "Instantaneous ego-motion estimation using Doppler radar", section III; the prior and the weights are ours.
 */
export function estimateEgoMotion(
  returns: DopplerReturns,
  options: EgoMotionOptions = {},
): EgoMotion | EgoMotionFailure {
  const settings = settingsOf(options);
  const fit = new DopplerFit(returns, settings);
  const count = fit.usable.length;
  const fail = (reason: EgoMotionFailure['reason'], staticShare: number): EgoMotionFailure => ({
    kind: 'failed',
    reason,
    usable: count,
    staticShare,
  });
  if (count < LEAST_RETURNS) return fail('too-few', 0);
  const problem = {
    count,
    sampleSize: 2,
    maxSquaredResidual: settings.inlierSpeed ** 2,
    fit: (sample: Uint32Array) => fit.fromPair(sample),
    writeResiduals: (velocity: Vec3, range: readonly [number, number], out: Float64Array) =>
      fit.writeResiduals(velocity, range, out),
    refine: (velocity: Vec3, inliers: Uint32Array) => fit.solve(inliers, velocity)?.velocity ?? null,
  };
  const found = robustSearch<Vec3>(problem, { seed: settings.seed, minIterations: 100 });
  if (found === null) return fail('undetermined', 0);
  let { model: velocity, inliers } = found;
  let solved = null as ReturnType<DopplerFit['solve']>;
  const residuals = new Float64Array(count);
  for (let round = 0; round < REFITS; round++) {
    solved = fit.solve(inliers, velocity);
    if (solved === null) return fail('undetermined', inliers.length / count);
    velocity = solved.velocity;
    fit.writeResiduals(velocity, [0, count], residuals);
    inliers = Uint32Array.from(residuals.keys()).filter((k) => residuals[k]! <= settings.inlierSpeed ** 2);
  }
  const staticShare = inliers.length / count;
  if (!(staticShare > LEAST_SHARE)) return fail('no-majority', staticShare);
  const { covariance } = solved as NonNullable<typeof solved>;
  if (!(worstLevelSigma(covariance, settings.up) < WORST_SIGMA)) return fail('undetermined', staticShare);
  return { kind: 'found', velocity, covariance, staticCount: inliers.length, staticShare };
}
