/** Takes in what was dropped or picked: shows the pictures at once, hands everything to the host. */
import type { DroppedFile } from '../../electron/ipc/host-connection.js';
import { getHost } from './host.js';
import { toRefusal } from './refusal.js';
import { useAppStore } from './store.js';
import { showRefusal, useUiStore } from './ui-store.js';
import type { LocalPreview } from './ui-store.js';

const PICTURE = /\.(jpe?g|png|webp|avif|gif|bmp)$/i;
/** Object URLs keep nothing in memory but a reference; a folder of thousands still needs no more than the strip shows. */
const MAX_PREVIEWS = 1000;

/** Takes files for the window itself, such as a camera path; false: they are the host's. */
export type DropTaker = (files: readonly DroppedFile[]) => Promise<boolean>;
const takers = new Set<DropTaker>();

/** Asked before the host is, from now on; returns how to stop. */
export function addDropTaker(taker: DropTaker): () => void {
  takers.add(taker);
  return () => takers.delete(taker);
}

export async function importDropped(files: readonly DroppedFile[]): Promise<void> {
  if (files.length === 0) return;
  for (const take of takers) if (await take(files)) return;
  const added = addPreviews(files);
  try {
    await whenHostIsKnown();
    await getHost().importFiles(files);
  } catch (thrown) {
    showRefusal(toRefusal(thrown));
  } finally {
    // Cancelled, refused, or there already: tiles that wait for a photo would wait for ever.
    const isReading = useAppStore.getState().state?.photos.some(({ status }) => status === 'reading');
    if (isReading !== true) removePreviews(added);
  }
}

/** What is dropped while the window still starts is taken in as soon as the host has spoken. */
function whenHostIsKnown(): Promise<void> {
  if (useAppStore.getState().state !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = useAppStore.subscribe(({ state }) => {
      if (state === null) return;
      stop();
      resolve();
    });
  });
}

function addPreviews(files: readonly DroppedFile[]): readonly LocalPreview[] {
  const { previews } = useUiStore.getState();
  const room = Math.max(0, MAX_PREVIEWS - previews.length);
  const added = files
    .filter(({ file }) => PICTURE.test(file.name))
    .slice(0, room)
    .map(({ file, relativePath }) => ({ relativePath, url: URL.createObjectURL(file) }));
  useUiStore.setState({ previews: [...previews, ...added] });
  return added;
}

function removePreviews(some: readonly LocalPreview[]): void {
  const { previews } = useUiStore.getState();
  const removed = new Set(some);
  for (const { url } of previews.filter((preview) => removed.has(preview))) URL.revokeObjectURL(url);
  useUiStore.setState({ previews: previews.filter((preview) => !removed.has(preview)) });
}

/** Lets go of every picture; called once no photo waits for its thumbnail. */
export function clearPreviews(): void {
  const { previews } = useUiStore.getState();
  if (previews.length > 0) removePreviews(previews);
}
