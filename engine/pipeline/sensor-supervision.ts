/** What LiDAR and radar tell a run of its photos' depth: where it starts, what it is held to, and what it is measured by. */
import type { NetworkGuess } from '../depth/anchor-depth.js';
import { completeFromAnchors } from '../depth/anchor-depth.js';
import { anchorsOfDepth, believeConfirmedDepth } from '../depth/believe-confirmed-depth.js';
import { depthAtAnchors } from '../depth/pick-anchors.js';
import { rasteriseAnchors } from '../depth/rasterise-anchors.js';
import { segmentDepth } from '../depth/segment-depth.js';
import type { DepthAnchors } from '../scene/depth-anchors.js';
import type { View } from '../scene/view.js';
import type { SeedView } from '../training/seed-view.js';

/** Sensors and one photo. Depths in world units. */
export interface ViewSensors {
  /** What the photo's depth starts from, of any sensors. */
  readonly anchors: readonly DepthAnchors[];
  /** LiDAR points that the run never sees; the report measures it by them. null: none. */
  readonly heldOut: DepthAnchors | null;
  /** What a radar makes of a photo whose depth nothing else tells, in world units; it stands in for the network's guess. */
  readonly guess?: NetworkGuess;
  /** Radar returns that the run goes by: anchors, or those that have made the guess where it counts (a photo alone). */
  readonly radarCount?: number;
}

export interface SensorSupervision {
  /** By the photo's name; photos without sensors are not in it. */
  readonly byView: ReadonlyMap<string, ViewSensors>;
  /** Weight of the loss that holds rendered depth against LiDAR; 0: sensors only start the scene. */
  readonly lossWeight: number;
  /** Of depths and so of the scene: 'metre' where the sensors' unit is known. */
  readonly unit: string;
}

/** Depths at held-out points: `measured` and what was there at a time. */
export interface HeldOutDepths {
  readonly measured: Float32Array;
  /** From the photos alone; null where these know of no scale. */
  readonly photos: Float32Array | null;
  /** After the sensors. */
  readonly sensors: Float32Array;
}

export interface SensedDepth {
  readonly seed: SeedView;
  /** null without held-out points. */
  readonly heldOut: HeldOutDepths | null;
}

/** From here on a completed depth counts as confirmed: it is at an anchor or close by. */
const CONFIRMED_FROM = 0.5;
/** Of log depth that another photo confirms (measured on the sample: median 0.6 %). */
const PHOTO_SIGMA = 0.01;
/** σ of log depth from which on a LiDAR point weighs less in the loss. */
const SURE_SIGMA = 0.01;

function depthsAt(
  view: View,
  sensors: ViewSensors,
  photos: Float32Array | null,
  depth: Float32Array,
): HeldOutDepths | null {
  const { heldOut } = sensors;
  if (heldOut === null || heldOut.count === 0) return null;
  const { width } = view.image;
  return {
    measured: heldOut.depth,
    photos: photos === null ? null : depthAtAnchors(photos, width, heldOut),
    sensors: depthAtAnchors(depth, width, heldOut),
  };
}

/** Sensors' depths as far as they bound where surfaces may lie; more than these say no more. */
const MOST_FOR_RANGE = 2000;

/** 1 / z of a photo's anchors, at most some thousand of them. */
export function sensedInverseDepths(sensors: ViewSensors | undefined): number[] {
  const all = (sensors?.anchors ?? []).flatMap(({ depth }) => Array.from(depth, (z) => 1 / z));
  const step = Math.max(1, Math.ceil(all.length / MOST_FOR_RANGE));
  return all.filter((value, i) => i % step === 0 && value > 0 && value < Infinity);
}

/**
 * A depth from photos (and a network), brought to what sensors measured: what photos confirm stays where no LiDAR contradicts it
 * ({@link believeConfirmedDepth}), the rest is filled in from there and from the sensors ({@link completeFromAnchors}).
 */
export function bringToSensors(view: View, seed: SeedView, sensors: ViewSensors): SensedDepth {
  if (sensors.anchors.every(({ count }) => count === 0))
    return { seed, heldOut: depthsAt(view, sensors, seed.depth, seed.depth) };
  const { image, mask } = view;
  const { width, height } = image;
  const network = { values: seed.depth, kind: 'metric-depth' } as const;
  const fromPhotos = { width, height, depth: seed.depth, confirmed: seed.confirmed };
  const believed = believeConfirmedDepth(fromPhotos, sensors.anchors);
  const anchors = [...sensors.anchors, anchorsOfDepth(fromPhotos, believed, PHOTO_SIGMA)];
  const { depth, confidence } = completeFromAnchors({ image, mask, network, anchors }).depthMap;
  const confirmed = Uint8Array.from(confidence, (share, i) => (believed[i] === 1 || share >= CONFIRMED_FROM ? 1 : 0));
  return {
    seed: { ...seed, depth, confirmed, segments: segmentDepth(depth, mask).segments },
    heldOut: depthsAt(view, sensors, seed.depth, depth),
  };
}

/** A photo's depth from sensors and a network alone: there is no other photo to measure it with. @param values null without a network. */
export function depthOfLonePhoto(view: View, network: NetworkGuess | null, sensors: ViewSensors): SensedDepth {
  const { camera, image, mask } = view;
  const guess = sensors.guess ?? network;
  const { depth, confidence } = completeFromAnchors({ image, mask, network: guess, anchors: sensors.anchors }).depthMap;
  const photos = network?.kind === 'metric-depth' ? network.values : null;
  return {
    seed: {
      camera,
      image,
      mask,
      depth,
      confirmed: Uint8Array.from(confidence, (share) => (share >= CONFIRMED_FROM ? 1 : 0)),
      segments: segmentDepth(depth, mask).segments,
    },
    heldOut: depthsAt(view, sensors, photos, depth),
  };
}

/**
 * [H, W, 2] what the sensor loss goes by: inverse depth and weight `min(1, 0.01 / σ)` at pixels that a LiDAR point falls into, else 0. A radar's
 * returns are too vague in their place to hold a pixel to.
 *
 * @returns null where no LiDAR point falls into the photo.
 */
export function sensorTargetOf(view: View, sensors: ViewSensors | undefined): Float32Array | null {
  const lidar = (sensors?.anchors ?? []).filter(({ source }) => source === 'lidar');
  const { pixels, inverseDepth, sigma } = rasteriseAnchors(lidar, view.image, view.mask);
  if (pixels.length === 0) return null;
  const target = new Float32Array(view.image.width * view.image.height * 2);
  pixels.forEach((pixel, k) => {
    target[2 * pixel] = inverseDepth[k]!;
    target[2 * pixel + 1] = Math.min(1, SURE_SIGMA / sigma[k]!);
  });
  return target;
}
