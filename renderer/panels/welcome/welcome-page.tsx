/** What a window without anything in it shows: three steps, a place to drop, the sample, and what was open before. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { AppState, Recovery } from '../../../electron/ipc/contract.js';
import { formatAge } from '../../app/format.js';
import { sendCommand } from '../../app/send.js';
import { IconButton } from '../controls/icon-button.js';
import { Icon } from '../controls/icons.js';
import { useLanguage } from '../controls/use-language.js';
import { useNow } from '../controls/use-now.js';
import { ModalDialog } from '../controls/modal-dialog.js';
import { pickFiles } from '../pick-files.js';
import './welcome.css';

const STEPS = [
  ['step1Title', 'step1Text'],
  ['step2Title', 'step2Text'],
  ['step3Title', 'step3Text'],
] as const;

function DropTarget(): ReactElement {
  const { t } = useTranslation('welcome');
  return (
    <div className="drop-target">
      <Icon name="photo" className="drop-icon" />
      <p className="drop-title">{t('dropTitle')}</p>
      <p className="muted drop-text">{t('dropText')}</p>
      <div className="row row-wrap drop-buttons">
        <Button className="button button-primary button-large" onPress={() => pickFiles('photos')}>
          <Icon name="add" />
          {t('addPhotos')}
        </Button>
        <Button className="button button-large" onPress={() => pickFiles('folder')}>
          <Icon name="folder" />
          {t('addFolder')}
        </Button>
      </div>
      <div className="row row-wrap drop-buttons">
        <Button className="button button-quiet" onPress={() => pickFiles('project')}>
          {t('openProject')}
        </Button>
        <Button className="button button-quiet" onPress={() => pickFiles('scene')}>
          {t('openScene')}
        </Button>
      </div>
    </div>
  );
}

function discard(recoveryId: string): void {
  void sendCommand('discardRecovery', { recoveryId });
}

function DiscardDialog({ recovery, onClose }: { recovery: Recovery; onClose: () => void }): ReactElement {
  const { t } = useTranslation(['welcome', 'general']);
  return (
    <ModalDialog
      title={t('discardTitle', { name: recovery.name })}
      isOpen
      onClose={onClose}
      foot={
        <>
          <Button className="button" autoFocus onPress={onClose}>
            {t('general:cancel')}
          </Button>
          <Button
            className="button button-danger"
            onPress={() => {
              discard(recovery.id);
              onClose();
            }}
          >
            {t('discardConfirm')}
          </Button>
        </>
      }
    >
      <p>{t('discardText')}</p>
      <p className="muted">{t('discardKept')}</p>
    </ModalDialog>
  );
}

function Recoveries({ recoveries }: Pick<AppState, 'recoveries'>): ReactElement | null {
  const { t } = useTranslation('welcome');
  const language = useLanguage();
  const now = useNow();
  const [doomed, setDoomed] = useState<Recovery | null>(null);
  if (recoveries.length === 0) return null;
  return (
    <section className="welcome-card welcome-recovery" aria-labelledby="recoveries-title">
      <h2 className="panel-title" id="recoveries-title">
        {t('recoveriesTitle')}
      </h2>
      <p className="muted">{t('recoverHint')}</p>
      <ul className="stack">
        {recoveries.map((recovery) => {
          const { id, name, folder, changedAtMs } = recovery;
          const when = formatAge(changedAtMs, Math.max(now, changedAtMs), language);
          return (
            <li key={id} className="row row-wrap">
              <span className="recent-words grow">
                <span>{t('recoverText', { name, when })}</span>
                {folder === null ? (
                  <span className="muted recent-folder">{t('recentKept')}</span>
                ) : (
                  <span className="ellipsis muted recent-folder" title={folder}>
                    {t('savedIn', { folder })}
                  </span>
                )}
              </span>
              <Button
                className="button button-small"
                aria-label={t('recoverName', { name })}
                onPress={() => void sendCommand('recover', { recoveryId: id })}
              >
                {t('recover')}
              </Button>
              <Button
                className="button button-small button-quiet"
                aria-label={t(folder === null ? 'discardName' : 'leaveName', { name })}
                // A saved project stays what it is: nothing but the mark of the crash goes.
                onPress={() => (folder === null ? setDoomed(recovery) : discard(id))}
              >
                {t(folder === null ? 'discard' : 'leave')}
              </Button>
            </li>
          );
        })}
      </ul>
      {doomed === null ? null : <DiscardDialog recovery={doomed} onClose={() => setDoomed(null)} />}
    </section>
  );
}

function Recents({ recents }: Pick<AppState, 'recents'>): ReactElement {
  const { t } = useTranslation('welcome');
  return (
    <section className="welcome-card" aria-labelledby="recents-title">
      <h2 className="panel-title" id="recents-title">
        {t('recents')}
      </h2>
      {recents.length === 0 ? <p className="muted">{t('noRecents')}</p> : null}
      <ul>
        {recents.map(({ id, name, folder, exists }) => (
          <li key={id} className="row recent">
            <Button
              className="button button-quiet grow recent-button"
              isDisabled={!exists}
              onPress={() => void sendCommand('openRecent', { recentId: id })}
            >
              <Icon name="folder" />
              <span className="recent-words">
                <span className="ellipsis recent-name">{name}</span>
                <span className="ellipsis muted recent-folder" title={folder ?? undefined}>
                  {exists ? (folder ?? t('recentKept')) : t('recentGone')}
                </span>
              </span>
            </Button>
            <IconButton
              icon="close"
              isSmall
              label={t('forgetRecent', { name })}
              onPress={() => void sendCommand('forgetRecent', { recentId: id })}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

export function WelcomePage({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation('welcome');
  return (
    <div className="welcome">
      <div className="welcome-inner">
        <h2 className="welcome-title">{t('title')}</h2>
        <ol className="welcome-steps">
          {STEPS.map(([title, text], index) => (
            <li key={title} className="welcome-step">
              <span className="welcome-number" aria-hidden="true">
                {index + 1}
              </span>
              <div>
                <h3 className="welcome-step-title">{t(title)}</h3>
                <p className="muted">{t(text)}</p>
              </div>
            </li>
          ))}
        </ol>
        <div className="welcome-columns">
          <DropTarget />
          <div className="stack welcome-side">
            <Recoveries recoveries={state.recoveries} />
            <section className="welcome-card" aria-labelledby="sample-title">
              <h2 className="panel-title" id="sample-title">
                {t('sampleTitle')}
              </h2>
              <p className="muted">{t('sampleText')}</p>
              <Button className="button" onPress={() => void sendCommand('openSample', {})}>
                <Icon name="play" />
                {t('openSample')}
              </Button>
            </section>
            <Recents recents={state.recents} />
          </div>
        </div>
      </div>
    </div>
  );
}
