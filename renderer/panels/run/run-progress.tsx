/** Where a run is: stage, iteration, times and figures. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppState } from '../../../electron/ipc/contract.js';
import { formatDuration, formatFixed, formatNumber } from '../../app/format.js';
import { Progress } from '../controls/progress.js';
import { useLanguage } from '../controls/use-language.js';
import { isBusy } from './run-permissions.js';
import { STATUS_WORDS } from './status-words.js';

type RunProgressProps = Pick<AppState, 'run' | 'session'>;

function Figures({ run, session }: RunProgressProps): ReactElement {
  const { t } = useTranslation('run');
  const language = useLanguage();
  const isUnderWay = isBusy({ run });
  const unknown = t('unknown');
  return (
    <dl className="figures figures-tiles numeric">
      <div>
        <dt>{t('iteration')}</dt>
        <dd>
          {run.iterations === 0
            ? '–'
            : t('iterationOf', {
                iteration: formatNumber(run.iteration, language),
                iterations: formatNumber(run.iterations, language),
              })}
        </dd>
      </div>
      <div>
        <dt>{isUnderWay ? t('eta') : t('elapsed')}</dt>
        <dd>
          {isUnderWay
            ? run.etaMs === null
              ? unknown
              : t('aboutTime', { time: formatDuration(run.etaMs, language) })
            : formatDuration(run.elapsedMs, language)}
        </dd>
      </div>
      <div>
        <dt>{t('loss')}</dt>
        <dd>{run.loss === null ? '–' : formatFixed(run.loss, language, 4)}</dd>
      </div>
      {/* The final scores say it better. */}
      {run.status === 'finished' ? null : (
        <div>
          <dt>{t('psnr')}</dt>
          <dd>{run.heldOutPsnr === null ? '–' : t('decibel', { value: formatFixed(run.heldOutPsnr, language, 2) })}</dd>
        </div>
      )}
      <div>
        <dt>{t('splats')}</dt>
        <dd>{formatNumber(run.gaussianCount, language)}</dd>
      </div>
      <div>
        <dt>{t('engine')}</dt>
        {/* Until the run has said what it took. */}
        <dd>{run.backend === '' ? session.backend.name : run.backend}</dd>
      </div>
    </dl>
  );
}

export function RunProgress({ run, session }: RunProgressProps): ReactElement {
  const { t } = useTranslation('run');
  const language = useLanguage();
  const isUnderWay = isBusy({ run });
  const stage = run.stage === null ? '' : t(`stage_${run.stage}`);
  return (
    <section className="panel-section" aria-labelledby="run-status">
      <div className="row">
        <h2 className="run-status grow" id="run-status">
          {t(STATUS_WORDS[run.status])}
          {isUnderWay && stage !== '' ? <span className="muted"> · {stage}</span> : null}
        </h2>
        {isUnderWay && run.stage !== null ? (
          <span className="numeric muted">{formatNumber(run.stageFraction * 100, language)} %</span>
        ) : null}
      </div>
      {isUnderWay ? (
        <Progress
          label={stage === '' ? t('progress') : `${t('progress')}: ${stage}`}
          fraction={run.stage === null ? null : run.stageFraction}
        />
      ) : null}
      {run.detail === '' || !isUnderWay ? null : <p className="field-hint run-detail">{run.detail}</p>}
      {run.cameras === 'not-found' ? null : <Figures run={run} session={session} />}
    </section>
  );
}
