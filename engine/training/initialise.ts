/** One Gaussian per pixel (or per block of alike pixels) of every photo, on its ray at its depth. */
import { cameraCentre } from '../math/conventions.js';
import { invertRigid, transformPoint } from '../math/rigid-transform.js';
import type { Splats } from '../scene/splats.js';
import type { SlicedWork } from '../scene/stage.js';
import { runAtOnce } from '../scene/stage.js';
import { createSplats, SH_C0, shCoefficientCount } from '../scene/splats.js';
import type { RayAnchors } from '../splatting/contract.js';
import type { ExtensionLayer } from './extend-background.js';
import { extendBehindEdges, extendBorder } from './extend-background.js';
import type { Landing, SeedView } from './seed-view.js';
import { ViewTransfer } from './seed-view.js';
import type { PixelBlock } from './thin-pixels.js';
import { coarseCells, splitInSlices } from './thin-pixels.js';

export interface InitialiseOptions {
  readonly shDegree: number;
  /** Standard deviation of a Gaussian in units of its block's side, as seen by its own camera. */
  readonly footprint: number;
  readonly opacity: number;
  /** Opacity of layers that no photo saw. */
  readonly extensionOpacity: number;
  readonly hiddenPx: number;
  readonly borderPx: number;
  readonly stepRatio: number;
  /** Side of the blocks of those layers. */
  readonly extensionBlockPx: number;
  /** Largest block and its colour tolerance (see thin-pixels.ts). */
  readonly largestBlockPx: 1 | 2 | 4 | 8;
  readonly colorTolerance: number;
  /** A pixel is left out when a photo before it shows the same surface: relative depth difference, and colour difference. */
  readonly mergeDepth: number;
  readonly mergeColor: number;
  /** A guess is left out when it stands in front of another photo's confirmed surface by more than this share. */
  readonly carveDepth: number;
}

export interface InitialScene {
  readonly splats: Splats;
  readonly anchors: RayAnchors;
  /** How many Gaussians lie in layers that no photo saw. */
  readonly extensionCount: number;
  /** Per view [H, W]: the Gaussian made from this pixel, −1 where another photo's stands for it. */
  readonly owners: readonly Int32Array[];
}

interface Seed extends PixelBlock {
  readonly view: number;
  readonly depth: number;
  readonly opacity: number;
  readonly segment: number;
}

/**
 * Builds the initial scene. World-space size of a Gaussian: σ = footprint · block · z / fx, isotropic. Colour: the block's mean
 * (degree-0 SH). Pixels that `mask` leaves out get no Gaussian of their own but may be covered by the extension layers.
 */
export function initialiseScene(views: readonly SeedView[], options: InitialiseOptions): InitialScene {
  return runAtOnce(initialiseInSlices(views, options));
}

/** {@link initialiseScene} as work that a host can interrupt. */
export function* initialiseInSlices(views: readonly SeedView[], options: InitialiseOptions): SlicedWork<InitialScene> {
  const seeds: Seed[] = [];
  for (const index of views.keys()) yield* seedPhoto(views, index, options, seeds);
  const photoCount = seeds.length;
  for (const [index, view] of views.entries()) {
    const extension = { hiddenPx: options.hiddenPx, borderPx: options.borderPx, stepRatio: options.stepRatio };
    if (options.hiddenPx > 0)
      for (const layer of extendBehindEdges(view, extension)) yield* seedLayer(views, index, layer, options, seeds);
    yield;
    if (options.borderPx > 0) yield* seedLayer(views, index, extendBorder(view, extension), options, seeds);
    yield;
  }
  return {
    ...(yield* buildScene(views, seeds, options)),
    extensionCount: seeds.length - photoCount,
    owners: yield* listOwners(views, seeds, photoCount),
  };
}

/** Seeds between two chances to wait. */
const SEEDS_PER_SLICE = 1024;

function* listOwners(views: readonly SeedView[], seeds: readonly Seed[], photoCount: number): SlicedWork<Int32Array[]> {
  const owners = views.map((view) => new Int32Array(view.depth.length).fill(-1));
  for (let i = 0; i < photoCount; i++) {
    if (i % SEEDS_PER_SLICE === 0) yield;
    const { view, u, v, sizePx } = seeds[i]!;
    const { width } = views[view]!.image;
    const [left, top] = [Math.round(u - sizePx / 2), Math.round(v - sizePx / 2)];
    for (let row = top; row < top + sizePx; row++)
      owners[view]!.fill(i, row * width + left, row * width + left + sizePx);
  }
  return owners;
}

function* seedPhoto(
  views: readonly SeedView[],
  index: number,
  options: InitialiseOptions,
  seeds: Seed[],
): SlicedWork<void> {
  const view = views[index]!;
  const { width, height } = view.image;
  const transfers = views.map((other) => new ViewTransfer(view.camera, other.camera));
  const kept = new Float32Array(width * height);
  const landing: Landing = { index: 0, depth: 0 };
  for (let i = 0; i < kept.length; i++) {
    if (i % width === 0) yield;
    if (view.mask !== null && view.mask[i] === 0) continue;
    const u = (i % width) + 0.5;
    const v = Math.floor(i / width) + 0.5;
    const depth = view.depth[i]!;
    const z = view.confirmed[i] !== 0 ? depth : carveDepth(views, index, transfers, { u, v, depth }, options);
    let isKept = z > 0;
    for (let other = 0; other < index && isKept; other++)
      isKept = !transfers[other]!.land(u, v, z, landing) || !isSameSurface(view, i, views[other]!, landing, options);
    if (isKept) kept[i] = z;
  }
  const blocks = yield* splitInSlices(
    { width, height, color: view.image.data, depth: kept },
    { largestPx: options.largestBlockPx, colorTolerance: options.colorTolerance, depthRatio: 1.02 },
  );
  for (const block of blocks) {
    if (seeds.length % SEEDS_PER_SLICE === 0) yield;
    seeds.push({
      ...block,
      view: index,
      depth: kept[block.pixel]!,
      opacity: options.opacity,
      segment: view.segments[block.pixel]!,
    });
  }
}

/** Whether the point that landed in `other` is the surface which that photo shows there, in the same colour and at least as fine. */
function isSameSurface(
  view: SeedView,
  pixel: number,
  other: SeedView,
  landing: Landing,
  options: InitialiseOptions,
): boolean {
  if (other.mask !== null && other.mask[landing.index] === 0) return false;
  const z = other.depth[landing.index]!;
  if (Math.abs(z - landing.depth) > options.mergeDepth * z) return false;
  for (let c = 0; c < 3; c++) {
    const difference = view.image.data[pixel * 3 + c]! - other.image.data[landing.index * 3 + c]!;
    if (Math.abs(difference) > options.mergeColor) return false;
  }
  return true;
}

/** Rounds of pushing a guess back before it is given up. */
const CARVE_ROUNDS = 6;

/** A guessed depth, pushed back along its ray until it stands in front of no photo's confirmed surface; 0 when that fails. */
function carveDepth(
  views: readonly SeedView[],
  index: number,
  transfers: readonly ViewTransfer[],
  { u, v, depth }: { readonly u: number; readonly v: number; readonly depth: number },
  options: InitialiseOptions,
): number {
  const landing: Landing = { index: 0, depth: 0 };
  let z = depth;
  for (let round = 0; round < CARVE_ROUNDS; round++) {
    let push = 1;
    for (let other = 0; other < views.length; other++) {
      const seen = views[other]!;
      if (other === index || !transfers[other]!.land(u, v, z, landing) || seen.confirmed[landing.index] === 0) continue;
      const surface = seen.depth[landing.index]!;
      if (landing.depth < surface * (1 - options.carveDepth)) push = Math.max(push, surface / landing.depth);
    }
    if (push === 1) return z;
    z *= push;
  }
  return 0;
}

function* seedLayer(
  views: readonly SeedView[],
  index: number,
  layer: ExtensionLayer,
  options: InitialiseOptions,
  seeds: Seed[],
): SlicedWork<void> {
  const view = views[index]!;
  const transfers = views.map((other) => new ViewTransfer(view.camera, other.camera));
  const landing: Landing = { index: 0, depth: 0 };
  // Guessed colours carry no detail worth a Gaussian each.
  const blocks = coarseCells(layer, options.extensionBlockPx);
  for (const [position, block] of blocks.entries()) {
    if (position % SEEDS_PER_SLICE === 0) yield;
    const u = block.u - layer.border;
    const v = block.v - layer.border;
    const depth = carveDepth(views, index, transfers, { u, v, depth: layer.depth[block.pixel]! }, options);
    let isKept = depth > 0;
    for (let other = 0; other < views.length && isKept; other++) {
      if (other === index || !transfers[other]!.land(u, v, depth, landing)) continue;
      const seen = views[other]!;
      if (seen.mask !== null && seen.mask[landing.index] === 0) continue;
      const z = seen.depth[landing.index]!;
      // Part of what that photo shows already.
      isKept = seen.confirmed[landing.index] === 0 || Math.abs(landing.depth - z) > options.mergeDepth * z;
    }
    if (!isKept) continue;
    const column = Math.min(view.image.width - 1, Math.max(0, Math.floor(u)));
    const row = Math.min(view.image.height - 1, Math.max(0, Math.floor(v)));
    seeds.push({
      ...block,
      u,
      v,
      view: index,
      depth,
      opacity: options.extensionOpacity,
      segment: view.segments[row * view.image.width + column]!,
    });
  }
}

function* buildScene(
  views: readonly SeedView[],
  seeds: readonly Seed[],
  options: InitialiseOptions,
): SlicedWork<{ splats: Splats; anchors: RayAnchors }> {
  const splats = createSplats(seeds.length, options.shDegree);
  const coefficients = shCoefficientCount(options.shDegree);
  const viewIndices = new Uint16Array(seeds.length);
  const imageCoords = new Float32Array(seeds.length * 2);
  const segments = new Uint8Array(seeds.length);
  const worldFromCamera = views.map((view) => invertRigid(view.camera.cameraFromWorld));
  for (const [i, seed] of seeds.entries()) {
    if (i % SEEDS_PER_SLICE === 0) yield;
    const { intrinsics } = views[seed.view]!.camera;
    const z = seed.depth;
    const point = transformPoint(worldFromCamera[seed.view]!, [
      ((seed.u - intrinsics.cx) / intrinsics.fx) * z,
      ((seed.v - intrinsics.cy) / intrinsics.fy) * z,
      z,
    ]);
    splats.means.set(point, i * 3);
    splats.logScales.fill(Math.log((options.footprint * seed.sizePx * z) / intrinsics.fx), i * 3, i * 3 + 3);
    splats.rawOpacities[i] = Math.log(seed.opacity / (1 - seed.opacity));
    for (let c = 0; c < 3; c++) splats.shCoeffs[i * coefficients * 3 + c] = (seed.color[c]! - 0.5) / SH_C0;
    viewIndices[i] = seed.view;
    imageCoords[i * 2] = seed.u / intrinsics.width;
    imageCoords[i * 2 + 1] = seed.v / intrinsics.height;
    segments[i] = seed.segment;
  }
  return {
    splats,
    anchors: {
      viewIndices,
      imageCoords,
      segments,
      origins: Float32Array.from(views.flatMap((view) => cameraCentre(view.camera.cameraFromWorld))),
      segmentCount: 5,
      gridLevels: [],
    },
  };
}
