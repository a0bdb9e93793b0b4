import type { Images } from '../images.js';

/** A photo and its side images in float64; shapes as in TrainingTarget, `weights` all 1 where it had none. */
export interface TargetImages {
  readonly width: number;
  readonly height: number;
  readonly color: Float64Array;
  readonly weights: Float64Array;
  readonly tvWeights: Float64Array | null;
  readonly priorInverseDepth: Float64Array | null;
  readonly sensorDepth: Float64Array | null;
}

/** A loss of the rendered images: its value, and factor · ∂value added to `gradients`. */
export type ImageLoss = (rendered: Images, target: TargetImages, factor: number, gradients: Images) => number;

/** Sum of an array's numbers. */
export function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** array[at] += value. */
export function accumulate(array: Float64Array, at: number, value: number): void {
  array[at] = (array[at] as number) + value;
}
