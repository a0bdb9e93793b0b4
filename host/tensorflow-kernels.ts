/** The gradient kernel that TensorFlow.js's WASM backend lacks, composed of kernels that it has. */
import type { KernelConfig, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Rows of the matrix product's inner dimension at a time: two operands of some 100 channels then stay in the cache. */
const CHUNK_ROWS = 4096;

type Pair = [number, number];

interface FilterGradientAttributes {
  readonly strides: Pair | number;
  readonly pad: 'valid' | 'same' | number;
  readonly dataFormat: string;
  readonly filterShape: [number, number, number, number];
}

function pairOf(value: Pair | number): Pair {
  return typeof value === 'number' ? [value, value] : value;
}

/** x padded with zeros so that the convolution becomes a 'valid' one. */
function padToValid(x: Tensor4D, dy: Tensor4D, { strides, pad, filterShape }: FilterGradientAttributes): Tensor4D {
  const stride = pairOf(strides);
  const margins = ([0, 1] as const).map((axis): Pair => {
    if (pad === 'valid') return [0, 0];
    if (typeof pad === 'number') return [pad, pad];
    const needed =
      ((dy.shape[axis + 1] as number) - 1) * stride[axis] + filterShape[axis] - (x.shape[axis + 1] as number);
    const before = Math.floor(Math.max(0, needed) / 2);
    return [before, Math.max(0, needed) - before];
  }) as [Pair, Pair];
  const none = margins.every(([before, after]) => before === 0 && after === 0);
  return none ? x : tf.pad(x, [[0, 0], ...margins, [0, 0]]);
}

/** aᵀ b over the rows of two [P, ·] matrices: [ca, cb]. */
function sumOuterProducts(aTransposed: Tensor2D, b: Tensor2D): Tensor2D {
  const [channels, rows] = aTransposed.shape;
  if (rows <= CHUNK_ROWS) return tf.matMul(aTransposed, b);
  const multiply = (at: number): Tensor2D => {
    const count = Math.min(CHUNK_ROWS, rows - at);
    const left = tf.slice(aTransposed, [0, at], [channels, count]);
    return tf.matMul(left, tf.slice(b, [at, 0], [count, b.shape[1]]));
  };
  let sum = tf.tidy(() => multiply(0));
  for (let at = CHUNK_ROWS; at < rows; at += CHUNK_ROWS) {
    const before = sum;
    sum = tf.tidy(() => tf.add(before, multiply(at)));
    before.dispose();
  }
  return sum;
}

/**
 * ∂/∂filter of ⟨dy, conv2d(x, filter)⟩: filter[ky, kx] = Σ over output pixels of x[pixel · stride + (ky, kx)]ᵀ dy[pixel], that is one
 * matrix product per tap. NHWC only, dilation 1.
 *
 * @param x [N, H, W, in]  @param dy [N, H', W', out]
 * @returns [kh, kw, in, out]
 */
export function computeFilterGradient(x: Tensor4D, dy: Tensor4D, attributes: FilterGradientAttributes): Tensor4D {
  if (attributes.dataFormat !== 'NHWC') throw new Error(`the filter gradient knows NHWC, not ${attributes.dataFormat}`);
  return tf.tidy(() => {
    const [kernelHeight, kernelWidth, channelsIn, channelsOut] = attributes.filterShape;
    const [strideY, strideX] = pairOf(attributes.strides);
    const padded = padToValid(x, dy, attributes);
    const [batch, height, width] = dy.shape;
    const dyRows = tf.reshape(dy, [batch * height * width, channelsOut]) as Tensor2D;
    const taps: Tensor3D[] = [];
    for (let ky = 0; ky < kernelHeight; ky++) {
      for (let kx = 0; kx < kernelWidth; kx++) {
        const tap = tf.tidy(() => {
          const end: [number, number, number, number] = [
            batch,
            ky + (height - 1) * strideY + 1,
            kx + (width - 1) * strideX + 1,
            channelsIn,
          ];
          const seen =
            strideY === 1 && strideX === 1
              ? tf.slice(padded, [0, ky, kx, 0], [batch, height, width, channelsIn])
              : tf.stridedSlice(padded, [0, ky, kx, 0], end, [1, strideY, strideX, 1]);
          const rows = tf.reshape(seen, [batch * height * width, channelsIn]) as Tensor2D;
          const product = sumOuterProducts(tf.transpose(rows), dyRows);
          return tf.reshape(product, [1, channelsIn, channelsOut]) as Tensor3D;
        });
        taps.push(tap);
      }
    }
    return tf.reshape(tf.concat(taps, 0), attributes.filterShape) as Tensor4D;
  });
}

/** Registers what is missing; does nothing when a later version of the backend brings it. */
export function registerMissingWasmKernels(): void {
  const name = 'Conv2DBackpropFilter';
  if (tf.getKernel(name, 'wasm') !== undefined) return;
  const config: KernelConfig = {
    kernelName: name,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      // The engine hands a kernel the tensors themselves, though its type says less.
      const { x, dy } = inputs as { x: Tensor4D; dy: Tensor4D };
      return computeFilterGradient(x, dy, attrs as unknown as FilterGradientAttributes);
    },
  };
  tf.registerKernel(config);
}
