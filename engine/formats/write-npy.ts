/** NumPy's .npy, version 1.0 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
import { ShapeError } from '../scene/errors.js';

/** The header's end, and so the data's start, is a multiple of this. */
const ALIGNMENT = 64;
const PREFIX_BYTES = 10;

/**
 * An array as float32, little-endian, row-major.
 *
 * @param shape product = data.length. NaN and infinity are written as they are.
 * @throws ShapeError when they disagree.
 */
export function writeNpy(data: Float32Array, shape: readonly number[]): Uint8Array {
  if (shape.reduce((product, side) => product * side, 1) !== data.length)
    throw new ShapeError(`${data.length} numbers for an array of ${shape.join(' × ')}`);
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sides}), }`;
  const headerBytes = Math.ceil((PREFIX_BYTES + text.length + 1) / ALIGNMENT) * ALIGNMENT - PREFIX_BYTES;
  const bytes = new Uint8Array(PREFIX_BYTES + headerBytes + 4 * data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  view.setUint16(8, headerBytes, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(headerBytes - 1)}\n`), PREFIX_BYTES);
  for (let i = 0; i < data.length; i++) view.setFloat32(PREFIX_BYTES + headerBytes + 4 * i, data[i] as number, true);
  return bytes;
}
