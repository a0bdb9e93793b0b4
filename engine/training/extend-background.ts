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

/**
 * Marks, for every pixel in front of a depth step, the nearest background pixel beyond the step, walking up to `reach` pixels
 * in the four directions; also marks those background pixels (and some behind them) as the layer's sources.
 */
function findHidden(view: SeedView, options: ExtensionOptions): { hidden: Uint8Array; sources: Uint8Array } {
  const { width, height } = view.image;
  const hidden = new Uint8Array(width * height);
  const sources = new Uint8Array(width * height);
  const sourceBand = Math.max(2, Math.round(options.hiddenPx / 8));
  const walk = (start: number, step: number, length: number): void => {
    let edgeDepth = 0;
    let left = 0;
    for (let k = 1; k < length; k++) {
      const here = start + k * step;
      const before = here - step;
      if (view.depth[before]! > view.depth[here]! * options.stepRatio && counts(view, before)) {
        // The far side ends here: the layer goes on behind what is nearer.
        edgeDepth = view.depth[before]!;
        left = options.hiddenPx;
        for (let b = 0; b < sourceBand && k - 1 - b >= 0; b++) {
          const source = before - b * step;
          if (view.depth[source]! * options.stepRatio < edgeDepth) break;
          if (counts(view, source)) sources[source] = 1;
        }
      }
      if (left > 0) {
        if (view.depth[here]! * options.stepRatio < edgeDepth) hidden[here] = 1;
        else left = 0;
        left--;
      }
    }
  };
  for (let y = 0; y < height; y++) {
    walk(y * width, 1, width);
    walk(y * width + width - 1, -1, width);
  }
  for (let x = 0; x < width; x++) {
    walk(x, width, height);
    walk((height - 1) * width + x, -width, height);
  }
  return { hidden, sources };
}

function layerFrom(
  level: PushPullLevel,
  border: number,
  accept: (x: number, y: number, z: number) => boolean,
): ExtensionLayer {
  const depth = new Float32Array(level.width * level.height);
  const color = new Float32Array(level.width * level.height * 3);
  for (let y = 0; y < level.height; y++)
    for (let x = 0; x < level.width; x++) {
      const i = y * level.width + x;
      const inverse = level.data[i * CHANNELS]!;
      const z = inverse > 0 ? 1 / inverse : 0;
      if (!(z > 0) || !accept(x - border, y - border, z)) continue;
      depth[i] = z;
      for (let c = 0; c < 3; c++) color[i * 3 + c] = level.data[i * CHANNELS + 1 + c]!;
    }
  return { width: level.width, height: level.height, border, depth, color };
}

/** The background continued behind foreground edges, `hiddenPx` far, at the depth and colour of what lies beside the edge. */
export function extendBehindEdges(view: SeedView, options: ExtensionOptions): ExtensionLayer {
  const { width, height } = view.image;
  const { hidden, sources } = findHidden(view, options);
  const level: PushPullLevel = { width, height, data: new Float32Array(width * height * CHANNELS) };
  for (let i = 0; i < width * height; i++) if (sources[i] !== 0) putPixel(level, i, view, i);
  pushPull(level);
  return layerFrom(level, 0, (x, y, z) => {
    const i = y * width + x;
    return hidden[i] !== 0 && z > view.depth[i]! * options.stepRatio;
  });
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
