/** Reads the decoder's coarse maps at the Gaussians' pixels, and carries gradients back: the linear map and its transpose. */
import { ShapeError } from '../../scene/errors.js';
import { NO_ANCHOR } from '../../splatting/contract.js';

/** Where each Gaussian reads: the same arrays as the rasterizer's ray anchors. */
export interface AnchorPlaces {
  /** [N] view, NO_ANCHOR for a Gaussian without a ray */
  readonly viewIndices: Uint16Array;
  /** [N, 2] fraction of the photo's width and height; outside 0..1 the border's value is read */
  readonly imageCoords: Float32Array;
  /** [N] channel */
  readonly segments: Uint8Array;
}

/** Size of maps [views, height, width, channels]. */
export interface MapSize {
  readonly views: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Index of the four corners and weights along both axes of one anchor's bilinear footprint. */
interface Footprint {
  index: number;
  right: number;
  below: number;
  fx: number;
  fy: number;
}

function locate(places: AnchorPlaces, i: number, size: MapSize, out: Footprint): boolean {
  const view = places.viewIndices[i] as number;
  const segment = places.segments[i] as number;
  if (view === NO_ANCHOR || view >= size.views || segment >= size.channels) return false;
  const x = (places.imageCoords[2 * i] as number) * size.width - 0.5;
  const y = (places.imageCoords[2 * i + 1] as number) * size.height - 0.5;
  const cx = x > 0 ? Math.min(x, size.width - 1) : 0;
  const cy = y > 0 ? Math.min(y, size.height - 1) : 0;
  const x0 = Math.floor(cx);
  const y0 = Math.floor(cy);
  out.fx = cx - x0;
  out.fy = cy - y0;
  out.index = ((view * size.height + y0) * size.width + x0) * size.channels + segment;
  out.right = x0 + 1 < size.width ? size.channels : 0;
  out.below = y0 + 1 < size.height ? size.width * size.channels : 0;
  return true;
}

/**
 * Bilinear samples of each anchor's own channel: value_i = map[view_i, ·, ·, segment_i] at imageCoords_i (map pixel centres at
 * +0.5, as everywhere). Anchors without a view, or with one that the maps lack, read 0.
 *
 * @param maps [views, height, width, channels]
 * @returns [N]
 */
export function sampleAtAnchors(maps: Float32Array, size: MapSize, places: AnchorPlaces): Float32Array {
  const values = new Float32Array(places.viewIndices.length);
  const at: Footprint = { index: 0, right: 0, below: 0, fx: 0, fy: 0 };
  for (let i = 0; i < values.length; i++) {
    if (!locate(places, i, size, at)) continue;
    const { index, right, below, fx, fy } = at;
    const top = (maps[index] as number) * (1 - fx) + (maps[index + right] as number) * fx;
    const bottom = (maps[index + below] as number) * (1 - fx) + (maps[index + below + right] as number) * fx;
    values[i] = top * (1 - fy) + bottom * fy;
  }
  return values;
}

/**
 * Transpose of {@link sampleAtAnchors}: the gradient with respect to the maps, from the gradient of each sample.
 *
 * @param gradValues [N]; one that is not finite counts as zero
 * @returns [views, height, width, channels]
 * @throws ShapeError when there are not as many gradients as anchors (the scene was edited, the anchors were not)
 */
export function scatterFromAnchors(gradValues: Float32Array, size: MapSize, places: AnchorPlaces): Float32Array {
  if (gradValues.length !== places.viewIndices.length) {
    throw new ShapeError(`${gradValues.length} gradients for ${places.viewIndices.length} anchors`);
  }
  const gradMaps = new Float32Array(size.views * size.height * size.width * size.channels);
  const at: Footprint = { index: 0, right: 0, below: 0, fx: 0, fy: 0 };
  for (let i = 0; i < gradValues.length; i++) {
    const g = gradValues[i] as number;
    if (!Number.isFinite(g) || !locate(places, i, size, at)) continue;
    const { index, right, below, fx, fy } = at;
    gradMaps[index] = (gradMaps[index] as number) + g * (1 - fx) * (1 - fy);
    gradMaps[index + right] = (gradMaps[index + right] as number) + g * fx * (1 - fy);
    gradMaps[index + below] = (gradMaps[index + below] as number) + g * (1 - fx) * fy;
    gradMaps[index + below + right] = (gradMaps[index + below + right] as number) + g * fx * fy;
  }
  return gradMaps;
}

/**
 * The anchors of an edited scene: those at `keep`, in that order, then `freeCount` Gaussians without a ray.
 *
 * @param keep indices below N
 */
export function selectAnchors(places: AnchorPlaces, keep: ArrayLike<number>, freeCount = 0): AnchorPlaces {
  const count = keep.length + freeCount;
  const viewIndices = new Uint16Array(count).fill(NO_ANCHOR);
  const imageCoords = new Float32Array(count * 2);
  const segments = new Uint8Array(count);
  for (let i = 0; i < keep.length; i++) {
    const from = keep[i] as number;
    viewIndices[i] = places.viewIndices[from] as number;
    segments[i] = places.segments[from] as number;
    imageCoords.set(places.imageCoords.subarray(2 * from, 2 * from + 2), 2 * i);
  }
  return { viewIndices, imageCoords, segments };
}

/**
 * One anchor per pixel of every view, view after view, row after row: for a scene of one Gaussian per pixel.
 *
 * @param segments one [height · width] map per view
 */
export function anchorsOfPixels(segments: readonly Uint8Array[], width: number, height: number): AnchorPlaces {
  const count = width * height;
  const viewIndices = new Uint16Array(segments.length * count);
  const imageCoords = new Float32Array(segments.length * count * 2);
  const joined = new Uint8Array(segments.length * count);
  segments.forEach((map, view) => {
    viewIndices.fill(view, view * count, (view + 1) * count);
    joined.set(map, view * count);
    for (let i = 0; i < count; i++) {
      imageCoords[2 * (view * count + i)] = ((i % width) + 0.5) / width;
      imageCoords[2 * (view * count + i) + 1] = (Math.floor(i / width) + 0.5) / height;
    }
  });
  return { viewIndices, imageCoords, segments: joined };
}
