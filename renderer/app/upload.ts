/** Sends files to the loopback host one after another, and says how far it is. */
import type { DroppedFile } from '../../electron/ipc/host-connection.js';
import { showRefusal, useUiStore } from './ui-store.js';
import { planUploads } from './upload-plan.js';

const PARALLEL = 3;
const MAX_WORDS = 500;

/** Words of the host when it does not take this one file; null when it has it. */
async function post(address: string, file: Blob, signal: AbortSignal): Promise<string | null> {
  const answer = await fetch(address, {
    method: 'POST',
    body: file,
    signal,
    headers: { 'Content-Type': 'application/octet-stream' },
  });
  return answer.ok ? null : (await answer.text()).slice(0, MAX_WORDS);
}

/**
 * Answers the upload's id once everything is there; null when there was nothing to send or the user cancelled. `discard` is told the id
 * of an upload that will not be taken in.
 */
export async function uploadFiles(
  files: readonly DroppedFile[],
  discard: (uploadId: string) => void,
): Promise<string | null> {
  const planned = planUploads(files);
  if (planned.length === 0) return null;
  const uploadId = crypto.randomUUID();
  const controller = new AbortController();
  const totalBytes = planned.reduce((sum, { file }) => sum + file.size, 0);
  let sentBytes = 0;
  let sentFiles = 0;
  const report = (): void =>
    useUiStore.setState({
      upload: {
        sentFiles,
        files: planned.length,
        fraction: totalBytes === 0 ? sentFiles / planned.length : sentBytes / totalBytes,
        cancel: () => controller.abort(),
      },
    });
  report();
  const queue = [...planned];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const refusal = await post(`/upload/${uploadId}/${next.encodedPath}`, next.file, controller.signal);
      // One file that is not taken is named; the others go on.
      if (refusal !== null) showRefusal({ message: `${next.file.name}: ${refusal}`, hint: '' });
      sentBytes += next.file.size;
      sentFiles++;
      report();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(PARALLEL, planned.length) }, work));
    return uploadId;
  } catch (error) {
    const isCancelled = controller.signal.aborted;
    controller.abort();
    discard(uploadId);
    if (isCancelled) return null;
    throw error;
  } finally {
    useUiStore.setState({ upload: null });
  }
}
