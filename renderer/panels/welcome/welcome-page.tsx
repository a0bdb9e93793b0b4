/** What a window without anything in it shows: three steps, a place to drop, the sample, and what was open before. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { AppState } from '../../../electron/ipc/contract.js';
import { formatAge } from '../../app/format.js';
import { sendCommand } from '../../app/send.js';
import { IconButton } from '../controls/icon-button.js';
import { Icon } from '../controls/icons.js';
import { useLanguage } from '../controls/use-language.js';
import { useNow } from '../controls/use-now.js';
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

function Recoveries({ recoveries }: Pick<AppState, 'recoveries'>): ReactElement | null {
  const { t } = useTranslation('welcome');
  const language = useLanguage();
  const now = useNow();
  if (recoveries.length === 0) return null;
  return (
    <section className="welcome-card welcome-recovery" aria-labelledby="recoveries-title">
      <h2 className="panel-title" id="recoveries-title">
        {t('recoveriesTitle')}
      </h2>
      <ul className="stack">
        {recoveries.map(({ id, name, changedAtMs }) => (
          <li key={id} className="row row-wrap">
            <span className="grow">
              {t('recoverText', { name, when: formatAge(changedAtMs, Math.max(now, changedAtMs), language) })}
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
              aria-label={t('discardName', { name })}
              onPress={() => void sendCommand('discardRecovery', { recoveryId: id })}
            >
              {t('discard')}
            </Button>
          </li>
        ))}
      </ul>
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
                <span className="ellipsis muted recent-folder">{exists ? folder : t('recentGone')}</span>
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
