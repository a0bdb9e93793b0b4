/** All stages of the pipeline in order: which are done, which one runs, which are to come. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { PIPELINE_STAGES } from '../../../electron/ipc/contract.js';
import type { AppState } from '../../../electron/ipc/contract.js';
import { Icon } from '../controls/icons.js';

export function StageList({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation('run');
  const { run } = state;
  // A stage that this run does not go through would wait for ever.
  const stages = PIPELINE_STAGES.filter((stage) => stage !== 'poses' || run.cameras !== 'known');
  const now = run.stage === null ? -1 : stages.indexOf(run.stage);
  const isFinished = run.status === 'finished';
  return (
    <section className="panel-section" aria-labelledby="stages-title">
      <h2 className="panel-title" id="stages-title">
        {t('stages')}
      </h2>
      <ol className="stage-list">
        {stages.map((stage, index) => {
          const mark = isFinished || index < now ? 'done' : index === now ? 'now' : 'waiting';
          return (
            <li key={stage} className={`stage stage-${mark}`} aria-current={mark === 'now' ? 'step' : undefined}>
              <span className="stage-mark">{mark === 'done' ? <Icon name="check" /> : null}</span>
              {t(`stage_${stage}`)}
              <span className="visually-hidden">
                , {t(mark === 'done' ? 'stageDone' : mark === 'now' ? 'stageNow' : 'stageWaiting')}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
