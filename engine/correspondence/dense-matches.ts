/** Dense matches between two views, derived from their depths. */
import { ShapeError } from '../scene/errors.js';
import type { View } from '../scene/view.js';
import type { DenseMatches, StereoDepth } from './contract.js';
import { transferBetween, transferPixel } from './plane-geometry.js';

export interface DenseMatchRules {
  /** Largest distance of the forward-backward round trip, in pixels. */
  readonly maxRoundTripPx: number;
  /** Only depths that at least this many views confirm are used, in the first view. */
  readonly minConfirmations: number;
}

/** 1 px is the consistency that stereo itself asks for. */
export const DEFAULT_DENSE_MATCH_RULES: DenseMatchRules = { maxRoundTripPx: 1, minConfirmations: 1 };

/**
 * Where every pixel of the first view is in the second: `x₂ ~ K₂ (R K₁⁻¹ x₁ + t / z₁)` with its stereo depth z₁, and whether
 * the depth that the second view has at that pixel leads back to within `maxRoundTripPx` of where it started.
 *
 * `secondPx` [H, W, 2] is a pixel position (centres at +0.5), NaN where the first view has no depth or the point lies behind
 * the second; a position outside the second picture is kept, with mask 0.
 * Throws ShapeError when depths and views differ in number or size.
 */
export function deriveDenseMatches(
  views: readonly View[],
  depths: readonly StereoDepth[],
  firstView: number,
  secondView: number,
  rules: DenseMatchRules = DEFAULT_DENSE_MATCH_RULES,
): DenseMatches {
  const [first, second] = [views[firstView], views[secondView]];
  const [own, other] = [depths[firstView], depths[secondView]];
  if (!first || !second || !own || !other) throw new ShapeError(`no views ${firstView} and ${secondView} with depths`);
  const { width, height } = own.depthMap;
  if (width !== first.image.width || height !== first.image.height || other.depthMap.width !== second.image.width)
    throw new ShapeError('depth maps and views differ in size');
  const there = transferBetween(first.camera, second.camera);
  const back = transferBetween(second.camera, first.camera);
  const secondPx = new Float32Array(width * height * 2).fill(NaN);
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const depth = own.depthMap.depth[pixel] as number;
      const place = depth > 0 ? transferPixel(there, x + 0.5, y + 0.5, 1 / depth) : null;
      if (place === null) continue;
      secondPx.set(place, pixel * 2);
      if ((own.confirmations[pixel] as number) < rules.minConfirmations) continue;
      const returned = returnPixel(back, other, place);
      if (returned === null) continue;
      const distance = Math.hypot(returned[0] - x - 0.5, returned[1] - y - 0.5);
      mask[pixel] = distance <= rules.maxRoundTripPx ? 1 : 0;
    }
  }
  return { firstView, secondView, secondPx, mask };
}

const SAME_SURFACE = 0.02;

/** Back into the first view by the second's depth at a position of its picture. */
function returnPixel(
  back: ReturnType<typeof transferBetween>,
  other: StereoDepth,
  [u, v]: readonly [number, number],
): [number, number] | null {
  const { width, height, depth } = other.depthMap;
  if (!(u >= 0 && v >= 0 && u < width && v < height)) return null;
  const nearest = depth[Math.floor(v) * width + Math.floor(u)] as number;
  if (!(nearest > 0)) return null;
  const x = Math.floor(u - 0.5);
  const y = Math.floor(v - 0.5);
  let inverse = 1 / nearest;
  if (x >= 0 && y >= 0 && x + 1 < width && y + 1 < height) {
    const inverses = [0, 1, width, width + 1].map((offset) => 1 / (depth[y * width + x + offset] as number)) as [
      number,
      number,
      number,
      number,
    ];
    // Bilinear on one surface only: between two, there is none. An unknown neighbour is 1/0 and fails the test.
    if (Math.max(...inverses) - Math.min(...inverses) <= SAME_SURFACE * Math.min(...inverses)) {
      const [fx, fy] = [u - 0.5 - x, v - 0.5 - y];
      const top = inverses[0] + fx * (inverses[1] - inverses[0]);
      const bottom = inverses[2] + fx * (inverses[3] - inverses[2]);
      inverse = top + fy * (bottom - top);
    }
  }
  return transferPixel(back, u, v, inverse);
}
