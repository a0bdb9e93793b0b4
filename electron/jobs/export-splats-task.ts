import { hiddenByEdits } from '../../engine/scene/edits-document.js';
import { decodeSplats } from '../../engine/scene/encode-splats.js';
import { exportSplats } from '../../host/splat-formats/export-splats.js';
import type { TaskOf, TaskResult } from '../ipc/job-contract.js';
import { readUp } from './read-up.js';
import type { TaskContext } from './serve-tasks.js';

/** Writes the scene, as the window shows it where edits count, in the format that was asked for. */
export async function exportSplatsTask(
  { splats: bytes, options, edits, view, outputFile }: TaskOf<'export-splats'>,
  { tell, signal }: TaskContext,
): Promise<TaskResult<'export-splats'>> {
  const splats = decodeSplats(new Uint8Array(bytes));
  const { format, upAxis, shDegree, applyEdits } = options;
  const hidden = applyEdits ? hiddenByEdits(edits, splats) : null;
  return exportSplats(
    splats,
    { format, upAxis, up: readUp(view), shDegree, hidden },
    { outputFile, signal, onProgress: (fraction) => tell({ type: 'fraction', fraction }) },
  );
}
