import { memo } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppState } from '../../../electron/ipc/contract.js';
import { isSameButFigures } from '../../app/calm-state.js';
import { Logo } from '../controls/logo.js';
import { ProjectTitle } from '../project/project-title.js';
import { MenuBar } from './menu-bar.js';
import { NextStepButton } from './next-step-button.js';
import { SettingsMenu } from './settings-menu.js';

interface TopBarProps {
  readonly state: AppState;
  readonly isNarrow: boolean;
  readonly isEmpty: boolean;
}

export const TopBar = memo(function TopBar({ state, isNarrow, isEmpty }: TopBarProps): ReactElement {
  const { t } = useTranslation();
  return (
    <header className="top-bar" aria-label={t('regionTop')}>
      <Logo />
      <MenuBar isNarrow={isNarrow} />
      {isEmpty ? (
        <h1 className="project-title project-name">{t('appName')}</h1>
      ) : (
        <ProjectTitle project={state.project} />
      )}
      <div className="row top-bar-end">
        {isEmpty ? null : <NextStepButton state={state} isRunPanelShown={!isNarrow} />}
        <SettingsMenu />
      </div>
    </header>
  );
}, isSameButFigures);
