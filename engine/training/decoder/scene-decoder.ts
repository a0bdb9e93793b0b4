/** A scene's decoder in training: takes the steps, and keeps its anchors those of the scene when the scene is edited. */
import type { SceneEdit, SceneHandle, SplattingBackend, StepReport, TrainingStep } from '../../splatting/contract.js';
import type { AnchorPlaces } from './anchor-sampling.js';
import { selectAnchors } from './anchor-sampling.js';
import type { ResidualDecoder, ResidualDecoderOptions } from './residual-decoder.js';
import { createResidualDecoder } from './residual-decoder.js';
import { stepWithDecoder } from './step-with-decoder.js';
import type { TensorFlow } from './tensorflow.js';

/** A convolutional decoder's weights, with the moments and the step count of its AdamW. */
export interface ConvDecoderState {
  readonly weights: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly steps: number;
}

/** All of a {@link SceneDecoder} that training changes. */
export interface DecoderState {
  readonly depth: ConvDecoderState;
  readonly opacity: ConvDecoderState | null;
  readonly places: AnchorPlaces;
  /** Shape of its maps. */
  readonly options: Pick<ResidualDecoderOptions, 'viewCount' | 'width' | 'height' | 'segmentCount' | 'seed'>;
}

export class SceneDecoder {
  private readonly residuals: ResidualDecoder;

  /** @param places the ray anchors with which the scene was created */
  constructor(
    tf: TensorFlow,
    options: ResidualDecoderOptions,
    private places: AnchorPlaces,
  ) {
    this.residuals = createResidualDecoder(tf, options, places);
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
