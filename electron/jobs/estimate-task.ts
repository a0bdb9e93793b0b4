import { availableParallelism } from 'node:os';
import { estimateCost } from '../../engine/pipeline/estimate-cost.js';
import { defaultMemoryBudgetBytes } from '../../host/machine.js';
import { DEFAULT_LONG_SIDE_PX } from '../../host/run/run-reconstruction.js';
import type { TaskOf, TaskResult } from '../ipc/job-contract.js';

/** Memory and time that a run would take. Photos of several sizes count as so many of the middle one. */
export async function estimateTask({ settings, photos }: TaskOf<'estimate'>): Promise<TaskResult<'estimate'>> {
  const longSide = settings.longSidePx ?? DEFAULT_LONG_SIDE_PX[settings.preset];
  const working = photos
    .map(({ width, height }) => {
      const scale = Math.min(1, longSide / Math.max(width, height));
      return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    })
    .sort((a, b) => a.width * a.height - b.width * b.height);
  const size = working[Math.floor(working.length / 2)] ?? { width: longSide, height: Math.round(longSide * 0.75) };
  return estimateCost({
    photoCount: photos.length,
    // How many a run needs depends on sensors too: the host and the window have a rule of their own (electron/ipc/camera-search.ts).
    fewestPhotos: 1,
    ...size,
    preset: settings.preset,
    ...(settings.iterations === null ? {} : { iterations: settings.iterations }),
    ...(settings.maxSplats === null ? {} : { maxSplats: settings.maxSplats }),
    threads: settings.threads ?? availableParallelism(),
    memoryBudgetBytes: settings.memoryBytes ?? defaultMemoryBudgetBytes(),
  });
}
