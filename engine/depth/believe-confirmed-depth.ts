/** Depth that photos confirm, where a LiDAR measured too: which of it to believe. */
import type { DepthAnchors } from '../scene/depth-anchors.js';
import { isDepth } from './is-depth.js';

export interface ConfirmedDepth {
  readonly width: number;
  readonly height: number;
  /** [H, W] z in the anchors' unit. */
  readonly depth: Float32Array;
  /** [H, W] 1 where another photo confirms it. */
  readonly confirmed: Uint8Array;
}

interface Anchor {
  readonly u: number;
  readonly v: number;
  readonly z: number;
  readonly isSure: boolean;
}

/** Cells of the size of the reach: a pixel asks its own and the eight around. */
interface AnchorCells {
  readonly reach: number;
  readonly columns: number;
  readonly cells: ReadonlyMap<number, readonly Anchor[]>;
}

/** In usual distances between neighbouring anchors: so far around a pixel they bound where its surface may be. */
const REACH = 2;
/** And so far the nearest sure one says where it is. */
const NEAREST_REACH = 1.5;
/** Depths within this share of each other are of one surface. */
const SAME_SURFACE = 0.05;
/** σ of log depth up to which an anchor belongs to its pixel: at silhouettes it may be the next one's. */
const SURE_SIGMA = 0.02;

function gather({ width, height }: ConfirmedDepth, sets: readonly DepthAnchors[]): AnchorCells | null {
  const all: Anchor[] = [];
  for (const { count, pixels, depth, sigmaLogDepth } of sets)
    for (let k = 0; k < count; k++) {
      const [u, v, z] = [pixels[2 * k]!, pixels[2 * k + 1]!, depth[k]!];
      if (!(u >= 0 && u < width && v >= 0 && v < height) || !isDepth(z)) continue;
      all.push({ u, v, z, isSure: sigmaLogDepth[k]! <= SURE_SIGMA });
    }
  if (all.length === 0) return null;
  const reach = REACH * Math.max(1, Math.sqrt((width * height) / all.length));
  const columns = Math.ceil(width / reach);
  const cells = new Map<number, Anchor[]>();
  for (const anchor of all) {
    const cell = Math.floor(anchor.v / reach) * columns + Math.floor(anchor.u / reach);
    const held = cells.get(cell);
    if (held === undefined) cells.set(cell, [anchor]);
    else held.push(anchor);
  }
  return { reach, columns, cells };
}

function isBelievable(z: number, u: number, v: number, { reach, columns, cells }: AnchorCells): boolean {
  const [x, y] = [Math.floor(u / reach), Math.floor(v / reach)];
  let [near, far] = [Infinity, 0];
  let [closest, sure] = [((NEAREST_REACH / REACH) * reach) ** 2, z];
  for (let cy = y - 1; cy <= y + 1; cy++)
    for (let cx = Math.max(0, x - 1); cx <= Math.min(columns - 1, x + 1); cx++)
      for (const anchor of cells.get(cy * columns + cx) ?? []) {
        const squared = (anchor.u - u) ** 2 + (anchor.v - v) ** 2;
        if (squared > reach ** 2) continue;
        near = Math.min(near, anchor.z);
        far = Math.max(far, anchor.z);
        if (anchor.isSure && squared < closest) [closest, sure] = [squared, anchor.z];
      }
  const isBetween = far === 0 || (z >= near * (1 - SAME_SURFACE) && z <= far * (1 + SAME_SURFACE));
  return isBetween && Math.abs(Math.log(sure / z)) < SAME_SURFACE;
}

/**
 * Depth that photos confirm is dense and as exact as a LiDAR, but wrong where photos err together: repeated patterns, plain walls, and the rim
 * that matching adds to things. It is believed where it lies between the nearest and the farthest LiDAR point around (and 5 % beyond), and within
 * 5 % of the closest that is sure of its pixel (σ ≤ 2 %); where no LiDAR point is around, as it is. A radar's anchors decide nothing.
 *
 * @returns [H, W] 1 where confirmed and believed. Anchors outside the picture or without a depth are passed over.
 */
export function believeConfirmedDepth(given: ConfirmedDepth, anchors: readonly DepthAnchors[]): Uint8Array {
  const { width, depth, confirmed } = given;
  const around = gather(
    given,
    anchors.filter(({ source }) => source === 'lidar'),
  );
  return confirmed.map((isConfirmed, i) => {
    const z = depth[i]!;
    if (isConfirmed === 0 || !isDepth(z)) return 0;
    return around === null || isBelievable(z, (i % width) + 0.5, Math.floor(i / width) + 0.5, around) ? 1 : 0;
  });
}

/** The marked pixels' depth as anchors, so that what is filled in between meets it as it meets a sensor. @param sigma of log depth. */
export function anchorsOfDepth(
  { width, depth }: Pick<ConfirmedDepth, 'width' | 'depth'>,
  marked: Uint8Array,
  sigma: number,
): DepthAnchors {
  const at = Array.from(marked.keys()).filter((i) => marked[i] === 1);
  return {
    count: at.length,
    pixels: Float32Array.from(at.flatMap((i) => [(i % width) + 0.5, Math.floor(i / width) + 0.5])),
    depth: Float32Array.from(at, (i) => depth[i]!),
    sigmaLogDepth: new Float32Array(at.length).fill(sigma),
    source: 'lidar',
  };
}
