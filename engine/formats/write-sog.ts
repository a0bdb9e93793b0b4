/** 3D Gaussian splats into the textures and the meta.json of PlayCanvas' SOG. */
import type { Splats } from '../scene/splats.js';
import { assertSplatsShape, selectSplats, shCoefficientCount } from '../scene/splats.js';
import { buildScalarCodebook, nearestEntry } from './scalar-codebook.js';
import { markUsableSplats } from './splat-validity.js';
import { buildVectorPalette } from './vector-palette.js';

/** A picture of 8-bit RGBA, to be stored without loss. */
export interface SogTexture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

export interface WrittenSog {
  readonly textures: readonly SogTexture[];
  /** Text of meta.json. */
  readonly meta: string;
  readonly writtenCount: number;
  /** Records with NaN, infinity or a zero quaternion, left out. */
  readonly droppedCount: number;
}

export interface WriteSogOptions {
  /** Program and version. */
  readonly generator: string;
  /** 0..1; the palette of spherical harmonics takes nearly all of the time. */
  readonly onProgress?: (fraction: number) => void;
}

const CODEBOOK_SIZE = 256;
const MAX_PALETTE_SIZE = 65536;
/** Palette entries in a row of the centroids' texture. */
const PALETTE_COLUMNS = 64;
const MORTON_BITS = 10;

const logCompress = (value: number): number => Math.sign(value) * Math.log1p(Math.abs(value));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function bounds(values: Float32Array, stride: number, offset: number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = offset; i < values.length; i += stride) {
    low = Math.min(low, values[i] as number);
    high = Math.max(high, values[i] as number);
  }
  return [low, high];
}

/** Two empty bits between each of the lowest ten. */
function spreadBits(value: number): number {
  let x = value & 0x3ff;
  x = (x | (x << 16)) & 0x030000ff;
  x = (x | (x << 8)) & 0x0300f00f;
  x = (x | (x << 4)) & 0x030c30c3;
  return (x | (x << 2)) & 0x09249249;
}

/** Neighbours in space become neighbours in the textures, which then compress. */
function sortByMortonCode(splats: Splats, usable: Uint32Array): Uint32Array {
  const codes = new Float64Array(splats.count);
  for (let axis = 0; axis < 3; axis++) {
    const compressed = splats.means.map((value, i) => (i % 3 === axis ? logCompress(value) : value));
    const [low, high] = bounds(compressed, 3, axis);
    const scale = high > low ? (2 ** MORTON_BITS - 1) / (high - low) : 0;
    for (const i of usable)
      codes[i]! += spreadBits(Math.floor(((compressed[i * 3 + axis] as number) - low) * scale)) * 2 ** axis;
  }
  return usable.slice().sort((a, b) => (codes[a] as number) - (codes[b] as number) || a - b);
}

/** Width and height, multiples of four, for one pixel a record. */
function textureSize(count: number): [number, number] {
  const width = Math.max(4, Math.ceil(Math.sqrt(count) / 4) * 4);
  return [width, Math.max(4, Math.ceil(count / width / 4) * 4)];
}

function blankTexture(name: string, width: number, height: number): SogTexture {
  return { name, width, height, rgba: new Uint8Array(width * height * 4) };
}

function encodeMeans(splats: Splats, size: [number, number]) {
  const low = blankTexture('means_l.webp', ...size);
  const high = blankTexture('means_u.webp', ...size);
  const compressed = splats.means.map(logCompress);
  const ranges = [0, 1, 2].map((axis) => bounds(compressed, 3, axis));
  for (let i = 0; i < splats.count; i++) {
    for (let axis = 0; axis < 3; axis++) {
      const [from, to] = ranges[axis] as [number, number];
      const share = to > from ? ((compressed[i * 3 + axis] as number) - from) / (to - from) : 0;
      const value = Math.round(65535 * share);
      low.rgba[i * 4 + axis] = value & 0xff;
      high.rgba[i * 4 + axis] = value >> 8;
    }
    low.rgba[i * 4 + 3] = 255;
    high.rgba[i * 4 + 3] = 255;
  }
  const meta = { mins: ranges.map(([from]) => from), maxs: ranges.map(([, to]) => to), files: [low.name, high.name] };
  return { textures: [low, high], meta };
}

/** The three smaller components, times √2 into −1..1; the fourth byte says which was left out. */
function encodeQuats(splats: Splats, size: [number, number]): SogTexture {
  const texture = blankTexture('quats.webp', ...size);
  for (let i = 0; i < splats.count; i++) {
    const quat = [...splats.quats.subarray(i * 4, i * 4 + 4)];
    const magnitudes = quat.map(Math.abs);
    const largest = magnitudes.indexOf(Math.max(...magnitudes));
    const scale = (Math.SQRT2 * ((quat[largest] as number) < 0 ? -1 : 1)) / Math.hypot(...quat);
    quat
      .filter((_, k) => k !== largest)
      .forEach((value, k) => (texture.rgba[i * 4 + k] = Math.round(255 * (value * scale * 0.5 + 0.5))));
    texture.rgba[i * 4 + 3] = 252 + largest;
  }
  return texture;
}

/** Three numbers a record as indices into one codebook of 256. */
function encodeByCodebook(
  name: string,
  values: Float32Array,
  size: [number, number],
  alpha: (record: number) => number,
) {
  const texture = blankTexture(name, ...size);
  const codebook = buildScalarCodebook(values, CODEBOOK_SIZE);
  for (let i = 0; i < values.length / 3; i++) {
    for (let k = 0; k < 3; k++) texture.rgba[i * 4 + k] = nearestEntry(codebook, values[i * 3 + k] as number);
    texture.rgba[i * 4 + 3] = alpha(i);
  }
  return { texture, meta: { codebook: [...codebook], files: [name] } };
}

/** Bands 1 and up: a palette of whole sets of coefficients, its numbers again by a codebook. */
function encodeHarmonics(splats: Splats, size: [number, number], onProgress: (fraction: number) => void) {
  const coefficients = shCoefficientCount(splats.shDegree) - 1;
  const width = coefficients * 3;
  const vectors = new Float32Array(splats.count * width);
  for (let i = 0; i < splats.count; i++)
    vectors.set(splats.shCoeffs.subarray(i * (width + 3) + 3, (i + 1) * (width + 3)), i * width);
  const paletteSize = Math.min(MAX_PALETTE_SIZE, 2 ** Math.floor(Math.log2(splats.count)));
  const palette = buildVectorPalette(vectors, width, paletteSize, onProgress);
  const codebook = buildScalarCodebook(palette.entries, CODEBOOK_SIZE);

  const rows = Math.ceil(palette.size / PALETTE_COLUMNS);
  const centroids = blankTexture('shN_centroids.webp', PALETTE_COLUMNS * coefficients, rows);
  for (let at = 0; at < palette.size * coefficients; at++) {
    for (let k = 0; k < 3; k++)
      centroids.rgba[at * 4 + k] = nearestEntry(codebook, palette.entries[at * 3 + k] as number);
    centroids.rgba[at * 4 + 3] = 255;
  }
  const labels = blankTexture('shN_labels.webp', ...size);
  palette.labels.forEach((label, i) => labels.rgba.set([label & 0xff, label >> 8, 0, 255], i * 4));
  const files = [centroids.name, labels.name];
  return {
    textures: [centroids, labels],
    meta: { count: palette.size, bands: splats.shDegree, codebook: [...codebook], files },
  };
}

/** Colour coefficients of degree 0 alone. */
function baseColors(splats: Splats): Float32Array {
  const stride = shCoefficientCount(splats.shDegree) * 3;
  const colors = new Float32Array(splats.count * 3);
  for (let i = 0; i < splats.count; i++) colors.set(splats.shCoeffs.subarray(i * stride, i * stride + 3), i * 3);
  return colors;
}

/**
 * Describes a scene as SOG, version 2: records in Morton order, one pixel each; means as 16 bits of sign(x) ln(1 + |x|) between their
 * bounds, rotations as the three smaller components in 8 bits, log scales and colours by codebooks of 256 numbers, opacities in 8 bits,
 * higher harmonics by a palette of at most 65,536 sets. The frame stays as it is. A record with NaN, infinity or a zero quaternion is
 * dropped and counted.
 *
 * @param splats at least one usable record.
 * @throws ShapeError when the arrays do not fit the count.
 * Layout: https://developer.playcanvas.com/user-manual/gaussian-splatting/formats/sog/
 */
export function writeSog(splats: Splats, options: WriteSogOptions): WrittenSog {
  assertSplatsShape(splats);
  const usable = markUsableSplats(splats);
  const sorted = selectSplats(splats, sortByMortonCode(splats, usable));
  const size = textureSize(sorted.count);
  const means = encodeMeans(sorted, size);
  const scales = encodeByCodebook('scales.webp', sorted.logScales, size, () => 255);
  const colors = encodeByCodebook('sh0.webp', baseColors(sorted), size, (i) =>
    Math.round(255 * sigmoid(sorted.rawOpacities[i] as number)),
  );
  const quats = encodeQuats(sorted, size);
  const harmonics =
    sorted.shDegree === 0 ? null : encodeHarmonics(sorted, size, options.onProgress ?? (() => undefined));
  const meta = {
    version: 2,
    asset: { generator: options.generator },
    count: sorted.count,
    means: means.meta,
    scales: scales.meta,
    quats: { files: [quats.name] },
    sh0: colors.meta,
    ...(harmonics === null ? {} : { shN: harmonics.meta }),
  };
  return {
    textures: [...means.textures, quats, scales.texture, colors.texture, ...(harmonics?.textures ?? [])],
    meta: JSON.stringify(meta),
    writtenCount: sorted.count,
    droppedCount: splats.count - sorted.count,
  };
}
