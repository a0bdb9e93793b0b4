/** Stereo in plain float64 TypeScript: every pixel of every view looks at every plane of its range. Slow, and the definition. */
import type { StageContext } from '../../scene/stage.js';
import type { View } from '../../scene/view.js';
import type { InverseDepthRange, StereoBackend, StereoDepth, StereoOptions } from '../contract.js';
import { aggregateCosts, pickWinner } from './aggregate-costs.js';
import { pixelCounts, projectPoint, sweepPlanes, unprojectPixel } from './plane-sweep.js';

const PLANE_STEP_PX = 0.75;
/** Neighbours whose inverse depths differ by less than this fraction are interpolated between. */
const SAME_SURFACE = 0.02;

/** The reference implementation of the stereo contract; for small pictures only. */
export function createReferenceStereo(): StereoBackend {
  return {
    name: 'reference',
    async estimateDepths(views, options, context) {
      const maps: InverseDepths[] = [];
      for (const [index, view] of views.entries()) {
        context.onProgress?.(index / views.length, view.name);
        const sources = (options.sources[index] ?? []).map((source) => views[source] as View);
        maps.push(await estimateView(view, sources, options.ranges[index] as InverseDepthRange, context));
      }
      return views.map((_, index) => checkView(views, maps, options, index));
    },
  };
}

interface InverseDepths {
  readonly inverseDepth: Float64Array;
  readonly cost: Float32Array;
}

/** Inverse depths from far to near, so dense that no pixel's place in any source moves farther than PLANE_STEP_PX between two. */
export function choosePlanes(view: View, sources: readonly View[], range: InverseDepthRange): number[] {
  const { width, height } = view.image;
  let longest = 0;
  for (const source of sources) {
    for (const [u, v] of [
      [0, 0],
      [width, 0],
      [0, height],
      [width, height],
      [width / 2, height / 2],
    ] as const) {
      const far = projectPoint(source, unprojectPixel(view, u, v, 1 / range.far));
      const near = projectPoint(source, unprojectPixel(view, u, v, 1 / range.near));
      if (far !== null && near !== null) longest = Math.max(longest, Math.hypot(far.u - near.u, far.v - near.v));
    }
  }
  const steps = Math.max(15, Math.ceil(longest / PLANE_STEP_PX));
  return Array.from({ length: steps + 1 }, (_, i) => range.far + (i / steps) * (range.near - range.far));
}

async function estimateView(
  view: View,
  sources: readonly View[],
  range: InverseDepthRange,
  context: StageContext,
): Promise<InverseDepths> {
  const { width, height } = view.image;
  const planes = choosePlanes(view, sources, range);
  const costs = await sweepPlanes(view, sources, planes, context);
  const sums = aggregateCosts(view, costs, planes.length);
  const inverseDepth = new Float64Array(width * height);
  const cost = new Float32Array(width * height).fill(1);
  const step = (planes[1] as number) - (planes[0] as number);
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (!pixelCounts(view, pixel % width, Math.floor(pixel / width))) continue;
    const winner = pickWinner(sums, pixel, planes.length);
    inverseDepth[pixel] = range.far + winner.plane * step;
    cost[pixel] = winner.cost;
  }
  return { inverseDepth, cost };
}

/** Bilinear where the four neighbours are one surface, else the pixel's own; 0 when unknown. */
function sampleInverseDepth(view: View, map: Float64Array, u: number, v: number): number {
  const { width, height } = view.image;
  const [x, y] = [Math.floor(u - 0.5), Math.floor(v - 0.5)];
  const nearest = map[Math.floor(v) * width + Math.floor(u)] as number;
  if (x < 0 || y < 0 || x + 1 >= width || y + 1 >= height) return nearest;
  const four = [0, 1, width, width + 1].map((offset) => map[y * width + x + offset] as number);
  const [low, high] = [Math.min(...four), Math.max(...four)];
  if (low <= 0 || high - low > SAME_SURFACE * high) return nearest;
  const [fx, fy] = [u - 0.5 - x, v - 0.5 - y];
  const weights = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
  return four.reduce((sum, value, i) => sum + value * (weights[i] as number), 0);
}

/** Whether `second` has the first's surface at the same place: there by our depth, back by theirs. */
function isConfirmed(
  views: readonly View[],
  maps: readonly InverseDepths[],
  options: StereoOptions,
  first: number,
  second: number,
  pixel: number,
): boolean {
  const [own, other] = [views[first] as View, views[second] as View];
  const depth = 1 / ((maps[first] as InverseDepths).inverseDepth[pixel] as number);
  const u = (pixel % own.image.width) + 0.5;
  const v = Math.floor(pixel / own.image.width) + 0.5;
  const there = projectPoint(other, unprojectPixel(own, u, v, depth));
  if (there === null || there.u < 0 || there.v < 0) return false;
  if (there.u >= other.image.width || there.v >= other.image.height) return false;
  const theirs = sampleInverseDepth(other, (maps[second] as InverseDepths).inverseDepth, there.u, there.v);
  if (!(theirs > 0)) return false;
  const back = projectPoint(own, unprojectPixel(other, there.u, there.v, 1 / theirs));
  if (back === null) return false;
  const near = Math.hypot(back.u - u, back.v - v) <= options.consistencyPx;
  return near && Math.abs(back.depth / depth - 1) < options.consistencyRelativeDepth;
}

function checkView(
  views: readonly View[],
  maps: readonly InverseDepths[],
  options: StereoOptions,
  index: number,
): StereoDepth {
  const { width, height } = (views[index] as View).image;
  const { inverseDepth, cost } = maps[index] as InverseDepths;
  const related = views.flatMap((_, other) =>
    other !== index && (options.sources[index]?.includes(other) || options.sources[other]?.includes(index))
      ? [other]
      : [],
  );
  const confirmations = new Uint8Array(width * height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (!((inverseDepth[pixel] as number) > 0)) continue;
    confirmations[pixel] = related.filter((other) => isConfirmed(views, maps, options, index, other, pixel)).length;
  }
  return {
    depthMap: {
      width,
      height,
      depth: Float32Array.from(inverseDepth, (inverse) => (inverse > 0 ? 1 / inverse : 0)),
      confidence: Float32Array.from(confirmations, (count) => (count > 0 ? 1 : 0)),
    },
    confirmations,
    cost,
  };
}
