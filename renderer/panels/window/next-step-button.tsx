/** The one filled button of the top bar: what comes next. Where the run panel shows the same button, this one steps back. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { AppState } from '../../../electron/ipc/contract.js';
import { sendCommand } from '../../app/send.js';
import { openDialog, showInspector, useUiStore } from '../../app/ui-store.js';
import { Icon } from '../controls/icons.js';
import type { IconName } from '../controls/icons.js';
import { pickFiles } from '../pick-files.js';
import { findNextStep } from '../run/next-step.js';
import type { NextStep } from '../run/next-step.js';

const LOOKS = {
  add: ['addPhotos', 'add', () => pickFiles('photos')],
  start: ['start', 'play', () => void sendCommand('startRun', { from: 'fresh' })],
  pause: ['pause', 'pause', () => void sendCommand('pauseRun', {})],
  resume: ['resume', 'play', () => void sendCommand('resumeRun', {})],
  export: ['export', 'export', () => openDialog('export')],
  'add-cameras': ['addCameras', 'camera', () => pickFiles('folder')],
  'find-photos': ['findPhotos', 'folder', () => openDialog('relink')],
  'see-run': ['goToRun', 'chevronRight', () => showInspector('run')],
} as const satisfies Record<NextStep, readonly [string, IconName, () => void]>;

const IN_RUN_PANEL: readonly NextStep[] = ['start', 'pause', 'resume', 'see-run'];

export function NextStepButton({ state, isRunPanelShown }: NextStepProps): ReactElement | null {
  const { t } = useTranslation('run');
  const tab = useUiStore((store) => store.inspectorTab);
  const step = findNextStep(state);
  const isThere = isRunPanelShown && tab === 'run';
  const exportsThere = step === 'export' && state.run.status === 'finished';
  if (step === null || (isThere && (IN_RUN_PANEL.includes(step) || exportsThere))) return null;
  const [word, icon, act] = LOOKS[step];
  return (
    <Button className="button button-primary" onPress={act}>
      <Icon name={icon} />
      {t(word)}
    </Button>
  );
}

interface NextStepProps {
  readonly state: AppState;
  readonly isRunPanelShown: boolean;
}
