/** Words about a run that does not go on by itself: paused, cancelled, failed, finished. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { Run } from '../../../electron/ipc/contract.js';
import { formatFixed } from '../../app/format.js';
import { Icon } from '../controls/icons.js';
import { useLanguage } from '../controls/use-language.js';

function FailureMessage({ run }: { readonly run: Run }): ReactElement {
  const { t } = useTranslation('run');
  const { error, checkpoint, status } = run;
  return (
    <div className="message message-bad" role="alert">
      <Icon name="error" />
      <div className="stack">
        {error === null ? null : <p>{error.message}</p>}
        {error?.hint ? <p>{error.hint}</p> : null}
        {status === 'crashed' ? <p className="muted">{t('crashedText')}</p> : null}
        {error?.isOutOfMemory === true && error.hint === '' ? <p className="muted">{t('outOfMemoryText')}</p> : null}
        {checkpoint === null ? <p className="muted">{t('noCheckpoint')}</p> : null}
      </div>
    </div>
  );
}

function FinalScores({ run }: { readonly run: Run }): ReactElement {
  const { t } = useTranslation('run');
  const language = useLanguage();
  const scores = run.finalScores;
  if (scores === null || scores.views === 0) {
    return (
      <div className="message">
        <Icon name="info" />
        <p>{t('finalNone')}</p>
      </div>
    );
  }
  return (
    <div className="stack">
      <dl className="scores numeric">
        <div>
          <dt>{t('finalPsnr')}</dt>
          <dd>{t('decibel', { value: formatFixed(scores.psnr, language, 2) })}</dd>
        </div>
        <div>
          <dt>{t('finalSsim')}</dt>
          <dd>{formatFixed(scores.ssim, language, 3)}</dd>
        </div>
      </dl>
      <p className="field-hint">{t('finalViews', { count: scores.views })}</p>
    </div>
  );
}

export function RunOutcome({ run }: { readonly run: Run }): ReactElement | null {
  const { t } = useTranslation('run');
  switch (run.status) {
    case 'paused':
    case 'cancelled':
      return (
        <div className="panel-section">
          <div className="message">
            <Icon name="info" />
            <p>{t(run.status === 'paused' ? 'pausedText' : 'cancelledText')}</p>
          </div>
        </div>
      );
    case 'failed':
    case 'crashed':
      // The report on the cameras says it, photo by photo.
      if (run.cameras === 'not-found') return null;
      return (
        <div className="panel-section">
          <FailureMessage run={run} />
        </div>
      );
    case 'finished':
      return (
        <section className="panel-section" aria-labelledby="final-title">
          <h2 className="panel-title" id="final-title">
            {t('finalTitle')}
          </h2>
          <FinalScores run={run} />
        </section>
      );
    default:
      return null;
  }
}
