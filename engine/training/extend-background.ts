/** Layers that no photo saw: background continued behind foreground edges, and a border outside the picture. */
import type { SeedView } from './seed-view.js';

/** Guessed pixels on a grid larger than the picture by `border` on every side. */
export interface ExtensionLayer {
  readonly width: number;
  readonly height: number;
  readonly border: number;
  /** [height, width] z, 0 where the layer has nothing. */
  readonly depth: Float32Array;
  /** [height, width, 3] */
  readonly color: Float32Array;
}

export interface ExtensionOptions {
  /** How far the background continues behind a foreground edge. */
  readonly hiddenPx: number;
  /** How far the scene continues outside the picture. */
  readonly borderPx: number;
  /** A depth step counts as an edge when the far side is this many times the near side. */
  readonly stepRatio: number;
}

/** Weighted averages of inverse depth and colour that fill their holes from coarser levels (push–pull, Gortler et al. 1996). */
interface PushPullLevel {
  readonly width: number;
  readonly height: number;
  /** [h, w, 5]: Σ w·inverseDepth, Σ w·rgb, w */
  readonly data: Float32Array;
}

const CHANNELS = 5;

function pushLevel(fine: PushPullLevel): PushPullLevel {
  const width = Math.ceil(fine.width / 2);
  const height = Math.ceil(fine.height / 2);
  const data = new Float32Array(width * height * CHANNELS);
  for (let y = 0; y < fine.height; y++)
    for (let x = 0; x < fine.width; x++) {
      const from = (y * fine.width + x) * CHANNELS;
      const to = ((y >> 1) * width + (x >> 1)) * CHANNELS;
      for (let c = 0; c < CHANNELS; c++) data[to + c] = data[to + c]! + fine.data[from + c]!;
    }
  // A cell counts as full once one pixel of it is known; the sums keep their ratio.
  for (let i = 0; i < data.length; i += CHANNELS) {
    const weight = data[i + 4]!;
    if (weight <= 1) continue;
    for (let c = 0; c < CHANNELS; c++) data[i + c] = data[i + c]! / weight;
  }
  return { width, height, data };
}

function pullLevel(coarse: PushPullLevel, fine: PushPullLevel): void {
  for (let y = 0; y < fine.height; y++) {
    const cy = Math.min(coarse.height - 1, Math.max(0, y / 2 - 0.25));
    const y0 = Math.floor(cy);
    const y1 = Math.min(coarse.height - 1, y0 + 1);
    for (let x = 0; x < fine.width; x++) {
      const to = (y * fine.width + x) * CHANNELS;
      const missing = 1 - fine.data[to + 4]!;
      if (missing <= 0) continue;
      const cx = Math.min(coarse.width - 1, Math.max(0, x / 2 - 0.25));
      const x0 = Math.floor(cx);
      const x1 = Math.min(coarse.width - 1, x0 + 1);
      const taps = [
        [y0 * coarse.width + x0, (1 - (cx - x0)) * (1 - (cy - y0))],
        [y0 * coarse.width + x1, (cx - x0) * (1 - (cy - y0))],
        [y1 * coarse.width + x0, (1 - (cx - x0)) * (cy - y0)],
        [y1 * coarse.width + x1, (cx - x0) * (cy - y0)],
      ] as const;
      for (let c = 0; c < CHANNELS; c++) {
        let sum = 0;
        for (const [index, weight] of taps) sum += weight * coarse.data[index * CHANNELS + c]!;
        fine.data[to + c] = fine.data[to + c]! + missing * sum;
      }
    }
  }
}

function pushPull(finest: PushPullLevel): void {
  const levels = [finest];
  for (let level = finest; level.width > 1 || level.height > 1;) {
    level = pushLevel(level);
    levels.push(level);
  }
  for (let i = levels.length - 2; i >= 0; i--) pullLevel(levels[i + 1]!, levels[i]!);
}

function putPixel(level: PushPullLevel, at: number, view: SeedView, pixel: number): void {
  level.data[at * CHANNELS] = 1 / view.depth[pixel]!;
  for (let c = 0; c < 3; c++) level.data[at * CHANNELS + 1 + c] = view.image.data[pixel * 3 + c]!;
  level.data[at * CHANNELS + 4] = 1;
}

function counts(view: SeedView, pixel: number): boolean {
  return view.mask === null || view.mask[pixel] !== 0;
}

/** For every pixel in front of a depth step, the background pixels that its layers continue; −1: none. */
interface HiddenSources {
  /** The background beyond the nearest step … */
  readonly nearest: Int32Array;
  /** … and the farthest background beyond any step within reach. */
  readonly farthest: Int32Array;
}

const DIRECTIONS = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
] as const;

/** Walks from the picture's edge in the 8 directions; where the far side of a step ends, it goes on behind what is nearer. */
function findHiddenSources(view: SeedView, options: ExtensionOptions): HiddenSources {
  const { width, height } = view.image;
  const nearest = new Int32Array(width * height).fill(-1);
  const farthest = new Int32Array(width * height).fill(-1);
  const distance = new Float32Array(width * height).fill(Infinity);
  const { depth } = view;
  const walk = (x: number, y: number, dx: number, dy: number): void => {
    const length = Math.hypot(dx, dy);
    const step = dy * width + dx;
    let source = -1;
    let travelled = 0;
    for (; x + dx >= 0 && y + dy >= 0 && x + dx < width && y + dy < height; x += dx, y += dy) {
      const before = y * width + x;
      const here = before + step;
      // A step behind a nearer step: the farther of the two sources goes on.
      const isStep = depth[before]! > depth[here]! * options.stepRatio && counts(view, before);
      if (isStep && (source < 0 || depth[before]! >= depth[source]!)) {
        source = before;
        travelled = 0;
      }
      if (source < 0) continue;
      travelled += length;
      if (travelled > options.hiddenPx || depth[source]! <= depth[here]! * options.stepRatio) {
        source = -1;
        continue;
      }
      if (travelled < distance[here]!) {
        distance[here] = travelled;
        nearest[here] = source;
      }
      if (farthest[here]! < 0 || depth[source]! > depth[farthest[here]!]!) farthest[here] = source;
    }
  };
  for (const [dx, dy] of DIRECTIONS) {
    for (let x = 0; x < width; x++) if (dy !== 0) walk(x, dy > 0 ? 0 : height - 1, dx, dy);
    for (let y = 0; y < height; y++)
      if (dx !== 0 && (dy === 0 || y !== (dy > 0 ? 0 : height - 1))) walk(dx > 0 ? 0 : width - 1, y, dx, dy);
  }
  return { nearest, farthest };
}

function layerFrom(level: PushPullLevel, border: number, accept: (x: number, y: number) => boolean): ExtensionLayer {
  const depth = new Float32Array(level.width * level.height);
  const color = new Float32Array(level.width * level.height * 3);
  for (let y = 0; y < level.height; y++)
    for (let x = 0; x < level.width; x++) {
      const i = y * level.width + x;
      const inverse = level.data[i * CHANNELS]!;
      const z = inverse > 0 ? 1 / inverse : 0;
      if (!(z > 0) || !accept(x - border, y - border)) continue;
      depth[i] = z;
      for (let c = 0; c < 3; c++) color[i * 3 + c] = level.data[i * CHANNELS + 1 + c]!;
    }
  return { width: level.width, height: level.height, border, depth, color };
}

/** Half the side of the window over which a source's colour is averaged. */
const SOURCE_WINDOW = 2;

/** Mean colour around a background pixel over its own surface. */
function surfaceColor(view: SeedView, pixel: number, stepRatio: number): [number, number, number] {
  const { width, height, data } = view.image;
  const [px, py] = [pixel % width, Math.floor(pixel / width)];
  const sum: [number, number, number] = [0, 0, 0];
  let count = 0;
  for (let y = Math.max(0, py - SOURCE_WINDOW); y <= Math.min(height - 1, py + SOURCE_WINDOW); y++)
    for (let x = Math.max(0, px - SOURCE_WINDOW); x <= Math.min(width - 1, px + SOURCE_WINDOW); x++) {
      const i = y * width + x;
      const ratio = view.depth[i]! / view.depth[pixel]!;
      if (ratio > stepRatio || ratio * stepRatio < 1 || !counts(view, i)) continue;
      for (let c = 0; c < 3; c++) sum[c] = sum[c]! + data[i * 3 + c]!;
      count++;
    }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}

function layerOfSources(
  view: SeedView,
  sources: Int32Array,
  stepRatio: number,
  except: Int32Array | null,
): ExtensionLayer {
  const { width, height } = view.image;
  const depth = new Float32Array(width * height);
  const color = new Float32Array(width * height * 3);
  for (let i = 0; i < depth.length; i++) {
    const source = sources[i]!;
    if (source < 0) continue;
    const other = except === null ? -1 : except[i]!;
    if (other >= 0 && view.depth[source]! <= view.depth[other]! * stepRatio) continue;
    depth[i] = view.depth[source]!;
    color.set(surfaceColor(view, source, stepRatio), i * 3);
  }
  return { width, height, border: 0, depth, color };
}

/**
 * The background continued behind foreground edges, `hiddenPx` far: one layer at the depth of what lies beyond the nearest edge, and one
 * at the farthest depth within reach where that is another surface.
 */
export function extendBehindEdges(view: SeedView, options: ExtensionOptions): ExtensionLayer[] {
  const { nearest, farthest } = findHiddenSources(view, options);
  return [
    layerOfSources(view, nearest, options.stepRatio, null),
    layerOfSources(view, farthest, options.stepRatio, nearest),
  ];
}

/** The picture continued `borderPx` beyond its edges, at the depth and colour of what lies at the edge. */
export function extendBorder(view: SeedView, options: ExtensionOptions): ExtensionLayer {
  const { width, height } = view.image;
  const border = options.borderPx;
  const level: PushPullLevel = {
    width: width + 2 * border,
    height: height + 2 * border,
    data: new Float32Array((width + 2 * border) * (height + 2 * border) * CHANNELS),
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      if (counts(view, pixel)) putPixel(level, (y + border) * level.width + x + border, view, pixel);
    }
  pushPull(level);
  return layerFrom(level, border, (x, y) => {
    const inside = x >= 0 && y >= 0 && x < width && y < height;
    // A masked strip along the edge (undistortion) belongs to the outside.
    return !inside || !counts(view, y * width + x);
  });
}
