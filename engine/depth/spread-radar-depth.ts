/** A photo's depth from radar where its network cannot be trusted: the ground, and before it what the returns say stands in each direction. */
import type { RigidTransform } from '../math/rigid-transform.js';
import { multiplyMatVec } from '../math/rigid-transform.js';
import { unit } from '../math/vectors.js';
import type { Intrinsics } from '../scene/camera.js';
import { ShapeError } from '../scene/errors.js';
import type { NetworkImage } from './search-radar-relation.js';
import type { RadarPixels, RadarStance } from './project-radar.js';

export interface SpreadOptions {
  /** σ in azimuth over which returns speak for their surroundings; 3° when left out. */
  readonly azimuthSigmaRad?: number;
  /** σ in the network's log depth: pixels that the network sees as near follow returns at such pixels; 0.4 when left out. */
  readonly networkSigma?: number;
  /** Which of the weighted returns counts: radars see past and through what hides the rest from a camera, so below the middle; 0.3. */
  readonly quantile?: number;
}

/** Columns and levels of the network's log depth at which the quantile is computed; between them it is interpolated. */
const COLUMN_STEP_PX = 6;
const LEVELS = 24;
/** So much does a return count anywhere, so that there is an answer where none is near. */
const FLOOR = 1e-4;
/** Beyond this, in the cloud's unit, level ground says nothing. */
const FARTHEST_GROUND = 200;

/**
 * z of level ground along each pixel's ray: the plane `up · p = groundHeight` of the sensor's frame. Infinity above the horizon, beyond 200
 * and where the ground is not known: it bounds the depth from above, since nothing is seen below it.
 */
export function groundDepth(
  intrinsics: Intrinsics,
  cameraFromSensor: RigidTransform,
  stance: RadarStance,
): Float32Array {
  const { fx, fy, cx, cy, width, height } = intrinsics;
  const depth = new Float32Array(width * height).fill(Infinity);
  if (stance.groundHeight === null) return depth;
  const up = multiplyMatVec(cameraFromSensor.rotation, unit(stance.up));
  const t = cameraFromSensor.translation;
  const below = stance.groundHeight + up[0] * t[0] + up[1] * t[1] + up[2] * t[2];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = (up[0] * (x + 0.5 - cx)) / fx + (up[1] * (y + 0.5 - cy)) / fy + up[2];
      const z = below / along;
      if (z > 0 && z < FARTHEST_GROUND) depth[y * width + x] = z;
    }
  }
  return depth;
}

/** [columns, LEVELS] log z. */
interface QuantileTable {
  readonly columns: number;
  readonly lowest: number;
  readonly step: number;
  readonly logDepth: Float32Array;
}

const clampIndex = (value: number, count: number): number => Math.min(count - 1, Math.max(0, Math.floor(value)));

/** The network's number as a log depth up to scale; NaN where it means nothing. */
function logOfNetwork({ network, kind }: NetworkImage, i: number): number {
  const r = network[i] as number;
  return r > 0 && r < Infinity ? (kind === 'inverse-depth' ? -Math.log(r) : Math.log(r)) : NaN;
}

function tabulate(returns: RadarPixels, image: NetworkImage, sigmaPx: number, options: SpreadOptions): QuantileTable {
  const { networkSigma = 0.4, quantile = 0.3 } = options;
  const { width, height } = image;
  const order = Array.from({ length: returns.count }, (_, i) => i).sort(
    (a, b) => returns.depth[a]! - returns.depth[b]!,
  );
  const levelOf = order.map((i) => {
    const x = clampIndex(returns.pixels[2 * i]!, width);
    return logOfNetwork(image, clampIndex(returns.pixels[2 * i + 1]!, height) * width + x);
  });
  const known = levelOf.filter(Number.isFinite);
  // Beyond the returns' own levels the outermost ones speak.
  const [lowest, highest] = known.length > 0 ? [Math.min(...known), Math.max(...known)] : [0, 0];
  const step = Math.max(1e-6, (highest - lowest) / (LEVELS - 1));
  const columns = Math.ceil(width / COLUMN_STEP_PX) + 1;
  const logDepth = new Float32Array(columns * LEVELS);
  const weights = new Float64Array(order.length);
  const aside = new Float64Array(order.length);
  for (let column = 0; column < columns; column++) {
    order.forEach((i, k) => (aside[k] = ((returns.pixels[2 * i]! - column * COLUMN_STEP_PX) / sigmaPx) ** 2));
    for (let level = 0; level < LEVELS; level++) {
      let total = 0;
      for (let k = 0; k < order.length; k++) {
        const apart = (levelOf[k]! - lowest - level * step) / networkSigma;
        weights[k] = FLOOR + Math.exp(-0.5 * (aside[k]! + (Number.isNaN(apart) ? 4 : apart * apart)));
        total += weights[k]!;
      }
      let [k, sum] = [0, weights[0]!];
      while (sum < quantile * total && k + 1 < order.length) sum += weights[++k]!;
      logDepth[column * LEVELS + level] = Math.log(returns.depth[order[k]!]!);
    }
  }
  return { columns, lowest, step, logDepth };
}

function lookUp({ columns, lowest, step, logDepth }: QuantileTable, x: number, level: number): number {
  const u = x / COLUMN_STEP_PX;
  const v = Math.min(LEVELS - 1, Math.max(0, Number.isNaN(level) ? LEVELS / 2 : (level - lowest) / step));
  const [c, l] = [clampIndex(u, columns - 1), clampIndex(v, LEVELS - 1)];
  const [s, t] = [u - c, v - l];
  const at = (column: number, row: number): number => logDepth[column * LEVELS + row]!;
  return (1 - s) * ((1 - t) * at(c, l) + t * at(c, l + 1)) + s * ((1 - t) * at(c + 1, l) + t * at(c + 1, l + 1));
}

/**
 * Depth of every pixel: the nearer of level ground and of what stands there. The latter is the weighted 30 % quantile of the returns' depths,
 * weighted by nearness in azimuth and by likeness of the network's number: the network only ranks here, the radar measures. Works with
 * networks whose depth has no single relation to the scene's (indoor ones outdoors).
 *
 * @param returns static ones. @param ground [H, W] z of the ground, Infinity where it says nothing ({@link groundDepth}).
 * @param fx px. @returns [H, W] z in the radar's unit; all 0 without returns.
 * @throws ShapeError when sizes disagree.
 */
export function spreadRadarDepth(
  returns: RadarPixels,
  image: NetworkImage,
  scene: { readonly ground: Float32Array; readonly fx: number },
  options: SpreadOptions = {},
): Float32Array {
  const { width, height, network } = image;
  if (network.length !== width * height || scene.ground.length !== width * height)
    throw new ShapeError(`network and ground are not ${width} × ${height}`);
  const depth = new Float32Array(width * height);
  if (returns.count === 0) return depth;
  const sigmaPx = scene.fx * (options.azimuthSigmaRad ?? (3 * Math.PI) / 180);
  const table = tabulate(returns, image, sigmaPx, options);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const standing = Math.exp(lookUp(table, x + 0.5, logOfNetwork(image, i)));
      depth[i] = Math.min(standing, scene.ground[i]!);
    }
  }
  return depth;
}
