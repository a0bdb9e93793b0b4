/**
 * The part of TensorFlow.js that the decoder uses, spelled as there. The host hands the library in: the engine imports no
 * package, not even its types.
 */
export interface Tensor {
  readonly shape: number[];
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
  dispose(): void;
}

/** A tensor of NHWC images, or a filter [kernel height, kernel width, channels in, channels out]. */
export interface Tensor4D extends Tensor {
  readonly rank: '4' | number;
}

export interface TensorFlow {
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  /** Disposes what the function made, save what it returns or keeps. */
  tidy<T>(work: () => T): T;
  keep<T extends Tensor>(tensor: T): T;
  dispose(tensors: Tensor | readonly Tensor[]): void;
  memory(): { numTensors: number };
  engine(): {
    runKernel(name: string, inputs: Record<string, Tensor>, attributes: Record<string, unknown>): Tensor | Tensor[];
  };
  add(a: Tensor, b: Tensor): Tensor;
  sub(a: Tensor, b: Tensor | number): Tensor;
  mul(a: Tensor, b: Tensor | number): Tensor;
  tanh(x: Tensor): Tensor;
  prelu(x: Tensor, alpha: Tensor): Tensor;
  step(x: Tensor, negativeSlope: number): Tensor;
  sum(x: Tensor, axes: readonly number[]): Tensor;
  concat(tensors: readonly Tensor[], axis: number): Tensor;
  slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor;
  pad(x: Tensor, paddings: readonly (readonly [number, number])[]): Tensor;
  mirrorPad(x: Tensor, paddings: readonly (readonly [number, number])[], mode: 'reflect' | 'symmetric'): Tensor;
  conv2d(x: Tensor, filter: Tensor, strides: number, pad: 'valid'): Tensor;
  leakyRelu(x: Tensor, alpha: number): Tensor;
  readonly image: {
    resizeBilinear(images: Tensor, size: readonly [number, number], alignCorners: boolean): Tensor;
  };
}
