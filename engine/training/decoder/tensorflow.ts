/**
 * The part of TensorFlow.js that the decoder uses, spelled as there. The host hands the library in: the engine imports no
 * package, not even its types.
 */
export interface Tensor {
  readonly shape: number[];
  data(): Promise<Float32Array | Int32Array | Uint8Array>;
  dispose(): void;
}

type Paddings = readonly (readonly [number, number])[];

/** Images are NHWC, filters [kernel height, kernel width, channels in, channels out]. */
export interface TensorFlow {
  tensor(values: Float32Array, shape: readonly number[]): Tensor;
  /** Disposes what the function made, save what it returns or keeps. */
  tidy<T>(work: () => T): T;
  keep(tensor: Tensor): Tensor;
  memory(): { numTensors: number };
  /** Kernels without a public function: the two gradients 'Conv2DBackpropFilter' and 'ResizeBilinearGrad'. */
  engine(): {
    runKernel(name: string, inputs: Record<string, Tensor>, attributes: Record<string, unknown>): Tensor | Tensor[];
  };
  add(a: Tensor, b: Tensor): Tensor;
  mul(a: Tensor, b: Tensor): Tensor;
  /** 1 where x > 0, else the slope. */
  step(x: Tensor, negativeSlope: number): Tensor;
  sum(x: Tensor, axes: readonly number[]): Tensor;
  reshape(x: Tensor, shape: readonly number[]): Tensor;
  concat(tensors: readonly Tensor[], axis: number): Tensor;
  slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor;
  pad(x: Tensor, paddings: Paddings): Tensor;
  mirrorPad(x: Tensor, paddings: Paddings, mode: 'reflect' | 'symmetric'): Tensor;
  conv2d(x: Tensor, filter: Tensor, strides: number, pad: 'valid'): Tensor;
  readonly fused: {
    conv2d(options: {
      x: Tensor;
      filter: Tensor;
      strides: number;
      pad: 'valid';
      bias: Tensor;
      activation: 'leakyrelu' | 'linear';
      leakyreluAlpha: number;
    }): Tensor;
  };
  readonly image: {
    resizeBilinear(images: Tensor, size: readonly [number, number], alignCorners: boolean): Tensor;
  };
}
