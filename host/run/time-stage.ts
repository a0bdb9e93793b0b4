import type { PipelineListener, PipelineStage } from '../../engine/pipeline/events.js';

/** Tells the listener when a stage begins and ends, and notes how long it took. */
export async function timeStage<T>(
  stage: PipelineStage,
  title: string,
  stageMs: Partial<Record<PipelineStage, number>>,
  listener: PipelineListener,
  work: () => Promise<T>,
): Promise<T> {
  listener({ type: 'stage-started', stage, title });
  const start = performance.now();
  const result = await work();
  stageMs[stage] = performance.now() - start;
  listener({ type: 'stage-finished', stage, elapsedMs: stageMs[stage] });
  return result;
}
