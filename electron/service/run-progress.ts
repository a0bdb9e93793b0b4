/** What a run's process tells, as changes of the state that the window sees. */
import type { HistoryPoint, Run } from '../ipc/contract.js';
import type { TaskEvent } from '../ipc/job-contract.js';
import type { SceneHolder } from './scene-holder.js';
import type { StateStore } from './state-store.js';

const MAX_WARNINGS = 50;
/** Above this every other point of the plot is let go. */
const MAX_HISTORY = 50_000;

const finiteOr = <T>(value: number, otherwise: T): number | T => (Number.isFinite(value) ? value : otherwise);
const short = (text: string): string => text.slice(0, 1000);

/** The run's slice after an event; the same object when nothing of it changes. */
export function applyToRun(run: Run, event: TaskEvent): Run {
  switch (event.type) {
    case 'stage':
      return { ...run, stage: event.stage, stageTitle: short(event.title), stageFraction: 0, detail: '', etaMs: null };
    case 'progress':
      return {
        ...run,
        stage: event.stage,
        stageFraction: Math.min(1, Math.max(0, finiteOr(event.fraction, 0))),
        detail: short(event.detail),
      };
    case 'iteration':
      return {
        ...run,
        stage: 'optimisation',
        stageFraction: event.iterations === 0 ? 1 : Math.min(1, event.iteration / event.iterations),
        iteration: event.iteration,
        iterations: event.iterations,
        loss: finiteOr(event.loss, null),
        gaussianCount: event.gaussianCount,
        etaMs: finiteOr(event.etaMs, null),
      };
    case 'backend':
      return { ...run, backend: short(event.description) };
    case 'warning':
      return { ...run, warnings: [...new Set([...run.warnings, short(event.message)])].slice(0, MAX_WARNINGS) };
    case 'evaluation':
      return { ...run, heldOutPsnr: finiteOr(event.psnr, run.heldOutPsnr) };
    case 'checkpoint':
      return {
        ...run,
        checkpoint: { iteration: event.iteration, iterations: event.iterations, savedAtMs: Date.now() },
      };
    default:
      return run;
  }
}

/** The plot's point that an event brings; null: none. */
export function historyPointOf(run: Run, event: TaskEvent): HistoryPoint | null {
  if (event.type === 'iteration' && Number.isFinite(event.loss))
    return { iteration: event.iteration, loss: event.loss, psnr: null };
  if (event.type === 'evaluation' && Number.isFinite(event.psnr) && run.loss !== null)
    return { iteration: event.iteration, loss: run.loss, psnr: event.psnr };
  return null;
}

export function recordEvent(store: StateStore, scene: SceneHolder, event: TaskEvent): void {
  store.change('run', (run) => applyToRun(run, event), event.type !== 'stage');
  const point = historyPointOf(store.current.run, event);
  if (point !== null) {
    store.addHistory(point);
    if (store.history.length > MAX_HISTORY)
      store.resetHistory(store.history.filter(({ psnr }, index) => psnr !== null || index % 2 === 0));
  }
  if (event.type === 'points') scene.setPoints(event.points);
  if (event.type === 'snapshot') scene.setSplats(event, { isPreview: true, iteration: event.iteration });
}
