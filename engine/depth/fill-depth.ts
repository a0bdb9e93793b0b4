/** Gives every pixel of a view a depth: confirmed depths stay, the rest is filled from them. */
import type { DepthMap } from '../scene/depth-map.js';
import { ShapeError } from '../scene/errors.js';
import { isDepth } from './is-depth.js';
import { measureDistanceToSet } from './measure-distance.js';

/** Where a completed depth came from. */
export const DepthOrigin = { confirmed: 0, filled: 1, network: 2 } as const;

/** A network's depth already brought to the scene's scale, see align-network-depth.ts. */
export interface TrustedDepth {
  /** [H, W] world units; 0, negative or non-finite where it says nothing. */
  readonly depth: Float32Array;
  /** 0 (ignored) .. 1 (as good as the matches). */
  readonly trust: number;
}

export interface CompleteDepthOptions {
  /** [H, W], 0 where the photo does not count: such pixels are no source of depth, but receive one. Null: all count. */
  readonly mask?: Uint8Array | null;
  /** Blended into the unconfirmed pixels; null: the fill alone. */
  readonly network?: TrustedDepth | null;
  /** Used when nothing at all is known about the view, for example 1 / the middle of its inverse depth range. */
  readonly fallbackDepth?: number;
}

export interface CompletedDepth extends DepthMap {
  /** [H, W] a value of {@link DepthOrigin}. */
  readonly origin: Uint8Array;
}

/** At this share of the image's diagonal away from the last confirmed pixel, fill and network weigh the same at full trust. */
const NETWORK_HALF_WAY = 0.01;
/** Up to this difference in log depth the two are one surface and are averaged; beyond it, averaging would float in between. */
const SAME_SURFACE_LOG = 0.1;

/**
 * Completes a stereo depth map. Unconfirmed pixels take the second-farthest of the first confirmed depths met in the 8 directions of the
 * compass: what no other photo sees is mostly occluded, so it belongs to the background, and the second-farthest survives one outlier.
 * With fewer than two hits the only one is taken; a pixel without any is filled from filled ones in a second round (a row, a column or a
 * diagonal of the first round crosses every pixel's own). Where nothing is confirmed the unconfirmed depths count as confirmed,
 * then the network's, then `fallbackDepth`.
 *
 * With a network of trust t, an unconfirmed pixel at distance d from the nearest confirmed one weighs it `w = t d / (d + d₀)`,
 * d₀ = 1 % of the diagonal: `log z = (1 − w) log z_fill + w log z_net` where both are within 10 %, else the heavier of the two, never a
 * depth between two surfaces.
 *
 * @param stereo [H, W] depth in world units; 0, negative, NaN and Inf count as unknown. `confidence` ≥ 0.5 is confirmed.
 * @returns depth > 0 at every pixel; confidence as given where confirmed, 0 elsewhere; O(pixels) time.
 * @throws ShapeError when sizes disagree, or nothing is known and no positive `fallbackDepth` is given.
 * @remarks On LLFF fern, before any optimisation, this fill scored 0.5 dB above a guided blend of the same depths.
 */
export function completeDepth(stereo: DepthMap, options: CompleteDepthOptions = {}): CompletedDepth {
  const { width, height } = stereo;
  const count = width * height;
  const mask = options.mask ?? null;
  const network = options.network ?? null;
  assertLength('depth', stereo.depth, count);
  assertLength('confidence', stereo.confidence, count);
  if (mask) assertLength('mask', mask, count);
  if (network) assertLength('network depth', network.depth, count);

  const depth = new Float32Array(count);
  const confidence = new Float32Array(count);
  const origin = new Uint8Array(count).fill(DepthOrigin.filled);
  let known = 0;
  for (let i = 0; i < count; i++) {
    const z = stereo.depth[i] as number;
    if ((stereo.confidence[i] as number) < 0.5 || !isDepth(z) || (mask && mask[i] === 0)) continue;
    depth[i] = z;
    confidence[i] = stereo.confidence[i] as number;
    origin[i] = DepthOrigin.confirmed;
    known++;
  }
  if (known === 0) seedUnconfirmed(depth, stereo.depth, mask, network, options.fallbackDepth);
  fillFromEightDirections(depth, width, height);
  fillFromEightDirections(depth, width, height);
  if (network && network.trust > 0) blendNetwork(depth, origin, width, height, network);
  return { width, height, depth, confidence, origin };
}

function assertLength(name: string, array: ArrayLike<number>, count: number): void {
  if (array.length !== count) throw new ShapeError(`${name} holds ${array.length} numbers, ${count} expected`);
}

/** Nothing is confirmed: the best of what is left becomes the source of the fill. */
function seedUnconfirmed(
  depth: Float32Array,
  stereoDepth: Float32Array,
  mask: Uint8Array | null,
  network: TrustedDepth | null,
  fallbackDepth: number | undefined,
): void {
  const sources = network ? [stereoDepth, network.depth] : [stereoDepth];
  for (const source of sources) {
    let found = false;
    for (let i = 0; i < depth.length; i++) {
      const z = source[i] as number;
      if (!isDepth(z) || (mask && mask[i] === 0)) continue;
      depth[i] = z;
      found = true;
    }
    if (found) return;
  }
  if (fallbackDepth === undefined || !isDepth(fallbackDepth)) {
    throw new ShapeError('a view without any depth cannot be completed without a fallback depth');
  }
  depth.fill(fallbackDepth);
}

/** Fills the zeros of `depth` that see a non-zero along a row, column or diagonal; two raster scans see four directions each. */
function fillFromEightDirections(depth: Float32Array, width: number, height: number): void {
  const count = width * height;
  const farthest = new Float32Array(count);
  const secondFarthest = new Float32Array(count);
  const offer = (i: number, z: number): void => {
    if (z > (farthest[i] as number)) {
      secondFarthest[i] = farthest[i] as number;
      farthest[i] = z;
    } else if (z > (secondFarthest[i] as number)) {
      secondFarthest[i] = z;
    }
  };
  // The backward scan is the forward one on the image turned by 180°, which reverses the index.
  for (const reversed of [false, true]) {
    // What the ray from the upper left, above and the upper right carries into column x of the next row; padded by one on both sides.
    let [upperLeft, above, upperRight] = [0, 1, 2].map(() => new Float32Array(width + 2)) as Float32Array[];
    let [nextUpperLeft, nextAbove, nextUpperRight] = [0, 1, 2].map(() => new Float32Array(width + 2)) as Float32Array[];
    for (let y = 0; y < height; y++) {
      let left = 0;
      for (let x = 0; x < width; x++) {
        const i = reversed ? count - 1 - (y * width + x) : y * width + x;
        const z = depth[i] as number;
        const fromUpperLeft = upperLeft![x] as number;
        const fromAbove = above![x + 1] as number;
        const fromUpperRight = upperRight![x + 2] as number;
        if (z > 0) {
          left = z;
          nextUpperLeft![x + 1] = z;
          nextAbove![x + 1] = z;
          nextUpperRight![x + 1] = z;
        } else {
          offer(i, left);
          offer(i, fromUpperLeft);
          offer(i, fromAbove);
          offer(i, fromUpperRight);
          nextUpperLeft![x + 1] = fromUpperLeft;
          nextAbove![x + 1] = fromAbove;
          nextUpperRight![x + 1] = fromUpperRight;
        }
      }
      [upperLeft, nextUpperLeft] = [nextUpperLeft, upperLeft];
      [above, nextAbove] = [nextAbove, above];
      [upperRight, nextUpperRight] = [nextUpperRight, upperRight];
    }
  }
  for (let i = 0; i < count; i++) {
    if (depth[i] === 0) depth[i] = (secondFarthest[i] as number) || (farthest[i] as number);
  }
}

function blendNetwork(
  depth: Float32Array,
  origin: Uint8Array,
  width: number,
  height: number,
  network: TrustedDepth,
): void {
  const distance = measureDistanceToSet(width, height, (i) => origin[i] === DepthOrigin.confirmed);
  const halfWay = Math.max(1, NETWORK_HALF_WAY * Math.hypot(width, height));
  const trust = Math.min(1, network.trust);
  for (let i = 0; i < depth.length; i++) {
    const zNetwork = network.depth[i] as number;
    if (origin[i] === DepthOrigin.confirmed || !isDepth(zNetwork)) continue;
    const d = distance[i] as number;
    const weight = Number.isFinite(d) ? (trust * d) / (d + halfWay) : trust;
    const logRatio = Math.log(zNetwork / (depth[i] as number));
    if (Math.abs(logRatio) <= SAME_SURFACE_LOG) depth[i] = (depth[i] as number) * Math.exp(weight * logRatio);
    else if (weight > 0.5) depth[i] = zNetwork;
    if (weight > 0.5) origin[i] = DepthOrigin.network;
  }
}
