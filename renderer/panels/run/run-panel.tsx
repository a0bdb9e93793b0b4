/** The inspector's first page: before a run its settings, during and after it what happens. */
import { memo } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Disclosure, DisclosurePanel, Heading } from 'react-aria-components';
import type { AppState } from '../../../electron/ipc/contract.js';
import { isSameButFigures } from '../../app/calm-state.js';
import { Icon } from '../controls/icons.js';
import { SensorReport } from '../sensors/sensor-report.js';
import { BlockerMessage } from './blocker-message.js';
import { CameraReport, CamerasFirst } from './camera-report.js';
import { EngineSection, EstimateFigures } from './estimate.js';
import { ProgressPlot } from './progress-plot.js';
import { RunButtons } from './run-buttons.js';
import { RunOutcome } from './run-outcome.js';
import { findBlocker, isBusy } from './run-permissions.js';
import { RunProgress } from './run-progress.js';
import { SettingsSection } from './settings-section.js';
import { StageList } from './stage-list.js';
import './run.css';

function RunWarnings({ warnings }: { readonly warnings: readonly string[] }): ReactElement | null {
  const { t } = useTranslation('run');
  if (warnings.length === 0) return null;
  return (
    <section className="panel-section" aria-labelledby="run-warnings">
      <h2 className="panel-title" id="run-warnings">
        {t('warnings')}
      </h2>
      <ul className="stack">
        {[...new Set(warnings)].map((warning) => (
          <li key={warning} className="message message-warn">
            <Icon name="warning" />
            <p>{warning}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Settings of a run that was started stay readable, folded away. */
const FoldedSettings = memo(function FoldedSettings({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation('run');
  return (
    <Disclosure className="disclosure folded-settings">
      <Heading level={2} className="disclosure-head">
        <Button slot="trigger" className="button button-quiet disclosure-button">
          <Icon name="chevronRight" className="disclosure-sign" />
          {t('settings')}
        </Button>
      </Heading>
      <DisclosurePanel>
        <SettingsSection state={state} isDisabled={isBusy(state) || state.project.isReadOnly} isFolded />
      </DisclosurePanel>
    </Disclosure>
  );
}, isSameButFigures);

export function RunPanel({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation('run');
  const { run, photos, scene } = state;
  if (photos.length === 0 && scene !== null && run.status === 'idle') {
    return (
      <section className="panel-section" aria-labelledby="view-only">
        <h2 className="panel-title" id="view-only">
          {t('viewOnlyTitle')}
        </h2>
        <p className="muted">{t('viewOnlyText')}</p>
      </section>
    );
  }
  const isBefore = run.status === 'idle';
  return (
    <div className="run-panel">
      <div className="run-scroll">
        {isBefore ? null : <RunProgress run={run} session={state.session} />}
        <RunOutcome run={run} />
        {run.status === 'finished' && scene?.sensorReport ? <SensorReport report={scene.sensorReport} /> : null}
        {isBefore ? null : <CameraReport state={state} />}
        {isBefore || (run.iteration === 0 && !isBusy(state)) ? null : <ProgressPlot />}
        {isBefore ? null : <RunWarnings warnings={run.warnings} />}
        {isBefore ? <SettingsSection state={state} isDisabled={state.project.isReadOnly} /> : null}
        {isBefore ? <CameraReport state={state} /> : <FoldedSettings state={state} />}
        {isBusy(state) ? <StageList state={state} /> : <EngineSection session={state.session} />}
      </div>
      <div className="run-foot">
        {isBusy(state) ? null : <BlockerMessage state={state} />}
        {isBusy(state) || findBlocker(state) !== null ? null : <CamerasFirst state={state} />}
        {isBefore || run.status === 'cancelled' ? <EstimateFigures state={state} /> : null}
        <div className="row row-wrap">
          <RunButtons state={state} />
        </div>
      </div>
    </div>
  );
}
