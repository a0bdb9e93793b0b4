/** Which pixels of a photo get a Gaussian each, and where one Gaussian can stand for a block of alike pixels. */
import type { SlicedWork } from '../scene/stage.js';
import { runAtOnce } from '../scene/stage.js';

/** A square of pixels that one Gaussian represents. */
export interface PixelBlock {
  /** Centre in pixels (pixel centres at +0.5). */
  readonly u: number;
  readonly v: number;
  readonly sizePx: number;
  /** Pixel whose depth, colour and segment stand for the block; colour is averaged over it. */
  readonly pixel: number;
  readonly color: readonly [number, number, number];
}

export interface BlockInput {
  readonly width: number;
  readonly height: number;
  /** [H, W, 3] */
  readonly color: Float32Array;
  /** [H, W] z; pixels with 0 get nothing. */
  readonly depth: Float32Array;
}

export interface BlockRules {
  readonly largestPx: 1 | 2 | 4 | 8;
  /** A block stays whole while no channel's range over it exceeds twice this. */
  readonly colorTolerance: number;
  /** Largest depth ratio within a whole block. */
  readonly depthRatio: number;
}

/** Splits the picture into blocks: whole where colour and depth hardly change, down to single pixels elsewhere (a quadtree). */
export function splitIntoBlocks(input: BlockInput, rules: BlockRules): PixelBlock[] {
  return runAtOnce(splitInSlices(input, rules));
}

/** {@link splitIntoBlocks} as work that a host can interrupt. */
export function* splitInSlices(input: BlockInput, rules: BlockRules): SlicedWork<PixelBlock[]> {
  const blocks: PixelBlock[] = [];
  for (let y = 0; y < input.height; y += rules.largestPx) {
    yield;
    for (let x = 0; x < input.width; x += rules.largestPx) splitBlock(input, rules, x, y, rules.largestPx, blocks);
  }
  return blocks;
}

function splitBlock(
  input: BlockInput,
  rules: BlockRules,
  x: number,
  y: number,
  size: number,
  blocks: PixelBlock[],
): void {
  const { width, height, color, depth } = input;
  if (x >= width || y >= height) return;
  if (size === 1) {
    const i = y * width + x;
    if (!(depth[i]! > 0)) return;
    blocks.push({
      u: x + 0.5,
      v: y + 0.5,
      sizePx: 1,
      pixel: i,
      color: [color[i * 3]!, color[i * 3 + 1]!, color[i * 3 + 2]!],
    });
    return;
  }
  const mean = x + size <= width && y + size <= height ? uniformMean(input, rules, x, y, size) : null;
  if (mean !== null) {
    const half = size / 2;
    blocks.push({ u: x + half, v: y + half, sizePx: size, pixel: (y + half) * width + x + half, color: mean });
    return;
  }
  const half = size / 2;
  splitBlock(input, rules, x, y, half, blocks);
  splitBlock(input, rules, x + half, y, half, blocks);
  splitBlock(input, rules, x, y + half, half, blocks);
  splitBlock(input, rules, x + half, y + half, half, blocks);
}

/** The block's mean colour, or null when it is not uniform. */
function uniformMean(
  input: BlockInput,
  rules: BlockRules,
  x: number,
  y: number,
  size: number,
): [number, number, number] | null {
  const { width, color, depth } = input;
  let nearest = Infinity;
  let farthest = 0;
  const low = [1, 1, 1];
  const high = [0, 0, 0];
  const sum: [number, number, number] = [0, 0, 0];
  for (let row = y; row < y + size; row++)
    for (let column = x; column < x + size; column++) {
      const i = row * width + column;
      const z = depth[i]!;
      if (!(z > 0)) return null;
      if (z < nearest) nearest = z;
      if (z > farthest) farthest = z;
      for (let c = 0; c < 3; c++) {
        const value = color[i * 3 + c]!;
        if (value < low[c]!) low[c] = value;
        if (value > high[c]!) high[c] = value;
        sum[c] = sum[c]! + value;
      }
    }
  if (farthest > nearest * rules.depthRatio) return null;
  for (let c = 0; c < 3; c++) if (high[c]! - low[c]! > 2 * rules.colorTolerance) return null;
  const inverse = 1 / (size * size);
  return [sum[0] * inverse, sum[1] * inverse, sum[2] * inverse];
}

/** One block per cell of `sizePx` where at least a quarter of the pixels have a depth; the deepest pixel stands for the cell. */
export function coarseCells(input: BlockInput, sizePx: number): PixelBlock[] {
  const { width, height, color, depth } = input;
  const blocks: PixelBlock[] = [];
  for (let y = 0; y < height; y += sizePx)
    for (let x = 0; x < width; x += sizePx) {
      let count = 0;
      let deepest = -1;
      const sum: [number, number, number] = [0, 0, 0];
      for (let row = y; row < Math.min(height, y + sizePx); row++)
        for (let column = x; column < Math.min(width, x + sizePx); column++) {
          const i = row * width + column;
          if (!(depth[i]! > 0)) continue;
          count++;
          if (deepest < 0 || depth[i]! > depth[deepest]!) deepest = i;
          for (let c = 0; c < 3; c++) sum[c] = sum[c]! + color[i * 3 + c]!;
        }
      if (count * 4 < sizePx * sizePx) continue;
      blocks.push({
        u: x + sizePx / 2,
        v: y + sizePx / 2,
        sizePx,
        pixel: deepest,
        color: [sum[0] / count, sum[1] / count, sum[2] / count],
      });
    }
  return blocks;
}
