import { UsageError } from '../../host/run/user-errors.js';
import type { TaskResult } from '../ipc/job-contract.js';

/** The pose stage's place. Until there is one, `abilities.canFindCameras` is false and no host asks. */
export async function findCameras(): Promise<TaskResult<'find-cameras'>> {
  throw new UsageError('Cameras cannot be found from photos alone yet.');
}
