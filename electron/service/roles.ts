/** What each photo is for: to train on, to be held out and measured against, or neither. */
import type { Photo } from '../ipc/contract.js';

export const MIN_TRAINING_PHOTOS = 2;
const HOLD_OUT_EVERY = 8;
const MIN_PHOTOS_TO_HOLD_OUT = 8;

/**
 * The custom of the field: what the capture itself sets apart, else every eighth photo by name from the first on where there are at least
 * eight, else none. Photos whose cameras are not known take no part in the counting.
 *
 * @param photos `split`: what the capture says this photo is for.
 */
export function defaultRoles<P extends { readonly name: string; readonly split: 'train' | 'held-out' | null }>(
  photos: readonly P[],
): Map<P, Photo['role']> {
  const roles = new Map<P, Photo['role']>();
  if (photos.some(({ split }) => split === 'held-out')) {
    for (const photo of photos) roles.set(photo, photo.split ?? 'train');
    if ([...roles.values()].filter((role) => role === 'train').length >= MIN_TRAINING_PHOTOS) return roles;
  }
  const sorted = [...photos].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  for (const [index, photo] of sorted.entries()) {
    const isHeldOut = photos.length >= MIN_PHOTOS_TO_HOLD_OUT && index % HOLD_OUT_EVERY === 0;
    roles.set(photo, isHeldOut ? 'held-out' : 'train');
  }
  return roles;
}
