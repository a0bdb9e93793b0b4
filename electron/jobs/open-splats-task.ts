import { encodeSplats } from '../../engine/scene/encode-splats.js';
import { openSplats } from '../../host/splat-formats/open-splats.js';
import type { TaskOf, TaskResult } from '../ipc/job-contract.js';
import type { TaskContext } from './serve-tasks.js';

/** A splat file of any format that we read, as the viewer takes it. */
export async function openSplatsTask(
  { file }: TaskOf<'open-splats'>,
  { tell, signal }: TaskContext,
): Promise<TaskResult<'open-splats'>> {
  const { splats, warnings } = await openSplats(file, {
    signal,
    onProgress: (fraction) => tell({ type: 'fraction', fraction }),
  });
  return { splats: encodeSplats(splats).buffer, count: splats.count, warnings: [...warnings] };
}
