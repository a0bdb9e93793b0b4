/** Which dropped picture belongs to which photo, until the host has made its thumbnail. */
import type { Photo } from '../../../electron/ipc/contract.js';
import type { LocalPreview } from '../../app/ui-store.js';

export interface MatchedPreviews {
  /** Address by photo id. */
  readonly byPhoto: ReadonlyMap<string, string>;
  /** Dropped pictures that the host has not listed yet. */
  readonly waiting: readonly LocalPreview[];
}

export function matchPreviews(photos: readonly Photo[], previews: readonly LocalPreview[]): MatchedPreviews {
  const byPath = new Map(previews.map((preview) => [preview.relativePath, preview]));
  const byName = new Map(previews.map((preview) => [nameOf(preview.relativePath), preview]));
  const byPhoto = new Map<string, string>();
  const taken = new Set<LocalPreview>();
  for (const { id, name, shownPath } of photos) {
    const preview = byPath.get(shownPath) ?? byName.get(nameOf(shownPath)) ?? byName.get(nameOf(name));
    if (preview === undefined || taken.has(preview)) continue;
    taken.add(preview);
    byPhoto.set(id, preview.url);
  }
  return { byPhoto, waiting: previews.filter((preview) => !taken.has(preview)) };
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
