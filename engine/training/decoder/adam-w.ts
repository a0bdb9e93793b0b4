/** AdamW on plain arrays, and the triangular learning rate that drives the decoders. */
import { ShapeError } from '../../scene/errors.js';

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled: weights shrink by learningRate · weightDecay a step. */
  readonly weightDecay: number;
}

/** PyTorch's defaults, which CoherentGS uses. */
export const DEFAULT_ADAM_W: AdamWOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };

/** Moments [P] each, and how many steps they have seen. */
export interface AdamWState {
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly steps: number;
}

/** Loshchilov and Hutter 2019, algorithm 2. */
export class AdamW {
  private readonly first: Float32Array;
  private readonly second: Float32Array;
  private steps = 0;

  constructor(
    /** [P], updated in place. */
    readonly weights: Float32Array,
    private readonly options: AdamWOptions = DEFAULT_ADAM_W,
  ) {
    this.first = new Float32Array(weights.length);
    this.second = new Float32Array(weights.length);
  }

  /** A copy. */
  save(): AdamWState {
    return { first: this.first.slice(), second: this.second.slice(), steps: this.steps };
  }

  /** Throws ShapeError when the moments are not as many as the weights. */
  restore({ first, second, steps }: AdamWState): void {
    if (first.length !== this.weights.length || second.length !== this.weights.length)
      throw new ShapeError(`moments of ${first.length} numbers for ${this.weights.length} weights`);
    this.first.set(first);
    this.second.set(second);
    this.steps = steps;
  }

  /**
   * θ ← θ − lr (m̂ / (√v̂ + ε) + λ θ). A gradient that is not finite counts as zero: one bad pixel must not end a run.
   *
   * @param gradients [P]
   */
  step(gradients: Float32Array, learningRate: number): void {
    const { beta1, beta2, epsilon, weightDecay } = this.options;
    this.steps++;
    const scale1 = 1 / (1 - beta1 ** this.steps);
    const scale2 = 1 / (1 - beta2 ** this.steps);
    for (let i = 0; i < this.weights.length; i++) {
      const raw = gradients[i] as number;
      const g = Number.isFinite(raw) ? raw : 0;
      const m = beta1 * (this.first[i] as number) + (1 - beta1) * g;
      const v = beta2 * (this.second[i] as number) + (1 - beta2) * g * g;
      this.first[i] = m;
      this.second[i] = v;
      const weight = this.weights[i] as number;
      this.weights[i] =
        weight - learningRate * ((m * scale1) / (Math.sqrt(v * scale2) + epsilon) + weightDecay * weight);
    }
  }
}

export interface CyclicLearningRate {
  readonly low: number;
  readonly high: number;
  /** Steps from low to high. */
  readonly halfPeriod: number;
}

/**
 * Triangular cyclic learning rate (Smith 2017, "triangular2"): low → high → low in 2 · halfPeriod steps, the amplitude halved
 * each cycle.
 *
 * @param step 0-based
 */
export function cyclicLearningRate({ low, high, halfPeriod }: CyclicLearningRate, step: number): number {
  const cycle = Math.floor(step / (2 * halfPeriod));
  const phase = step / halfPeriod - 2 * cycle;
  return low + ((high - low) * (1 - Math.abs(phase - 1))) / 2 ** cycle;
}
