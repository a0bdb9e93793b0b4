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

type Planned = { readonly photos: readonly { readonly split: Photo['role'] | null }[] };
type WithRole = { readonly name: string; readonly role: Photo['role']; readonly pose: unknown };

/**
 * Roles after a drop: those that a person or the capture chose stay; where nobody has chosen any, the custom holds for all photos.
 *
 * @param before the project's photos before the drop. @param after with the new ones.
 */
export function rolesAfterImport<P extends WithRole>(
  before: readonly WithRole[],
  after: readonly P[],
  plan: Planned & { readonly posesOfKnown: readonly { readonly split: Photo['role'] | null }[] },
): readonly P[] {
  const isChosen = [...plan.photos, ...plan.posesOfKnown].some(({ split }) => split !== null);
  const earlier = before.filter(({ pose }) => pose !== null);
  const isUsers = earlier.some(({ role }) => role === 'left-out') || !followsCustom(earlier);
  if (isChosen || isUsers) return after;
  const posed = after.filter(({ pose, role }) => pose !== null && role !== 'left-out');
  const roles = defaultRoles(posed.map((photo) => ({ name: photo.name, split: null, photo })));
  const byPhoto = new Map([...roles].map(([{ photo }, role]) => [photo, role]));
  return after.map((photo) => ({ ...photo, role: byPhoto.get(photo) ?? photo.role }));
}

function followsCustom(photos: readonly WithRole[]): boolean {
  const roles = defaultRoles(photos.map((photo) => ({ name: photo.name, split: null, photo })));
  return [...roles].every(([{ photo }, role]) => photo.role === role);
}
