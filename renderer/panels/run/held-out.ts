/** Which photos are kept out of training to measure with: every eighth, as reconstruction papers do. */
import type { Photo } from '../../../electron/ipc/contract.js';

export const HELD_OUT_EVERY = 8;
/** With fewer, one photo less to train on costs more than its score tells. */
export const MIN_PHOTOS_TO_HOLD_OUT = HELD_OUT_EVERY + 1;

export interface RoleChange {
  readonly role: 'train' | 'held-out';
  readonly photoIds: string[];
}

const usable = (photos: readonly Photo[]): readonly Photo[] =>
  photos.filter(({ role, status }) => role !== 'left-out' && status !== 'failed');

export const mayHoldOut = (photos: readonly Photo[]): boolean => usable(photos).length >= MIN_PHOTOS_TO_HOLD_OUT;

export const isAnyHeldOut = (photos: readonly Photo[]): boolean => photos.some(({ role }) => role === 'held-out');

/** The changes that make every eighth usable photo held out and the others training ones, or all of them training ones. */
export function planHeldOut(photos: readonly Photo[], isHeldOut: boolean): readonly RoleChange[] {
  const plan = { train: [] as string[], 'held-out': [] as string[] };
  usable(photos).forEach(({ id, role }, index) => {
    const wanted = isHeldOut && index % HELD_OUT_EVERY === 0 ? 'held-out' : 'train';
    if (role !== wanted) plan[wanted].push(id);
  });
  return (['train', 'held-out'] as const)
    .filter((role) => plan[role].length > 0)
    .map((role) => ({ role, photoIds: plan[role] }));
}
