import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { Session } from '../../../electron/ipc/contract.js';
import { formatBytes, formatNumber } from '../../app/format.js';
import { sendCommand } from '../../app/send.js';
import { ModalDialog } from '../controls/modal-dialog.js';
import { useLanguage } from '../controls/use-language.js';
import { Logo } from '../controls/logo.js';

interface AboutDialogProps {
  readonly session: Session;
  readonly onClose: () => void;
}

export function AboutDialog({ session, onClose }: AboutDialogProps): ReactElement {
  const { t } = useTranslation('menu');
  const language = useLanguage();
  return (
    <ModalDialog
      title={t('aboutTitle')}
      isOpen
      onClose={onClose}
      foot={
        <>
          <Button className="button" onPress={() => void sendCommand('openLink', { link: 'licences' })}>
            {t('licences')}
          </Button>
          <Button className="button" onPress={() => void sendCommand('openLink', { link: 'documentation' })}>
            {t('documentation')}
          </Button>
          <Button className="button" onPress={() => void sendCommand('openLink', { link: 'issues' })}>
            {t('issues')}
          </Button>
        </>
      }
    >
      <div className="row about">
        <Logo />
        <div className="stack">
          <p>
            <strong>Vantage</strong> · {t('aboutVersion', { version: session.version })} · {t('aboutLicence')}
          </p>
          <p>{t('aboutText')}</p>
          <p className="muted">{t('aboutEngine', { engine: session.backend.description })}</p>
          <p className="muted">
            {t('aboutMachine', {
              platform: session.platform,
              cores: formatNumber(session.cores, language),
              memory: formatBytes(session.memoryBytes, language),
            })}
          </p>
        </div>
      </div>
    </ModalDialog>
  );
}
