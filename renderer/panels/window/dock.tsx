/** The panel below: photos, and the path that a camera takes through them. */
import { memo } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import type { AppState } from '../../../electron/ipc/contract.js';
import { isSameButFigures } from '../../app/calm-state.js';
import { DOCK_TABS, showDock, useUiStore } from '../../app/ui-store.js';
import { PathPanel } from '../path/path-panel.js';
import { Filmstrip } from '../photos/filmstrip.js';

export const Dock = memo(function Dock({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation();
  const tab = useUiStore((store) => store.dockTab);
  return (
    <section className="dock" aria-label={t('regionDock')}>
      <Tabs
        className="tabs"
        selectedKey={tab}
        onSelectionChange={(key) => {
          const chosen = DOCK_TABS.find((name) => name === key);
          if (chosen !== undefined) showDock(chosen);
        }}
      >
        <TabList className="tab-list" aria-label={t('regionDock')}>
          <Tab className="tab" id="photos">
            {t('tabPhotos')}
          </Tab>
          <Tab className="tab" id="path">
            {t('tabPath')}
          </Tab>
        </TabList>
        <TabPanel className="tab-panel" id="photos">
          <Filmstrip state={state} />
        </TabPanel>
        <TabPanel className="tab-panel" id="path">
          <PathPanel />
        </TabPanel>
      </Tabs>
    </section>
  );
}, isSameButFigures);
