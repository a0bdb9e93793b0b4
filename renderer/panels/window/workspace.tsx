/** Viewer, inspector and dock: side by side with edges to drag where there is room, one below the other where there is not. */
import { memo, useEffect } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Group, Panel, Separator } from 'react-resizable-panels';
import type { Layout } from 'react-resizable-panels';
import type { AppState } from '../../../electron/ipc/contract.js';
import { readLayout, writeLayout } from '../../app/preferences.js';
import { startPath } from '../path/start-path.js';
import { startSensors } from '../sensors/start-sensors.js';
import { startTidy } from '../tidy/start-tidy.js';
import { ViewerPanel } from '../viewer/viewer-panel.js';
import { Dock } from './dock.js';
import { Inspector } from './inspector.js';

const Viewer = memo(function Viewer(): ReactElement {
  const { t } = useTranslation();
  return (
    <section className="viewer-region" id="viewer" tabIndex={-1} aria-label={t('regionViewer')}>
      <ViewerPanel />
    </section>
  );
});

/** A remembered layout counts only when it is of these panels. */
function layoutProps(name: string, panels: readonly string[]): { defaultLayout?: Layout } {
  const layout = readLayout(name);
  return layout !== null && panels.every((panel) => panel in layout) ? { defaultLayout: layout } : {};
}

interface WorkspaceProps {
  readonly state: AppState;
  readonly isNarrow: boolean;
}

export function Workspace({ state, isNarrow }: WorkspaceProps): ReactElement {
  const { t } = useTranslation();
  // Edits, the camera path and sensors belong to the project, not to the panels that show them.
  useEffect(() => {
    startTidy();
    startPath();
    startSensors();
  }, []);
  if (isNarrow) {
    return (
      <div className="stacked">
        <Viewer />
        <Inspector state={state} />
        <Dock state={state} />
      </div>
    );
  }
  return (
    <Group
      className="workspace"
      orientation="horizontal"
      {...layoutProps('columns', ['stage', 'inspector'])}
      onLayoutChanged={(layout, { isUserInteraction }) => {
        if (isUserInteraction) writeLayout('columns', layout);
      }}
    >
      <Panel id="stage" minSize="40%">
        <Group
          orientation="vertical"
          {...layoutProps('rows', ['scene', 'dock'])}
          onLayoutChanged={(layout, { isUserInteraction }) => {
            if (isUserInteraction) writeLayout('rows', layout);
          }}
        >
          <Panel id="scene" minSize="30%">
            <Viewer />
          </Panel>
          <Separator className="divider divider-row" aria-label={t('resizeDock')} />
          <Panel id="dock" defaultSize="196px" minSize="120px" maxSize="60%" groupResizeBehavior="preserve-pixel-size">
            <Dock state={state} />
          </Panel>
        </Group>
      </Panel>
      <Separator className="divider divider-column" aria-label={t('resizeInspector')} />
      <Panel
        id="inspector"
        defaultSize="344px"
        minSize="288px"
        maxSize="560px"
        groupResizeBehavior="preserve-pixel-size"
      >
        <Inspector state={state} />
      </Panel>
    </Group>
  );
}
