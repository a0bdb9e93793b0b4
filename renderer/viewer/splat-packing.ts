/**
 * Splats in Spark's "extended" layout: two RGBA32UI texels a Gaussian with float32 centres (its compact layout keeps float16 ones, which
 * is a centimetre at ten metres), and up to four more with the spherical harmonics. Runs in a worker; no DOM, no three.
 *
 *   texel A: float32 x, y, z · float16 opacity
 *   texel B: float16 r, g, b, ln sx, ln sy, ln sz · octahedral axis (10 + 10 bits) and angle (12 bits) of the rotation
 *   sh word: three 8-bit magnitudes, three sign bits, a shared 5-bit exponent
 */
import type { Splats } from '../../engine/scene/splats.js';
import { SH_C0, shCoefficientCount } from '../../engine/scene/splats.js';

/** Texels in a row of Spark's textures; arrays are padded to whole rows. */
export const ROW = 2048;
const ROWS_PER_LAYER = 2048;
/** Beyond the third degree there is no texture. */
const MAX_DEGREE = 3;

export interface PackedSplats {
  readonly count: number;
  readonly shDegree: number;
  readonly a: Uint32Array<ArrayBuffer>;
  readonly b: Uint32Array<ArrayBuffer>;
  /** Four words a Gaussian each: degree 1 and the first of degree 2, the rest of degree 2, degree 3 twice. As many as the degree needs. */
  readonly sh: readonly Uint32Array<ArrayBuffer>[];
}

/** Records from `first` on, as the arrays that a chunk of the packing works on. */
export interface SplatChunk {
  readonly count: number;
  readonly shDegree: number;
  readonly means: Float32Array;
  readonly quats: Float32Array;
  readonly logScales: Float32Array;
  readonly rawOpacities: Float32Array;
  readonly shCoeffs: Float32Array;
}

/** Copies of `count` records: small enough to be handed to a worker without a stutter. */
export function sliceSplats(splats: Splats, first: number, count: number): SplatChunk {
  const part = (array: Float32Array, stride: number): Float32Array =>
    array.slice(first * stride, (first + count) * stride);
  return {
    count,
    shDegree: splats.shDegree,
    means: part(splats.means, 3),
    quats: part(splats.quats, 4),
    logScales: part(splats.logScales, 3),
    rawOpacities: part(splats.rawOpacities, 1),
    shCoeffs: part(splats.shCoeffs, shCoefficientCount(splats.shDegree) * 3),
  };
}

/** Gaussians that textures for `count` have room for: whole rows, whole layers beyond the first. */
export function paddedCount(count: number): number {
  const rows = Math.max(1, Math.ceil(count / ROW));
  return rows <= ROWS_PER_LAYER ? rows * ROW : Math.ceil(rows / ROWS_PER_LAYER) * ROWS_PER_LAYER * ROW;
}

export function shTextureCount(shDegree: number): number {
  return [0, 1, 2, 4][Math.min(shDegree, MAX_DEGREE)] as number;
}

const floatView = new Float32Array(1);
const wordView = new Uint32Array(floatView.buffer);

/** IEEE 754 binary16 of a number, rounded to nearest; too large becomes the largest finite one, NaN becomes zero. */
export function halfOf(value: number): number {
  floatView[0] = value;
  const word = wordView[0] as number;
  const sign = (word >>> 16) & 0x8000;
  const exponent = ((word >>> 23) & 0xff) - 112;
  if (exponent > 30) return Number.isNaN(value) ? 0 : sign | 0x7bff;
  if (exponent < -10) return sign;
  const mantissa = (word & 0x7fffff) | 0x800000;
  // Subnormals lose one more bit for every step below the least exponent.
  const shift = exponent > 0 ? 13 : 14 - exponent;
  const rounded = (mantissa + (1 << (shift - 1))) >>> shift;
  const half = exponent > 0 ? ((exponent - 1) << 10) + rounded : rounded;
  return sign | Math.min(half, 0x7bff);
}

/** Axis and angle of a quaternion in 32 bits, as Spark's shaders take it apart. */
export function rotationWord(w: number, x: number, y: number, z: number): number {
  const norm = Math.hypot(w, x, y, z);
  if (!(norm > 0) || !Number.isFinite(norm)) return 0;
  const sign = w < 0 ? -1 / norm : 1 / norm;
  const [qw, qx, qy, qz] = [w * sign, x * sign, y * sign, z * sign];
  const sine = Math.hypot(qx, qy, qz);
  const angle = 2 * Math.atan2(sine, qw);
  const sum = Math.abs(qx) + Math.abs(qy) + Math.abs(qz);
  let [u, v] = sum < 1e-9 ? [1, 0] : [qx / sum, qy / sum];
  if (qz < 0) [u, v] = [(1 - Math.abs(v)) * (u >= 0 ? 1 : -1), (1 - Math.abs(u)) * (v >= 0 ? 1 : -1)];
  const quantU = Math.round((u * 0.5 + 0.5) * 1023);
  const quantV = Math.round((v * 0.5 + 0.5) * 1023);
  return ((Math.round((angle / Math.PI) * 4095) << 20) | (quantV << 10) | quantU) >>> 0;
}

/**
 * Three coefficients in 32 bits: value = ± magnitude / 255 · 2^(exponent − 15). The exponent is the least that holds the largest of them
 * (Spark's own encoder takes one less and clips what is above).
 */
export function shWord(r: number, g: number, b: number): number {
  const largest = Math.max(Math.abs(r), Math.abs(g), Math.abs(b));
  if (!(largest > 0) || !Number.isFinite(largest)) return 0;
  const exponent = Math.max(0, Math.min(31, Math.ceil(Math.log2(largest)) + 15));
  const factor = 255 / 2 ** (exponent - 15);
  const magnitude = (value: number): number => Math.min(255, Math.round(Math.abs(value) * factor));
  const signs = (r < 0 ? 1 : 0) | (g < 0 ? 2 : 0) | (b < 0 ? 4 : 0);
  return (magnitude(r) | (magnitude(g) << 8) | (magnitude(b) << 16) | (((exponent << 3) | signs) << 24)) >>> 0;
}

export function allocatePacked(count: number, shDegree: number): PackedSplats {
  const words = paddedCount(count) * 4;
  const degree = Math.min(shDegree, MAX_DEGREE);
  return {
    count,
    shDegree: degree,
    a: new Uint32Array(words),
    b: new Uint32Array(words),
    sh: Array.from({ length: shTextureCount(degree) }, () => new Uint32Array(words)),
  };
}

/** Packs a chunk; the arrays are padded to its own size, `copyPacked` puts them where they belong. */
export function packChunk(chunk: SplatChunk): PackedSplats {
  const packed = allocatePacked(chunk.count, chunk.shDegree);
  for (let i = 0; i < chunk.count; i++) packRecord(chunk, i, packed);
  if (packed.shDegree > 0) packHarmonics(chunk, packed);
  return packed;
}

function packRecord(chunk: SplatChunk, i: number, packed: PackedSplats): void {
  const { means, quats, logScales, rawOpacities, shCoeffs } = chunk;
  const at = i * 4;
  const centre = means.subarray(i * 3, i * 3 + 3);
  // A record that cannot be placed is left transparent: its depth would upset the sorting of the others.
  if (centre.every(Number.isFinite)) {
    new Float32Array(packed.a.buffer, at * 4, 3).set(centre);
    packed.a[at + 3] = halfOf(1 / (1 + Math.exp(-(rawOpacities[i] as number))));
  }
  const sh = i * shCoefficientCount(chunk.shDegree) * 3;
  const channel = (c: number): number => halfOf(0.5 + SH_C0 * (shCoeffs[sh + c] as number));
  const logScale = (axis: number): number => halfOf(logScales[i * 3 + axis] as number);
  packed.b[at] = channel(0) | (channel(1) << 16);
  packed.b[at + 1] = channel(2) | (logScale(0) << 16);
  packed.b[at + 2] = logScale(1) | (logScale(2) << 16);
  packed.b[at + 3] = rotationWord(
    quats[i * 4] as number,
    quats[i * 4 + 1] as number,
    quats[i * 4 + 2] as number,
    quats[i * 4 + 3] as number,
  );
}

/** Coefficient k ≥ 1 is word k − 1 of the textures' words in a row, four to a texture. */
function packHarmonics(chunk: SplatChunk, packed: PackedSplats): void {
  const stride = shCoefficientCount(chunk.shDegree) * 3;
  const last = shCoefficientCount(packed.shDegree);
  for (let k = 1; k < last; k++) {
    const target = packed.sh[(k - 1) >> 2] as Uint32Array;
    const lane = (k - 1) & 3;
    for (let i = 0; i < chunk.count; i++) {
      const at = i * stride + k * 3;
      target[i * 4 + lane] = shWord(
        chunk.shCoeffs[at] as number,
        chunk.shCoeffs[at + 1] as number,
        chunk.shCoeffs[at + 2] as number,
      );
    }
  }
}

/** Puts a packed chunk into the whole, from record `first` on. */
export function copyPacked(chunk: PackedSplats, whole: PackedSplats, first: number): void {
  const words = chunk.count * 4;
  whole.a.set(chunk.a.subarray(0, words), first * 4);
  whole.b.set(chunk.b.subarray(0, words), first * 4);
  chunk.sh.forEach((array, i) => whole.sh[i]?.set(array.subarray(0, words), first * 4));
}
