/** Says to screen readers what others see happen: stages of the run, its end, new problems. */
import type { AppState } from '../../electron/ipc/contract.js';
import { i18next } from './i18n/index.js';
import { useAppStore } from './store.js';
import { announce } from './ui-store.js';

export type Announcement =
  | { readonly kind: 'stage'; readonly stage: NonNullable<AppState['run']['stage']> }
  | { readonly kind: 'finished' | 'paused' | 'cancelled' | 'cameras-not-found' }
  | { readonly kind: 'cameras-found'; readonly placed: number; readonly count: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'problems'; readonly count: number };

/** The one change worth a sentence, the most important first; null for none. Iterations are not: they would never stop talking. */
export function findAnnouncement(before: AppState, now: AppState): Announcement | null {
  if (before.run.status !== now.run.status) {
    const { status, error } = now.run;
    if (status === 'finished' || status === 'paused' || status === 'cancelled') return { kind: status };
    if (status === 'failed' && now.run.cameras === 'not-found') return { kind: 'cameras-not-found' };
    if (status === 'failed' || status === 'crashed') return { kind: 'failed', message: error?.message ?? '' };
  }
  if (before.run.cameras !== 'found' && now.run.cameras === 'found') {
    const outcomes = now.photos.flatMap(({ outcome }) => (outcome === null ? [] : [outcome]));
    const placed = outcomes.filter(({ isPlaced }) => isPlaced).length;
    return { kind: 'cameras-found', placed, count: outcomes.length };
  }
  if (now.run.stage !== null && now.run.stage !== before.run.stage) return { kind: 'stage', stage: now.run.stage };
  const known = new Set(before.notices.map(({ id }) => id));
  const count = now.notices.filter(({ id, severity }) => severity === 'warning' && !known.has(id)).length;
  return count > 0 ? { kind: 'problems', count } : null;
}

function inWords(announcement: Announcement): string {
  switch (announcement.kind) {
    case 'stage':
      return i18next.t(`stage_${announcement.stage}`, { ns: 'run' });
    case 'finished':
      return i18next.t('announceFinished', { ns: 'run' });
    case 'paused':
      return i18next.t('announcePaused', { ns: 'run' });
    case 'cancelled':
      return i18next.t('announceCancelled', { ns: 'run' });
    case 'cameras-found': {
      const { placed, count } = announcement;
      return i18next.t('summary', { ns: 'outcomes', placed, count });
    }
    case 'cameras-not-found':
      return i18next.t('notFound', { ns: 'outcomes' });
    case 'failed':
      return i18next.t('announceFailed', { ns: 'run', message: announcement.message });
    case 'problems':
      return i18next.t('newProblems', { ns: 'photos', count: announcement.count });
  }
}

export function startAnnouncing(): void {
  useAppStore.subscribe((now, before) => {
    if (now.state === null || before.state === null || now.state === before.state) return;
    const announcement = findAnnouncement(before.state, now.state);
    if (announcement !== null) announce(inWords(announcement));
  });
}
