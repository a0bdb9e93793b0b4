/** Takes in what was dropped or picked: shows the pictures at once, hands everything to the host. */
import type { DroppedFile } from '../../electron/ipc/host-connection.js';
import { getHost } from './host.js';
import { toRefusal } from './refusal.js';
import { useAppStore } from './store.js';
import { showRefusal, useUiStore } from './ui-store.js';

const PICTURE = /\.(jpe?g|png|webp|avif|gif|bmp)$/i;
/** Object URLs keep nothing in memory but a reference; a folder of thousands still needs no more than the strip shows. */
const MAX_PREVIEWS = 1000;

export async function importDropped(files: readonly DroppedFile[]): Promise<void> {
  if (files.length === 0) return;
  addPreviews(files);
  try {
    await whenHostIsKnown();
    await getHost().importFiles(files);
  } catch (thrown) {
    showRefusal(toRefusal(thrown));
  } finally {
    // Nothing came of it: tiles that wait for a photo would wait for ever.
    if (useAppStore.getState().state?.photos.length === 0) clearPreviews();
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

function addPreviews(files: readonly DroppedFile[]): void {
  const pictures = files.filter(({ file }) => PICTURE.test(file.name));
  useUiStore.setState(({ previews }) => {
    const room = Math.max(0, MAX_PREVIEWS - previews.length);
    const added = pictures
      .slice(0, room)
      .map(({ file, relativePath }) => ({ relativePath, url: URL.createObjectURL(file) }));
    return { previews: [...previews, ...added] };
  });
}

/** Lets go of every picture; called once no photo waits for its thumbnail. */
export function clearPreviews(): void {
  const { previews } = useUiStore.getState();
  if (previews.length === 0) return;
  for (const { url } of previews) URL.revokeObjectURL(url);
  useUiStore.setState({ previews: [] });
}
