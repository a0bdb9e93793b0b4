/** Masks what moved out of a photo: regions around clusters of moving radar returns, grown over depth and appearance. */
import type { Vec3 } from '../math/rigid-transform.js';
import { multiplyMatVec, transformPoint } from '../math/rigid-transform.js';
import { cross, dot, unit } from '../math/vectors.js';
import { ShapeError } from '../scene/errors.js';
import type { RgbImage } from '../scene/view.js';
import type { MovingCluster } from './cluster-moving-returns.js';
import { isDepth } from './is-depth.js';
import type { RadarGeometry } from './project-radar.js';
import { groundDepth } from './spread-radar-depth.js';

export interface MovingRegion {
  readonly cluster: MovingCluster;
  /** 'grown': over depth and colour from the box; 'box': the depth does not see the thing, or growing would not stop: the box itself. */
  readonly method: 'grown' | 'box';
  readonly pixels: number;
  /** z of the cluster's middle. */
  readonly depth: number;
}

export interface MovingMask {
  /** [H, W] 1 counts, 0 is masked out, as View.mask. */
  readonly mask: Uint8Array;
  readonly regions: readonly MovingRegion[];
}

export interface MovingMaskPhoto {
  readonly image: RgbImage;
  /** [H, W] z in the radar's unit, 0 unknown; null: boxes only. */
  readonly depth: Float32Array | null;
}

/** Metres: what moves on roads is about as high as a person, and no narrower; a car is longer, a lorry higher: growth may go that far. */
const SEED_HEIGHT = 1.8;
const SEED_HALF_WIDTH = 0.45;
const GROWN_HEIGHT = 3.5;
const GROWN_HALF_WIDTH = 2.6;
/** Neighbouring pixels of one thing: |Δz| / z and colour (Euclidean, 0..1). */
const DEPTH_STEP = 0.05;
const COLOUR_STEP = 0.12;
/** The thing's own depth about its returns', m, and relative beyond 30 m. */
const DEPTH_MARGIN = 1.5;
const DEPTH_SHARE = 0.05;
/** Of the box, so much must be at the thing's depth for the depth to know of it. */
const LEAST_SEEN = 0.15;
/** A grown region that fills this much of all that it may is a leak. */
const LEAK = 0.75;
/** Nearer to the ground's depth than this, relative, a pixel is road; in the box, where wheels and feet are, less is forgiven. */
const ROAD_SHARE = 0.2;
const ROAD_SHARE_IN_BOX = 0.04;
/** Metres: a radar knows the ground's height about so well, and wheels that stay are worse than road that goes. */
const FOOT_MARGIN = 0.1;
/** Masks reach over the edge by so much of the thing's width, for blur and wrong pixels at edges. */
const BORDER_METRES = 0.12;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const contains = (box: Box, x: number, y: number): boolean =>
  x >= box.left && x < box.right && y >= box.top && y < box.bottom;

/** Pixel box of a cluster's upright box in the sensor's frame; null when none of it is before the camera and in the photo. */
function projectBox(cluster: MovingCluster, geometry: RadarGeometry, halfWidth: number, height: number): Box | null {
  const { intrinsics: k, cameraFromSensor, stance } = geometry;
  const up = unit(stance.up);
  const ahead = dot(cluster.centre, up);
  const level = cluster.centre.map((v, d) => v - ahead * up[d]!) as Vec3;
  const aside = unit(cross(up, level));
  // Without a ground the returns' own height is the middle of a person.
  const foot = (stance.groundHeight ?? ahead - SEED_HEIGHT / 2) - FOOT_MARGIN;
  const [us, vs]: [number[], number[]] = [[], []];
  for (const side of [-halfWidth, halfWidth]) {
    for (const above of [0, height + FOOT_MARGIN]) {
      const corner = level.map((v, d) => v + side * aside[d]! + (foot + above) * up[d]!) as Vec3;
      const [x, y, z] = transformPoint(cameraFromSensor, corner);
      if (!(z > 0.1)) return null;
      us.push((k.fx * x) / z + k.cx);
      vs.push((k.fy * y) / z + k.cy);
    }
  }
  const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value)));
  const box = {
    left: clamp(Math.min(...us), k.width),
    right: clamp(Math.max(...us), k.width),
    top: clamp(Math.min(...vs), k.height),
    bottom: clamp(Math.max(...vs), k.height),
  };
  return box.right > box.left && box.bottom > box.top ? box : null;
}

class RegionGrower {
  private readonly ground: Float32Array;

  constructor(
    private readonly photo: MovingMaskPhoto,
    geometry: RadarGeometry,
  ) {
    this.ground = groundDepth(geometry.intrinsics, geometry.cameraFromSensor, geometry.stance);
  }

  private isOfThing(i: number, z: number, roadShare: number): boolean {
    const own = this.photo.depth?.[i] ?? 0;
    if (!isDepth(own) || Math.abs(own - z) > Math.max(DEPTH_MARGIN, DEPTH_SHARE * z)) return false;
    return Math.abs(own / this.ground[i]! - 1) > roadShare;
  }

  private isContinuous(i: number, j: number): boolean {
    const { depth, image } = this.photo;
    if (depth === null || Math.abs(depth[i]! - depth[j]!) > DEPTH_STEP * depth[i]!) return false;
    let squares = 0;
    for (let c = 0; c < 3; c++) squares += (image.data[3 * i + c]! - image.data[3 * j + c]!) ** 2;
    return squares < COLOUR_STEP ** 2;
  }

  /** Pixels of a thing at depth z, or null when the depth does not show it or nothing ends it. */
  grow(seed: Box, limit: Box, z: number): Set<number> | null {
    const { width } = this.photo.image;
    const region = new Set<number>();
    const open: number[] = [];
    for (let y = seed.top; y < seed.bottom; y++)
      for (let x = seed.left; x < seed.right; x++)
        if (this.isOfThing(y * width + x, z, ROAD_SHARE_IN_BOX)) open.push(y * width + x);
    const seedArea = (seed.right - seed.left) * (seed.bottom - seed.top);
    if (open.length < LEAST_SEEN * seedArea) return null;
    open.forEach((i) => region.add(i));
    // Where the depth has holes, the box decides.
    for (const i of boxPixels(seed, width)) if (!isDepth(this.photo.depth?.[i] ?? 0)) region.add(i);
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      const [x, y] = [i % width, Math.floor(i / width)];
      const around = [
        [x - 1, y],
        [x + 1, y],
        [x, y - 1],
        [x, y + 1],
      ] as const;
      for (const [u, v] of around) {
        const j = v * width + u;
        if (!contains(limit, u, v) || region.has(j) || !this.isOfThing(j, z, ROAD_SHARE) || !this.isContinuous(i, j))
          continue;
        region.add(j);
        open.push(j);
      }
    }
    const limitArea = (limit.right - limit.left) * (limit.bottom - limit.top);
    return region.size > LEAK * limitArea ? null : region;
  }
}

function boxPixels({ left, top, right, bottom }: Box, width: number): Set<number> {
  const pixels = new Set<number>();
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) pixels.add(y * width + x);
  return pixels;
}

/** Marks a region and `border` pixels around it. */
function maskRegion(mask: Uint8Array, region: ReadonlySet<number>, width: number, border: number): void {
  const height = mask.length / width;
  for (const i of region) {
    const [x, y] = [i % width, Math.floor(i / width)];
    for (let v = Math.max(0, y - border); v <= Math.min(height - 1, y + border); v++)
      mask.fill(0, v * width + Math.max(0, x - border), v * width + Math.min(width - 1, x + border) + 1);
  }
}

/**
 * Masks moving things out of a photo. Each cluster's upright box (1.8 m high, on the ground where that is known) is the seed; from its pixels
 * at the cluster's depth the region grows over neighbours alike in depth (5 %) and colour, within 5.2 × 3.5 m. Where the depth does not show
 * the thing, or growth fills all that it may, the box is masked.
 *
 * @throws ShapeError when photo, depth and intrinsics disagree in size.
 */
export function maskMovingRegions(
  clusters: readonly MovingCluster[],
  photo: MovingMaskPhoto,
  geometry: RadarGeometry,
): MovingMask {
  const { width, height } = photo.image;
  const { intrinsics, cameraFromSensor } = geometry;
  if (
    intrinsics.width !== width ||
    intrinsics.height !== height ||
    (photo.depth?.length ?? width * height) !== width * height
  )
    throw new ShapeError(`photo, depth and camera of one view differ in size (${width} × ${height})`);
  const mask = new Uint8Array(width * height).fill(1);
  const grower = new RegionGrower(photo, geometry);
  const regions: MovingRegion[] = [];
  for (const cluster of clusters) {
    const seed = projectBox(cluster, geometry, Math.max(SEED_HALF_WIDTH, cluster.halfExtent), SEED_HEIGHT);
    const limit = projectBox(cluster, geometry, Math.max(GROWN_HALF_WIDTH, cluster.halfExtent), GROWN_HEIGHT);
    const depth = multiplyMatVec(cameraFromSensor.rotation, cluster.centre)[2] + cameraFromSensor.translation[2];
    if (seed === null || !(depth > 0.1)) continue;
    const grown = grower.grow(seed, limit ?? seed, depth);
    const region = grown ?? boxPixels(seed, width);
    maskRegion(mask, region, width, Math.ceil((BORDER_METRES * intrinsics.fx) / depth));
    regions.push({ cluster, method: grown ? 'grown' : 'box', pixels: region.size, depth });
  }
  return { mask, regions };
}
