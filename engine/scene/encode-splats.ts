/** Splats as one block of bytes, for the way between processes: a small header, then the arrays as they are. */
import { ShapeError } from './errors.js';
import type { Splats } from './splats.js';
import { assertSplatsShape, shCoefficientCount } from './splats.js';

/** "VSP1" in little-endian order. */
const MAGIC = 0x31505356;
const HEADER_BYTES = 16;
const MAX_SH_DEGREE = 4;

/** Floats a record takes: 3 means, 4 quats, 3 logScales, 1 rawOpacity, 3 K shCoeffs. */
function floatsPerSplat(shDegree: number): number {
  return 11 + 3 * shCoefficientCount(shDegree);
}

/**
 * Little-endian: u32 magic "VSP1", u32 count, u32 shDegree, u32 zero; then means [N,3], quats [N,4], logScales [N,3],
 * rawOpacities [N], shCoeffs [N,K,3] as float32, one array after the other.
 *
 * @throws ShapeError when the arrays do not fit the count.
 */
export function encodeSplats(splats: Splats): Uint8Array<ArrayBuffer> {
  assertSplatsShape(splats);
  const bytes = new Uint8Array(HEADER_BYTES + splats.count * floatsPerSplat(splats.shDegree) * 4);
  new Uint32Array(bytes.buffer, 0, 4).set([MAGIC, splats.count, splats.shDegree, 0]);
  const floats = new Float32Array(bytes.buffer, HEADER_BYTES);
  let at = 0;
  for (const array of [splats.means, splats.quats, splats.logScales, splats.rawOpacities, splats.shCoeffs]) {
    floats.set(array, at);
    at += array.length;
  }
  return bytes;
}

/**
 * The inverse of {@link encodeSplats}. The arrays are views of `bytes`, nothing is copied; `bytes` must start at a multiple of four in
 * its buffer, else it is copied first.
 *
 * @throws ShapeError when the bytes are not what the header says: sizes are compared before anything is taken.
 */
export function decodeSplats(bytes: Uint8Array): Splats {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  if (aligned.byteLength < HEADER_BYTES) throw new ShapeError(`${aligned.byteLength} bytes are no splats`);
  const [magic, count, shDegree] = new Uint32Array(aligned.buffer, aligned.byteOffset, 4) as unknown as [
    number,
    number,
    number,
  ];
  if (magic !== MAGIC || shDegree > MAX_SH_DEGREE) throw new ShapeError('these bytes are no splats');
  const expected = HEADER_BYTES + count * floatsPerSplat(shDegree) * 4;
  if (aligned.byteLength !== expected)
    throw new ShapeError(`splats of ${expected} bytes arrived as ${aligned.byteLength}`);
  let at = aligned.byteOffset + HEADER_BYTES;
  const take = (length: number): Float32Array => {
    const array = new Float32Array(aligned.buffer, at, length);
    at += length * 4;
    return array;
  };
  return {
    count,
    shDegree,
    means: take(count * 3),
    quats: take(count * 4),
    logScales: take(count * 3),
    rawOpacities: take(count),
    shCoeffs: take(count * shCoefficientCount(shDegree) * 3),
  };
}
