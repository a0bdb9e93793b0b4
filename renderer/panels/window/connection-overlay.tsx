/** Covers the window while its host is gone: nothing in it would work. It goes by itself when the host is back. */
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import { getLoopback } from '../../app/host.js';
import { useUiStore } from '../../app/ui-store.js';
import { Icon } from '../controls/icons.js';

/** Shorter breaks, as at a restart, pass without words. */
const PATIENCE_MS = 800;

interface StandstillProps {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly onAction: () => void;
}

function Standstill({ title, text, action, onAction }: StandstillProps): ReactElement {
  return (
    <div
      className="scrim"
      role="alertdialog"
      aria-modal="true"
      aria-labelledby="standstill"
      aria-describedby="standstill-text"
    >
      <div className="modal standstill">
        <Icon name="warning" className="standstill-icon" />
        <h2 className="dialog-title" id="standstill">
          {title}
        </h2>
        <p id="standstill-text" className="muted">
          {text}
        </p>
        <Button className="button button-primary" autoFocus onPress={onAction}>
          {action}
        </Button>
      </div>
    </div>
  );
}

export function ConnectionOverlay(): ReactElement | null {
  const { t } = useTranslation();
  const [isPatient, setPatient] = useState(true);
  const isShutOut = useUiStore((store) => store.isShutOut);
  useEffect(() => {
    const timer = window.setTimeout(() => setPatient(false), PATIENCE_MS);
    return () => window.clearTimeout(timer);
  }, []);
  if (isPatient) return null;
  return (
    <Standstill
      title={t(isShutOut ? 'shutOutTitle' : 'connectionLostTitle')}
      text={t(isShutOut ? 'shutOutText' : 'connectionLostText')}
      action={t('tryAgain')}
      // Reloaded, the page would be gone for good where its host is.
      onAction={() => getLoopback()?.retry()}
    />
  );
}

/** For what a reload mends: the page is there to be loaded. */
export function ReloadOverlay(words: Pick<StandstillProps, 'title' | 'text'>): ReactElement {
  const { t } = useTranslation();
  return <Standstill {...words} action={t('reload')} onAction={() => window.location.reload()} />;
}
