/** The gradient kernel that TensorFlow.js's WASM backend lacks, composed of kernels that it has; and a slice that is not slow. */
import type { DataType, Tensor2D, Tensor4D, TensorInfo } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';

/** Rows of the matrix product's inner dimension at a time: operands of some 100 channels then stay in the cache. */
const CHUNK_ROWS = 4096;

type Pair = [number, number];

/** What is used of the backend's class. */
interface WasmHeap {
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): Float32Array | Int32Array | Uint8Array;
}

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
function padToValid(x: Tensor4D, dy: Tensor4D, { pad, filterShape }: FilterGradientAttributes): Tensor4D {
  const margins = ([0, 1] as const).map((axis): Pair => {
    if (pad === 'valid') return [0, 0];
    if (typeof pad === 'number') return [pad, pad];
    const needed = (dy.shape[axis + 1] as number) - 1 + filterShape[axis] - (x.shape[axis + 1] as number);
    const before = Math.floor(Math.max(0, needed) / 2);
    return [before, Math.max(0, needed) - before];
  }) as [Pair, Pair];
  const none = margins.every(([before, after]) => before === 0 && after === 0);
  return none ? x : tf.pad(x, [[0, 0], ...margins, [0, 0]]);
}

/**
 * ∂/∂filter of ⟨dy, conv2d(x, filter)⟩: filter[ky, kx] = Σ over output pixels p of x[p + (ky, kx)]ᵀ dy[p]. NHWC, stride 1, dilation 1.
 *
 * With dy laid out in x's rows (zeros behind each row's end), a tap is one constant offset into the flattened x: the gradient
 * is a matrix product of [taps · in, pixels] and [pixels, out], summed over chunks of pixels.
 *
 * @param x [N, H, W, in]  @param dy [N, H', W', out]
 * @returns [kh, kw, in, out]
 * @throws Error for another layout or stride
 */
function computeFilterGradient(x: Tensor4D, dy: Tensor4D, attributes: FilterGradientAttributes): Tensor4D {
  const { dataFormat, strides, filterShape } = attributes;
  if (dataFormat !== 'NHWC') throw new Error(`the filter gradient knows NHWC, not ${dataFormat}`);
  if (pairOf(strides).some((stride) => stride !== 1)) throw new Error('the filter gradient knows stride 1 only');
  return tf.tidy(() => {
    const [kernelHeight, kernelWidth, channelsIn, channelsOut] = filterShape;
    const padded = padToValid(x, dy, attributes);
    const [batch, height, width] = padded.shape;
    const rows = batch * height * width;
    const offsets: number[] = [];
    for (let ky = 0; ky < kernelHeight; ky++) for (let kx = 0; kx < kernelWidth; kx++) offsets.push(ky * width + kx);
    const reach = offsets[offsets.length - 1] as number;
    const missing: [Pair, Pair, Pair, Pair] = [
      [0, 0],
      [0, height - dy.shape[1]],
      [0, width - dy.shape[2]],
      [0, 0],
    ];
    const dyRows: Tensor2D = tf.reshape(tf.pad(dy, missing), [rows, channelsOut]);
    const transposed: Tensor2D = tf.transpose(tf.reshape(padded, [rows, channelsIn]));
    const seen = tf.pad(transposed, [
      [0, 0],
      [0, reach],
    ]);
    const multiply = (at: number): Tensor2D => {
      const count = Math.min(CHUNK_ROWS, rows - at);
      const taps = offsets.map((offset) => tf.slice(seen, [0, at + offset], [channelsIn, count]));
      return tf.matMul(tf.concat(taps, 0), tf.slice(dyRows, [at, 0], [count, channelsOut]));
    };
    let sum = tf.tidy(() => multiply(0));
    for (let at = CHUNK_ROWS; at < rows; at += CHUNK_ROWS) {
      const before = sum;
      sum = tf.tidy(() => tf.add(before, multiply(at)));
      before.dispose();
    }
    return tf.reshape(sum, filterShape);
  });
}

/**
 * x[begin .. begin + size] by copying runs straight on the heap. The library's own kernel copies all of x first, however
 * little is wanted, which would be most of a decoder's time.
 */
function sliceOnHeap(backend: WasmHeap, x: TensorInfo, begin: number | number[], size: number | number[]): TensorInfo {
  const [from, extent] = tf.slice_util.parseSliceParams(x, begin, size) as [number[], number[]];
  const out = backend.makeOutput(extent, x.dtype);
  // Views of the heap are taken after the allocation, which may have moved it.
  const source = backend.typedArrayFromHeap(x);
  const target = backend.typedArrayFromHeap(out);
  // Axes from `outer` on are taken whole: they are one run with the axis before them.
  let outer = x.shape.length;
  let run = 1;
  while (outer > 0) {
    outer--;
    run *= extent[outer] as number;
    if (extent[outer] !== x.shape[outer]) break;
  }
  const strides = [...tf.util.computeStrides(x.shape), 1];
  const runs = target.length === 0 ? 0 : target.length / run;
  const base = from.reduce((sum, start, axis) => sum + start * (strides[axis] as number), 0);
  for (let r = 0; r < runs; r++) {
    let rest = r;
    let at = base;
    for (let axis = outer - 1; axis >= 0; axis--) {
      const count = extent[axis] as number;
      at += (rest % count) * (strides[axis] as number);
      rest = Math.floor(rest / count);
    }
    target.set(source.subarray(at, at + run), r * run);
  }
  return out;
}

/** Puts {@link sliceOnHeap} in the place of the library's kernel. */
function replaceSlice(): void {
  tf.unregisterKernel('Slice', 'wasm');
  tf.registerKernel({
    kernelName: 'Slice',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { begin, size } = attrs as unknown as { begin: number | number[]; size: number | number[] };
      return sliceOnHeap(backend as unknown as WasmHeap, inputs['x'] as TensorInfo, begin, size);
    },
  });
}

/** Registers what the WASM backend lacks; does nothing when it is there already. */
export function registerMissingWasmKernels(): void {
  if (tf.getKernel('Conv2DBackpropFilter', 'wasm') !== undefined) return;
  replaceSlice();
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      // The engine hands a kernel the tensors themselves, though its type says less.
      const { x, dy } = inputs as { x: Tensor4D; dy: Tensor4D };
      return computeFilterGradient(x, dy, attrs as unknown as FilterGradientAttributes);
    },
  });
}
