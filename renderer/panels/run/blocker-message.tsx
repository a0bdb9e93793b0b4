/** Why a run cannot start, and what helps. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppState } from '../../../electron/ipc/contract.js';
import { Icon } from '../controls/icons.js';
import { findBlocker } from './run-permissions.js';
import type { RunBlocker } from './run-permissions.js';

const WORDS = {
  'no-photos': ['blockNoPhotos', null],
  reading: ['blockReading', null],
  missing: ['blockMissing', 'blockMissingHint'],
  'no-cameras': ['blockNoCameras', 'blockNoCamerasHint'],
  'too-few': ['blockTooFew', 'blockTooFewHint'],
  'too-large': ['blockTooLarge', null],
  'read-only': ['blockReadOnly', 'blockReadOnlyHint'],
} as const satisfies Record<RunBlocker, readonly [string, string | null]>;

export function BlockerMessage({ state }: { readonly state: AppState }): ReactElement | null {
  const { t } = useTranslation('run');
  const blocker = findBlocker(state);
  if (blocker === null) return null;
  const [message, hint] = WORDS[blocker];
  const isCalm = blocker === 'reading' || blocker === 'no-photos';
  const ownHint = blocker === 'too-large' ? (state.estimate?.problem ?? null) : null;
  return (
    <div className={isCalm ? 'message' : 'message message-warn'} role="status">
      <Icon name={isCalm ? 'info' : 'warning'} />
      <div className="stack">
        <p>{t(message)}</p>
        {hint === null ? null : <p className="muted">{t(hint)}</p>}
        {ownHint === null ? null : <p className="muted">{ownHint}</p>}
      </div>
    </div>
  );
}
