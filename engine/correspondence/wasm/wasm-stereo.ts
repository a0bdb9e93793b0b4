/** Dense multi-view stereo on the WASM core: coarse-to-fine plane sweep, semi-global aggregation, cross-view check. */
import { ShapeError } from '../../scene/errors.js';
import type { Camera } from '../../scene/camera.js';
import type { StageContext } from '../../scene/stage.js';
import { yieldToHost } from '../../scene/stage.js';
import type { View } from '../../scene/view.js';
import type { WasmRuntime } from '../../wasm/wasm-runtime.js';
import type { InverseDepthRange, StereoBackend, StereoDepth, StereoOptions } from '../contract.js';
import { halveIntrinsics, spacePlanes, transferBetween } from '../plane-geometry.js';
import type { PlaneSet } from '../plane-geometry.js';
import { bandsFromCoarse, coverAllPlanes } from '../tile-bands.js';
import { ImageCache } from './image-cache.js';
import type { StereoSettings } from './stereo-settings.js';
import { DEFAULT_STEREO_SETTINGS } from './stereo-settings.js';
import { PAIR_BYTES, writePairRecord } from './strip-record.js';
import type { SweepResult } from './sweep-view.js';
import { sweepView } from './sweep-view.js';

const IMAGE_BUDGET_BYTES = 256 * 1024 * 1024;

/**
 * A stereo backend that runs on the given core. `settings` overrides single defaults (for measurements).
 *
 * `estimateDepths` throws ShapeError when options and views do not fit each other, MemoryLimitError when the core's memory
 * does not suffice, and the signal's reason when aborted. Results do not depend on the number of threads.
 */
export function createWasmStereo(runtime: WasmRuntime, settings: Partial<StereoSettings> = {}): StereoBackend {
  const chosen: StereoSettings = { ...DEFAULT_STEREO_SETTINGS, ...settings };
  return {
    name: 'wasm',
    estimateDepths: async (views, options, context) => new StereoRun(runtime, views, options, chosen, context).run(),
  };
}

interface LevelDepth extends SweepResult {
  readonly width: number;
  readonly height: number;
  confirmations: Uint8Array;
}

class StereoRun {
  private readonly levels: number;
  private readonly images: ImageCache;
  /** Planes of the finest level by view. */
  private readonly planes: PlaneSet[];

  constructor(
    private readonly runtime: WasmRuntime,
    private readonly views: readonly View[],
    private readonly options: StereoOptions,
    private readonly settings: StereoSettings,
    private readonly context: StageContext,
  ) {
    checkOptions(views, options);
    this.levels = countLevels(views, settings.coarsestPixels);
    this.images = new ImageCache(runtime, views, this.levels, IMAGE_BUDGET_BYTES);
    this.planes = views.map((view, index) => {
      const sources = this.sourcesOf(index).map((source) => (views[source] as View).camera);
      return spacePlanes(view.camera, sources, options.ranges[index] as InverseDepthRange, {
        stepPx: settings.planeStepPx,
        slopePx: settings.planeSlopePx,
      });
    });
  }

  async run(): Promise<StereoDepth[]> {
    try {
      let depths: LevelDepth[] = [];
      for (let level = this.levels - 1; level >= 0; level--) depths = await this.runLevel(level, depths);
      return depths.map(describeDepth);
    } finally {
      this.images.dispose();
    }
  }

  private async runLevel(level: number, coarser: readonly LevelDepth[]): Promise<LevelDepth[]> {
    const depths: LevelDepth[] = [];
    for (let index = 0; index < this.views.length; index++) {
      this.report(level, index, (this.views[index] as View).name);
      depths.push(await this.sweep(level, index, coarser[index]));
    }
    for (let index = 0; index < depths.length; index++) this.confirm(level, index, depths);
    await yieldToHost(this.context);
    return depths;
  }

  private async sweep(level: number, index: number, coarser: LevelDepth | undefined): Promise<LevelDepth> {
    const { settings } = this;
    const camera = this.cameraAt(index, level);
    const { width, height } = camera.intrinsics;
    const planes = coarsenPlanes(this.planes[index] as PlaneSet, level);
    const bands =
      coarser === undefined
        ? coverAllPlanes(width, height, planes)
        : bandsFromCoarse(coarser, width, height, planes, {
            marginPlanes: settings.bandMarginPlanes,
            minShare: settings.bandMinShare,
            minConfirmedShare: settings.bandMinConfirmedShare,
          });
    const sources = this.sourcesOf(index);
    this.images.hold([index, ...sources]);
    const result = await sweepView(
      this.runtime,
      {
        reference: this.images.pointer(index, level),
        width,
        height,
        planes,
        bands,
        sources: sources.map((source) => {
          const other = this.cameraAt(source, level);
          return {
            pixels: this.images.pointer(source, level),
            width: other.intrinsics.width,
            height: other.intrinsics.height,
            transfer: transferBetween(camera, other),
          };
        }),
      },
      settings,
      this.context,
    );
    return { ...result, width, height, confirmations: new Uint8Array(width * height) };
  }

  /** Counts the views that confirm each depth of one view: its sources, and the views whose source it is. */
  private confirm(level: number, index: number, depths: readonly LevelDepth[]): void {
    const { runtime, options } = this;
    const own = depths[index] as LevelDepth;
    const others = this.views.flatMap((_, other) =>
      other !== index && (this.sourcesOf(index).includes(other) || this.sourcesOf(other).includes(index))
        ? [other]
        : [],
    );
    const first = runtime.upload(own.inverseDepth);
    const counts = runtime.upload(new Uint8Array(own.confirmations.length));
    const pair = runtime.allocate(PAIR_BYTES);
    const camera = this.cameraAt(index, level);
    for (const other of others) {
      const theirs = depths[other] as LevelDepth;
      const second = runtime.upload(theirs.inverseDepth);
      const otherCamera = this.cameraAt(other, level);
      writePairRecord(runtime, pair, {
        there: transferBetween(camera, otherCamera),
        back: transferBetween(otherCamera, camera),
        sizes: [own.width, own.height, theirs.width, theirs.height],
        maxPx: options.consistencyPx,
        // A pixel of a coarse level is worth more depth.
        maxRelativeDepth: options.consistencyRelativeDepth * 2 ** level,
      });
      runtime.kernel('stereoCrossCheck')(pair, first, second, counts);
      runtime.release(second);
    }
    own.confirmations = new Uint8Array(runtime.uint8(counts, own.confirmations.length));
    [first, counts, pair].forEach((block) => runtime.release(block));
  }

  private sourcesOf(index: number): readonly number[] {
    return this.options.sources[index] as readonly number[];
  }

  private cameraAt(index: number, level: number): Camera {
    const { camera } = this.views[index] as View;
    return { ...camera, intrinsics: halveIntrinsics(camera.intrinsics, level) };
  }

  /** Each finer level is taken to cost three times the one before. */
  private report(level: number, index: number, detail: string): void {
    const weight = (l: number): number => 3 ** (this.levels - 1 - l);
    let total = 0;
    let done = 0;
    for (let l = this.levels - 1; l >= 0; l--) {
      total += weight(l);
      if (l > level) done += weight(l);
    }
    done += weight(level) * (index / this.views.length);
    this.context.onProgress?.(done / total, detail);
  }
}

function checkOptions(views: readonly View[], options: StereoOptions): void {
  if (options.sources.length !== views.length || options.ranges.length !== views.length)
    throw new ShapeError('stereo wants one list of sources and one range for every view');
  options.sources.forEach((sources, index) => {
    const wrong = sources.some(
      (source) => !Number.isInteger(source) || source < 0 || source >= views.length || source === index,
    );
    if (wrong || sources.length > 4)
      throw new ShapeError(`stereo cannot use the sources [${sources.join(', ')}] for view ${index}`);
  });
  options.ranges.forEach(({ far, near }, index) => {
    if (!(far > 0 && near > far && near < Infinity))
      throw new ShapeError(`stereo cannot use the inverse depths ${far} to ${near} of view ${index}`);
  });
  for (const { camera, image, mask } of views) {
    const pixels = image.width * image.height;
    const { width, height } = camera.intrinsics;
    if (
      width !== image.width ||
      height !== image.height ||
      image.data.length !== pixels * 3 ||
      (mask !== null && mask.length !== pixels)
    )
      throw new ShapeError('a view has camera, image and mask of different sizes');
  }
}

/** Levels until the largest picture is small enough for all planes at once. */
function countLevels(views: readonly View[], coarsestPixels: number): number {
  const pixels = views.reduce((most, { image }) => Math.max(most, image.width * image.height), 0);
  const smallest = views.reduce((least, { image }) => Math.min(least, image.width, image.height), Infinity);
  let levels = 1;
  while (pixels / 4 ** (levels - 1) > coarsestPixels && smallest / 2 ** levels >= 32) levels++;
  return levels;
}

/** Half the pixels want half the planes. */
function coarsenPlanes(planes: PlaneSet, level: number): PlaneSet {
  const step = planes.step * 2 ** level;
  const count = Math.max(16, Math.ceil(planes.count / 2 ** level / 8) * 8);
  return { first: planes.first, step, count };
}

function describeDepth(depth: LevelDepth): StereoDepth {
  const { width, height, inverseDepth, confirmations, cost } = depth;
  return {
    depthMap: {
      width,
      height,
      depth: inverseDepth.map((inverse) => (inverse > 0 ? 1 / inverse : 0)),
      confidence: Float32Array.from(confirmations, (count) => (count > 0 ? 1 : 0)),
    },
    confirmations,
    cost,
  };
}
