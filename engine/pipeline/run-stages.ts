/** Announces stages, times them, and turns a stage's progress into pipeline events. */
import type { StageContext } from '../scene/stage.js';
import type { PipelineListener, PipelineStage } from './events.js';

export class StageRunner {
  readonly stageMs: Partial<Record<PipelineStage, number>> = {};
  readonly warnings: string[] = [];

  constructor(
    private readonly onEvent: PipelineListener,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Runs one stage; an aborted signal throws its reason before the stage starts. */
  async run<T>(stage: PipelineStage, title: string, work: (context: StageContext) => Promise<T> | T): Promise<T> {
    this.signal?.throwIfAborted();
    const startMs = performance.now();
    this.onEvent({ type: 'stage-started', stage, title });
    const result = await work({
      onProgress: (fraction, detail = '') => {
        this.onEvent({ type: 'progress', stage, fraction, detail });
      },
      ...(this.signal === undefined ? {} : { signal: this.signal }),
    });
    const elapsedMs = performance.now() - startMs;
    this.stageMs[stage] = (this.stageMs[stage] ?? 0) + elapsedMs;
    this.onEvent({ type: 'stage-finished', stage, elapsedMs });
    return result;
  }

  warn(message: string): void {
    this.warnings.push(message);
    this.onEvent({ type: 'warning', message });
  }
}
