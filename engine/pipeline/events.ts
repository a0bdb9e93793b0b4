/** What a running reconstruction tells its host: one typed stream for the terminal, the window and `--json`. */
export type PipelineStage =
  | 'import'
  | 'photos'
  | 'poses'
  | 'matches'
  | 'stereo'
  | 'depth'
  | 'alignment'
  | 'initialisation'
  | 'optimisation'
  | 'export';

export type PipelineEvent =
  | { readonly type: 'stage-started'; readonly stage: PipelineStage; readonly title: string }
  | {
      readonly type: 'progress';
      readonly stage: PipelineStage;
      /** 0..1 within the stage */
      readonly fraction: number;
      readonly detail: string;
    }
  | {
      readonly type: 'iteration';
      readonly iteration: number;
      readonly iterations: number;
      readonly loss: number;
      readonly gaussianCount: number;
      readonly etaMs: number;
    }
  | {
      readonly type: 'evaluation';
      /** How many iterations had been done; 0: the scene as it was initialised. */
      readonly iteration: number;
      /** dB, mean over the held-out views. */
      readonly psnr: number;
    }
  | { readonly type: 'stage-finished'; readonly stage: PipelineStage; readonly elapsedMs: number }
  | { readonly type: 'warning'; readonly message: string };

export type PipelineListener = (event: PipelineEvent) => void;
