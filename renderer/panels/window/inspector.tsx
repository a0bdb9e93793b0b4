/** The panel at the side: the run, tidying up, sensors, problems. */
import { memo } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import type { AppState } from '../../../electron/ipc/contract.js';
import { INSPECTOR_TABS, showInspector, useUiStore } from '../../app/ui-store.js';
import { ProblemList } from '../photos/problem-list.js';
import { isSameButFigures } from '../../app/calm-state.js';
import { SensorPanel } from '../sensors/sensor-panel.js';
import { RunPanel } from '../run/run-panel.js';
import { TidyPanel } from '../tidy/tidy-panel.js';

const CalmTidyPanel = memo(TidyPanel);
const CalmSensorPanel = memo(SensorPanel, isSameButFigures);
const CalmProblemList = memo(ProblemList);

export function Inspector({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation();
  const tab = useUiStore((store) => store.inspectorTab);
  const refusals = useUiStore((store) => store.refusals.length);
  const problems = refusals + state.notices.filter(({ severity }) => severity !== 'info').length;
  return (
    <section className="inspector" aria-label={t('regionInspector')}>
      <Tabs
        className="tabs"
        selectedKey={tab}
        onSelectionChange={(key) => {
          const chosen = INSPECTOR_TABS.find((name) => name === key);
          if (chosen !== undefined) showInspector(chosen);
        }}
      >
        <TabList className="tab-list" aria-label={t('regionInspector')}>
          <Tab className="tab" id="run">
            {t('tabRun')}
          </Tab>
          <Tab className="tab" id="tidy">
            {t('tabTidy')}
          </Tab>
          <Tab className="tab" id="sensors">
            {t('tabSensors')}
          </Tab>
          <Tab className="tab" id="problems">
            {t('tabProblems')}
            {problems === 0 ? null : <span className="badge badge-warn numeric">{problems}</span>}
          </Tab>
        </TabList>
        <TabPanel className="tab-panel" id="run">
          <RunPanel state={state} />
        </TabPanel>
        <TabPanel className="tab-panel" id="tidy">
          <CalmTidyPanel />
        </TabPanel>
        <TabPanel className="tab-panel" id="sensors">
          <CalmSensorPanel state={state} />
        </TabPanel>
        <TabPanel className="tab-panel" id="problems">
          <CalmProblemList notices={state.notices} />
        </TabPanel>
      </Tabs>
    </section>
  );
}
