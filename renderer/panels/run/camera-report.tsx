/** What became of the photos whose cameras were looked for: how many were placed, and which are worth a look. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { AppState, Photo, PhotoOutcome } from '../../../electron/ipc/contract.js';
import { sendCommand } from '../../app/send.js';
import { Icon } from '../controls/icons.js';
import { isNotable, useOutcomeWords } from '../photos/outcome-words.js';
import { findsCamerasFirst, findsCamerasForCloud, isBusy } from './run-permissions.js';

type SoughtPhoto = Photo & { readonly outcome: PhotoOutcome };

const isSought = (photo: Photo): photo is SoughtPhoto => photo.outcome !== null;

function OutcomeList({ photos, label }: { readonly photos: readonly SoughtPhoto[]; label: string }): ReactElement {
  const inWords = useOutcomeWords();
  return (
    <ul className="stack" aria-label={label}>
      {photos.map(({ id, name, outcome }) => (
        <li key={id} className={isNotable(outcome) ? 'message message-warn' : 'message'}>
          <Icon name={!outcome.isPlaced ? 'noCamera' : isNotable(outcome) ? 'warning' : 'camera'} />
          <div className="problem-words">
            <p className="problem-file">{name}</p>
            <p>{inWords(outcome)}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

function NotFound({ photos }: { readonly photos: readonly SoughtPhoto[] }): ReactElement {
  const { t } = useTranslation('outcomes');
  return (
    <section className="panel-section" aria-labelledby="cameras-title">
      <h2 className="visually-hidden" id="cameras-title">
        {t('title')}
      </h2>
      <div className="message message-bad" role="alert">
        <Icon name="error" />
        <div className="stack">
          <p>{t('notFound')}</p>
          <p>{t('notFoundText')}</p>
        </div>
      </div>
      <OutcomeList photos={photos} label={t('title')} />
    </section>
  );
}

/** Nothing where no cameras were looked for, or the search is under way. */
export function CameraReport({ state }: { readonly state: AppState }): ReactElement | null {
  const { t } = useTranslation('outcomes');
  const { run } = state;
  const photos = state.photos.filter(isSought);
  if (photos.length === 0 || (run.cameras === 'sought' && isBusy(state))) return null;
  if (run.cameras === 'not-found') return <NotFound photos={photos} />;
  const placed = photos.filter(({ outcome }) => outcome.isPlaced).length;
  const notable = photos.filter(({ outcome }) => isNotable(outcome));
  return (
    <section className="panel-section" aria-labelledby="cameras-title">
      <h2 className="panel-title" id="cameras-title">
        {t('title')}
      </h2>
      <p>{t('summary', { placed, count: photos.length })}</p>
      {/* While a run is under way, its own figures come first. */}
      {notable.length === 0 || isBusy(state) ? (
        <p className="field-hint">
          {notable.length === 0 ? t('allWell') : t('lookAtLater', { count: notable.length })}
        </p>
      ) : (
        <>
          <p className="field-hint">{t('lookAt', { count: notable.length })}</p>
          <OutcomeList photos={notable} label={t('lookAt', { count: notable.length })} />
        </>
      )}
    </section>
  );
}

/** Before a start: that it begins with the cameras. */
export function CamerasFirst({ state }: { readonly state: AppState }): ReactElement | null {
  const { t } = useTranslation('outcomes');
  if (!findsCamerasFirst(state) || state.run.cameras === 'not-found') return null;
  return (
    <div className="message" role="status">
      <Icon name="camera" />
      <div className="stack">
        <p>{t(findsCamerasForCloud(state) ? 'again' : 'first')}</p>
        <Button className="button button-small" onPress={() => void sendCommand('findCameras', {})}>
          {t('only')}
        </Button>
      </div>
    </div>
  );
}
