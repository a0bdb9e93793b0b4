/** Residual depth and opacity of every photo from implicit decoders: CoherentGS's smoothness, as an alternative to grids. */
import { ShapeError } from '../../scene/errors.js';
import type { AnchorPlaces, MapSize } from './anchor-sampling.js';
import { sampleAtAnchors, scatterFromAnchors } from './anchor-sampling.js';
import type { CyclicLearningRate } from './adam-w.js';
import { cyclicLearningRate } from './adam-w.js';
import type { ConvDecoderState } from './conv-decoder.js';
import { ConvDecoder } from './conv-decoder.js';
import { countMultiplyAdds } from './decoder-shape.js';
import { createGaussianRandom } from './gaussian-random.js';
import type { TensorFlow } from './tensorflow.js';

/** One of the two decoders. */
export interface ResidualChannel {
  /** g of the decoder's level widths. */
  readonly widthMultiplier: number;
  /** Output = limit · tanh(decoder): log units of depth, or logits of opacity. */
  readonly limit: number;
  readonly learningRate: CyclicLearningRate;
}

export interface ResidualDecoderOptions {
  readonly viewCount: number;
  /** The photos' size; views of other sizes are read by their fractional coordinates. */
  readonly width: number;
  readonly height: number;
  readonly segmentCount: number;
  /** The decoder works at 1 / divisor of the photos' size. */
  readonly outputScaleDivisor: number;
  readonly depth: ResidualChannel;
  /** null: opacities are left alone. */
  readonly opacity: ResidualChannel | null;
  readonly seed: number;
}

/**
 * Affordable on a CPU: an eighth of the paper's width at a quarter of its resolution. Rates are higher than the paper's
 * (1e-6 to 1e-4 over 13,000 steps), because a run here has a tenth of its steps.
 */
export const REDUCED_DECODER = {
  outputScaleDivisor: 4,
  depth: { widthMultiplier: 2, limit: 0.35, learningRate: { low: 1e-5, high: 2e-3, halfPeriod: 150 } },
  opacity: { widthMultiplier: 1, limit: 4, learningRate: { low: 1e-5, high: 1e-3, halfPeriod: 300 } },
} as const satisfies Pick<ResidualDecoderOptions, 'outputScaleDivisor' | 'depth' | 'opacity'>;

/** CoherentGS's own for 3 views; its outputs were 50 world units and 100 logits, here bounded in log depth and logits. */
export const PAPER_DECODER = {
  outputScaleDivisor: 1,
  depth: { widthMultiplier: 15, limit: 0.35, learningRate: { low: 1e-6, high: 1e-4, halfPeriod: 1000 } },
  opacity: { widthMultiplier: 10, limit: 100, learningRate: { low: 1e-6, high: 1e-5, halfPeriod: 2000 } },
} as const satisfies Pick<ResidualDecoderOptions, 'outputScaleDivisor' | 'depth' | 'opacity'>;

/** Values for `SplattingBackend.setRayResiduals`, N long; rawOpacities are zero without an opacity decoder. */
export interface RayResiduals {
  readonly ownDepth: Float32Array;
  readonly rawOpacities: Float32Array;
}

/** What `SplattingBackend.readRayGradients` gives, N long. */
export interface RayResidualGradients {
  readonly gradOwnDepth: Float32Array;
  readonly gradRawOpacities: Float32Array;
}

export interface ResidualDecoder {
  /** Multiply–adds of one forward pass, all views. */
  readonly multiplyAdds: number;
  /** Decoder output at the Gaussians' places. Zero before the first step. */
  forward(): Promise<RayResiduals>;
  /** Carries the gradients of the last {@link forward} to the weights and takes one AdamW step. */
  backward(gradients: RayResidualGradients): Promise<void>;
  /** After the scene was edited: Gaussians come and go, the decoder stays. */
  setAnchors(anchors: AnchorPlaces): void;
  /** All that training changes, copied. */
  save(): ResidualDecoderState;
  /** Throws ShapeError for the state of a decoder of other sizes. */
  restore(state: ResidualDecoderState): void;
  dispose(): void;
}

/** Of a {@link ResidualDecoder}; `opacity` null where it has none. */
export interface ResidualDecoderState {
  readonly depth: ConvDecoderState;
  readonly opacity: ConvDecoderState | null;
}

/** A decoder with its squashing, maps' size, and step counter. */
class ChannelDecoder {
  private readonly network: ConvDecoder;
  private squashed: Float32Array = new Float32Array();
  private steps = 0;

  constructor(
    tf: TensorFlow,
    private readonly options: ResidualChannel,
    private readonly size: MapSize,
    seed: number,
  ) {
    const { views, height, width, channels } = size;
    const shape = { viewCount: views, height, width, segmentCount: channels, widthMultiplier: options.widthMultiplier };
    this.network = new ConvDecoder(tf, shape, createGaussianRandom(seed));
  }

  get multiplyAdds(): number {
    return this.size.views * countMultiplyAdds(this.network.layers);
  }

  async forward(anchors: AnchorPlaces): Promise<Float32Array> {
    this.squashed = (await this.network.forward()).map((value) => this.options.limit * Math.tanh(value));
    return sampleAtAnchors(this.squashed, this.size, anchors);
  }

  async backward(gradValues: Float32Array, anchors: AnchorPlaces): Promise<void> {
    const { limit, learningRate } = this.options;
    const gradMaps = scatterFromAnchors(gradValues, this.size, anchors);
    // d(limit tanh x)/dx = limit (1 − tanh² x)
    for (let i = 0; i < gradMaps.length; i++) {
      const ratio = (this.squashed[i] as number) / limit;
      gradMaps[i] = (gradMaps[i] as number) * limit * (1 - ratio * ratio);
    }
    const gradients = await this.network.backward(gradMaps);
    this.network.applyGradients(gradients, cyclicLearningRate(learningRate, this.steps++));
  }

  save(): ConvDecoderState {
    return this.network.save();
  }

  restore(state: ConvDecoderState): void {
    this.network.restore(state);
    this.steps = state.steps;
  }

  dispose(): void {
    this.network.dispose();
  }
}

/**
 * Decoders of residual log-depth δ (z = z₀ exp δ) and of residual opacity logits, both of all views at once:
 * δ_i = limit · tanh(D_c(view)(place_i)), c the Gaussian's depth segment, read bilinearly from maps of 1 / divisor of the photo's size.
 * Neighbours move together because they share the decoder's weights; depth segments have channels of their own, so that
 * a depth edge may open. (Paliwal et al. 2024, CoherentGS, §4; its residual was additive in depth.)
 *
 * Deterministic for a seed and a backend of TensorFlow.js.
 *
 * @param tf the library; kernels 'Conv2DBackpropFilter' and 'ResizeBilinearGrad' must be registered
 * @param anchors the scene's ray anchors, or `anchorsOfPixels`
 */
export function createResidualDecoder(
  tf: TensorFlow,
  options: ResidualDecoderOptions,
  anchors: AnchorPlaces,
): ResidualDecoder {
  const size: MapSize = {
    views: options.viewCount,
    height: Math.max(1, Math.round(options.height / options.outputScaleDivisor)),
    width: Math.max(1, Math.round(options.width / options.outputScaleDivisor)),
    channels: options.segmentCount,
  };
  const depth = new ChannelDecoder(tf, options.depth, size, options.seed);
  const opacity = options.opacity === null ? null : new ChannelDecoder(tf, options.opacity, size, options.seed + 1);
  let places = anchors;
  return {
    multiplyAdds: depth.multiplyAdds + (opacity?.multiplyAdds ?? 0),
    async forward() {
      const ownDepth = await depth.forward(places);
      return { ownDepth, rawOpacities: (await opacity?.forward(places)) ?? new Float32Array(ownDepth.length) };
    },
    async backward({ gradOwnDepth, gradRawOpacities }) {
      await depth.backward(gradOwnDepth, places);
      await opacity?.backward(gradRawOpacities, places);
    },
    setAnchors(next) {
      places = next;
    },
    save: () => ({ depth: depth.save(), opacity: opacity?.save() ?? null }),
    restore(state) {
      if ((state.opacity === null) !== (opacity === null)) throw new ShapeError('a decoder with other parts');
      depth.restore(state.depth);
      if (state.opacity !== null) opacity?.restore(state.opacity);
    },
    dispose() {
      depth.dispose();
      opacity?.dispose();
    },
  };
}
