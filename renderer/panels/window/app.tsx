/** The whole window. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { I18nProvider } from 'react-aria-components';
import { CONTRACT_VERSION } from '../../../electron/ipc/contract.js';
import type { AppState } from '../../../electron/ipc/contract.js';
import { useAppStore } from '../../app/store.js';
import { useUiStore } from '../../app/ui-store.js';
import { allCommands } from '../all-commands.js';
import { CommandsContext } from '../controls/use-shortcut-label.js';
import { UploadBar } from '../photos/upload-bar.js';
import { ProjectBanners } from '../project/project-banners.js';
import { WelcomePage } from '../welcome/welcome-page.js';
import { ConnectionOverlay, ReloadOverlay } from './connection-overlay.js';
import { Dialogs } from './dialogs.js';
import { DropOverlay } from './drop-overlay.js';
import { LiveRegions } from './live-regions.js';
import { RefusalToast } from './refusal-toast.js';
import { TopBar } from './top-bar.js';
import { useMediaQuery } from './use-media-query.js';
import { Workspace } from './workspace.js';
import './window.css';

/** Below this, panels side by side would leave none of them usable: small windows, and large ones at 200 % zoom. */
const NARROW = '(max-width: 900px), (max-height: 480px)';

function Content({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation();
  const isNarrow = useMediaQuery(NARROW);
  const hasPreviews = useUiStore((store) => store.previews.length > 0);
  const hasSensors = state.sensors.length + state.calibrations.length > 0;
  const isEmpty = state.photos.length === 0 && state.scene === null && !hasSensors && !hasPreviews;
  return (
    <div className={isNarrow ? 'window window-narrow' : 'window'}>
      <a className="skip-link" href="#viewer">
        {t('skipToViewer')}
      </a>
      <TopBar state={state} isNarrow={isNarrow} isEmpty={isEmpty} />
      <UploadBar />
      <ProjectBanners project={state.project} />
      <main className="window-body">
        {isEmpty ? (
          <div className="viewer-region" id="viewer" tabIndex={-1}>
            <WelcomePage state={state} />
          </div>
        ) : (
          <Workspace state={state} isNarrow={isNarrow} />
        )}
      </main>
      <RefusalToast />
      <Dialogs state={state} />
    </div>
  );
}

function Connecting(): ReactElement {
  const { t } = useTranslation();
  return (
    <main className="connecting">
      <h1 className="visually-hidden">{t('appName')}</h1>
      <p role="status">{t('connecting')}</p>
    </main>
  );
}

export function App(): ReactElement {
  const { t, i18n } = useTranslation();
  const state = useAppStore((store) => store.state);
  const connected = useAppStore((store) => store.connected);
  const isOutdated = state !== null && state.session.contractVersion !== CONTRACT_VERSION;
  return (
    <I18nProvider locale={i18n.language}>
      <CommandsContext value={allCommands}>
        {state === null ? <Connecting /> : <Content state={state} />}
        <DropOverlay />
        {connected ? null : <ConnectionOverlay />}
        {isOutdated ? <ReloadOverlay title={t('contractMismatchTitle')} text={t('contractMismatchText')} /> : null}
        <LiveRegions />
      </CommandsContext>
    </I18nProvider>
  );
}
