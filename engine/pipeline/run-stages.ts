/** Announces stages, times them, and turns a stage's progress into pipeline events. */
import type { PauseSwitch, StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { PipelineListener, PipelineStage } from './events.js';
import { PauseClock } from './pause-clock.js';

export class StageRunner {
  readonly stageMs: Partial<Record<PipelineStage, number>> = {};
  readonly warnings: string[] = [];
  readonly clock: PauseClock;

  constructor(
    private readonly onEvent: PipelineListener,
    private readonly signal: AbortSignal | undefined,
    pause?: PauseSwitch,
  ) {
    this.clock = new PauseClock(pause);
  }

  /** What work outside of any announced stage is handed. */
  get context(): StageContext {
    return { pause: this.clock, ...(this.signal === undefined ? {} : { signal: this.signal }) };
  }

  /** Runs one stage; a signal that is aborted throws its reason before the stage starts. Time paused is not the stage's. */
  async run<T>(stage: PipelineStage, title: string, work: (context: StageContext) => Promise<T> | T): Promise<T> {
    await yieldToHost(this.context);
    const startMs = this.clock.activeNow();
    this.onEvent({ type: 'stage-started', stage, title });
    const result = await work({
      ...this.context,
      onProgress: (fraction, detail = '') => {
        this.onEvent({ type: 'progress', stage, fraction, detail });
      },
    });
    const elapsedMs = this.clock.activeNow() - startMs;
    this.stageMs[stage] = (this.stageMs[stage] ?? 0) + elapsedMs;
    this.onEvent({ type: 'stage-finished', stage, elapsedMs });
    return result;
  }

  warn(message: string): void {
    this.warnings.push(message);
    this.onEvent({ type: 'warning', message });
  }
}
