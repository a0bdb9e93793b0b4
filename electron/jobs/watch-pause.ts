import type { TaskContext } from './serve-tasks.js';

/** The pipeline stands still at the latest half a second after its switch is set. */
const PAUSE_SETTLES_MS = 600;
const POLL_MS = 100;

/** Tells when a set switch has held the pipeline, and when it goes on. Returns how to stop watching. */
export function watchPause({ pause, tell }: Pick<TaskContext, 'pause' | 'tell'>): () => void {
  let heldSince: number | null = null;
  let isTold = false;
  const timer = setInterval(() => {
    if (pause.isPaused) {
      heldSince ??= performance.now();
      if (isTold || performance.now() - heldSince < PAUSE_SETTLES_MS) return;
      isTold = true;
      tell({ type: 'paused' });
    } else {
      heldSince = null;
      if (!isTold) return;
      isTold = false;
      tell({ type: 'resumed' });
    }
  }, POLL_MS);
  return () => clearInterval(timer);
}
