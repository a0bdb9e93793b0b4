/** What a run will cost, before it is started, and what computes it. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppState } from '../../../electron/ipc/contract.js';
import { formatBytes, formatDuration, formatNumber } from '../../app/format.js';
import { useLanguage } from '../controls/use-language.js';

export function EstimateSection({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation('run');
  const language = useLanguage();
  const { estimate, session } = state;
  const { backend } = session;
  return (
    <section className="panel-section" aria-labelledby="estimate-title">
      <h3 className="panel-title" id="estimate-title">
        {t('estimate')}
      </h3>
      {estimate === null ? (
        <p className="muted">{t('estimateNone')}</p>
      ) : (
        <dl className="figures">
          <div>
            <dt>{t('estimateTime')}</dt>
            <dd>{t('aboutTime', { time: formatDuration(estimate.timeMs, language) })}</dd>
          </div>
          <div>
            <dt>{t('estimateMemory')}</dt>
            <dd>
              {t('estimateMemoryOf', {
                needed: formatBytes(estimate.memoryBytes, language),
                free: formatBytes(session.freeMemoryBytes, language),
              })}
            </dd>
          </div>
          <div>
            <dt>{t('estimateSplats')}</dt>
            <dd>{formatNumber(estimate.gaussianCount, language)}</dd>
          </div>
        </dl>
      )}
      <div className="stack engine">
        <p>
          <span className="muted">{t('engine')}</span> {backend.description}
        </p>
        {backend.whyNotGpu === null ? null : (
          <p className="field-hint">{t('whyNotGpu', { reason: backend.whyNotGpu })}</p>
        )}
      </div>
    </section>
  );
}
