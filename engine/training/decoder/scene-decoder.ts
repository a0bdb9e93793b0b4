/** A scene's decoder in training: takes the steps, and keeps its anchors those of the scene when the scene is edited. */
import type { SceneEdit, SceneHandle, SplattingBackend, StepReport, TrainingStep } from '../../splatting/contract.js';
import type { AnchorPlaces } from './anchor-sampling.js';
import { selectAnchors } from './anchor-sampling.js';
import type { ResidualDecoder, ResidualDecoderOptions, ResidualDecoderState } from './residual-decoder.js';
import { createResidualDecoder, REDUCED_DECODER } from './residual-decoder.js';
import { stepWithDecoder } from './step-with-decoder.js';
import type { TensorFlow } from './tensorflow.js';

/** Sizes that a decoder is built by. */
export type DecoderSizes = Pick<ResidualDecoderOptions, 'viewCount' | 'width' | 'height' | 'segmentCount' | 'seed'>;

/** All of a {@link SceneDecoder} that training changes, and what it is built by. */
export interface DecoderState extends ResidualDecoderState {
  readonly sizes: DecoderSizes;
  readonly places: AnchorPlaces;
}

export class SceneDecoder {
  private readonly residuals: ResidualDecoder;

  /** @param places the ray anchors with which the scene was created */
  constructor(
    tf: TensorFlow,
    private readonly sizes: DecoderSizes,
    private places: AnchorPlaces,
  ) {
    this.residuals = createResidualDecoder(tf, { ...REDUCED_DECODER, ...sizes }, places);
  }

  /** The decoder as {@link save} left it. Throws ShapeError for a state that does not fit its own sizes. */
  static restore(tf: TensorFlow, state: DecoderState): SceneDecoder {
    const decoder = new SceneDecoder(tf, state.sizes, state.places);
    try {
      decoder.residuals.restore(state);
      return decoder;
    } catch (error) {
      decoder.dispose();
      throw error;
    }
  }

  /** A copy. */
  save(): DecoderState {
    return { sizes: this.sizes, places: this.places, ...this.residuals.save() };
  }

  /** {@link stepWithDecoder} on the scene. */
  step(backend: SplattingBackend, scene: SceneHandle, step: TrainingStep): Promise<StepReport> {
    return stepWithDecoder(backend, scene, this.residuals, step);
  }

  /** After `SplattingBackend.editScene`: kept Gaussians keep their anchors, appended ones are free and read no residual. */
  followEdit({ keep, append }: SceneEdit): void {
    this.places = selectAnchors(this.places, keep, append?.count ?? 0);
    this.residuals.setAnchors(this.places);
  }

  dispose(): void {
    this.residuals.dispose();
  }
}
