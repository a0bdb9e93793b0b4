/** What a run will cost, before it is started, and what computes it. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppState, Session } from '../../../electron/ipc/contract.js';
import { formatBytes, formatDuration, formatNumber } from '../../app/format.js';
import { useLanguage } from '../controls/use-language.js';

/** Stands beside the button that starts the run. */
export function EstimateFigures({ state }: { readonly state: AppState }): ReactElement | null {
  const { t } = useTranslation('run');
  const language = useLanguage();
  const { estimate, session } = state;
  if (estimate === null) return null;
  return (
    <dl className="estimate numeric" aria-label={t('estimate')}>
      <div>
        <dt>{t('estimateTime')}</dt>
        <dd>{formatDuration(estimate.timeMs, language)}</dd>
      </div>
      <div>
        <dt>{t('estimateMemory')}</dt>
        <dd>
          {formatBytes(estimate.memoryBytes, language)}
          <span className="estimate-more">
            {t('estimateFree', { free: formatBytes(session.freeMemoryBytes, language) })}
          </span>
        </dd>
      </div>
      <div>
        <dt>{t('estimateSplats')}</dt>
        <dd>{formatNumber(estimate.gaussianCount, language)}</dd>
      </div>
    </dl>
  );
}

export function EngineSection({ session }: { readonly session: Session }): ReactElement {
  const { t } = useTranslation('run');
  const { backend } = session;
  return (
    <section className="panel-section engine" aria-labelledby="engine-title">
      <h2 className="panel-title" id="engine-title">
        {t('engine')}
      </h2>
      <p>{backend.description}</p>
      {backend.whyNotGpu === null ? null : (
        <p className="field-hint">{t('whyNotGpu', { reason: backend.whyNotGpu })}</p>
      )}
    </section>
  );
}
