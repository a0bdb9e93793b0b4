/** Whichever dialog is open. */
import { memo } from 'react';
import type { ReactElement } from 'react';
import type { AppState } from '../../../electron/ipc/contract.js';
import { isSameButFigures } from '../../app/calm-state.js';
import { openDialog, useUiStore } from '../../app/ui-store.js';
import { ExportDialog } from '../export/export-dialog.js';
import { AboutDialog } from '../help/about-dialog.js';
import { ShortcutsDialog } from '../help/shortcuts-dialog.js';
import { NewProjectDialog } from '../project/new-project-dialog.js';
import { RelinkDialog } from '../project/relink-dialog.js';
import { SaveAsDialog } from '../project/save-as-dialog.js';
import { isBusy } from '../run/run-permissions.js';

const close = (): void => openDialog(null);

export const Dialogs = memo(function Dialogs({ state }: { readonly state: AppState }): ReactElement {
  const dialog = useUiStore((store) => store.dialog);
  return (
    <>
      {/* Stays mounted: an export that was started goes on while the dialog is closed. */}
      <ExportDialog state={state} isOpen={dialog === 'export'} onClose={close} />
      {dialog === 'save-as' ? <SaveAsDialog state={state} onClose={close} /> : null}
      {dialog === 'relink' ? <RelinkDialog state={state} onClose={close} /> : null}
      {dialog === 'new-project' ? <NewProjectDialog isRunning={isBusy(state)} onClose={close} /> : null}
      {dialog === 'shortcuts' ? <ShortcutsDialog onClose={close} /> : null}
      {dialog === 'about' ? <AboutDialog session={state.session} onClose={close} /> : null}
    </>
  );
}, isSameButFigures);
