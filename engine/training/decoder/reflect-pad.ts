/** Reflection padding by one pixel and its transpose. */
import type { Tensor, TensorFlow } from './tensorflow.js';

/** A single row or column has no neighbour to reflect: it is repeated. */
function modeOf(height: number, width: number): 'reflect' | 'symmetric' {
  return height > 1 && width > 1 ? 'reflect' : 'symmetric';
}

/** [N, H, W, C] → [N, H + 2, W + 2, C]. In the degenerate case that a side is one pixel, both sides repeat their border. */
export function reflectPad(tf: TensorFlow, x: Tensor): Tensor {
  const [, height, width] = x.shape as [number, number, number, number];
  const paddings = [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ] as const;
  return tf.mirrorPad(x, paddings, modeOf(height, width));
}

/**
 * Adds the two padded rows (axis 1) or columns (axis 2) back onto the ones that they are copies of, and drops them. Works on
 * the image as a matrix [what lies before the axis, axis and all behind it]: strips of a matrix are few long copies.
 */
function foldAxis(tf: TensorFlow, gradPadded: Tensor, axis: 1 | 2, reflect: boolean): Tensor {
  const shape = gradPadded.shape;
  const length = (shape[axis] as number) - 2;
  const outer = shape.slice(0, axis).reduce((product, n) => product * n, 1);
  const inner = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const matrix = tf.reshape(gradPadded, [outer, (length + 2) * inner]);
  const strip = (from: number, count: number): Tensor => tf.slice(matrix, [0, from * inner], [outer, count * inner]);
  // Indices of the rows that the two padded rows copy, and what they receive.
  const targets = reflect ? [1, length - 2] : [0, length - 1];
  const folded = new Map<number, Tensor>();
  [strip(0, 1), strip(length + 1, 1)].forEach((extra, side) => {
    const index = targets[side] as number;
    folded.set(index, tf.add(folded.get(index) ?? strip(index + 1, 1), extra));
  });
  const pieces: Tensor[] = [];
  let at = 0;
  for (const index of [...folded.keys()].sort((a, b) => a - b)) {
    if (index > at) pieces.push(strip(at + 1, index - at));
    pieces.push(folded.get(index) as Tensor);
    at = index + 1;
  }
  if (at < length) pieces.push(strip(at + 1, length - at));
  const joined = pieces.length === 1 ? (pieces[0] as Tensor) : tf.concat(pieces, 1);
  return tf.reshape(joined, [...shape.slice(0, axis), length, ...shape.slice(axis + 1)]);
}

/** Transpose of {@link reflectPad}: the gradient with respect to x from the gradient of the padded image. */
export function foldReflectPad(tf: TensorFlow, gradPadded: Tensor): Tensor {
  const [, height, width] = gradPadded.shape as [number, number, number, number];
  const reflect = modeOf(height - 2, width - 2) === 'reflect';
  return foldAxis(tf, foldAxis(tf, gradPadded, 1, reflect), 2, reflect);
}
