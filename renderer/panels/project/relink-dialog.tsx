/** Finds photos that were moved: by the system's dialog, or by taking in the folder that they are in now. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { AppState } from '../../../electron/ipc/contract.js';
import { toRefusal } from '../../app/refusal.js';
import { sendCommand } from '../../app/send.js';
import { showRefusal } from '../../app/ui-store.js';
import { uploadFiles } from '../../app/upload.js';
import { Icon } from '../controls/icons.js';
import { ModalDialog } from '../controls/modal-dialog.js';
import { askForFiles } from '../pick-files.js';

interface RelinkDialogProps {
  readonly state: AppState;
  readonly onClose: () => void;
}

export function RelinkDialog({ state, onClose }: RelinkDialogProps): ReactElement {
  const { t } = useTranslation(['project', 'general']);
  const [found, setFound] = useState<number | null>(null);
  const { missingPhotos } = state.project;

  const relink = async (uploadId: string | null): Promise<void> => {
    const answer = await sendCommand('relinkPhotos', { uploadId });
    if (answer !== null) setFound(answer.found);
  };
  const choose = (): void => {
    if (state.session.hasNativeDialogs) {
      void relink(null);
      return;
    }
    askForFiles('folder', (files) => {
      uploadFiles(files)
        .then((uploadId) => (uploadId === null ? undefined : relink(uploadId)))
        .catch((thrown: unknown) => showRefusal(toRefusal(thrown)));
    });
  };

  return (
    <ModalDialog
      title={t('relinkTitle')}
      isOpen
      onClose={onClose}
      foot={
        <>
          <Button className="button" onPress={onClose}>
            {t('general:close')}
          </Button>
          <Button className="button button-primary" isDisabled={missingPhotos.length === 0} onPress={choose}>
            {t('relinkChoose')}
          </Button>
        </>
      }
    >
      <p className="muted">{t('relinkText')}</p>
      {found === null ? null : (
        <div className={found > 0 ? 'message message-good' : 'message message-warn'} role="status">
          <Icon name={found > 0 ? 'good' : 'warning'} />
          <p>{found > 0 ? t('relinkFound', { count: found }) : t('relinkNone')}</p>
        </div>
      )}
      {missingPhotos.length === 0 ? (
        <p>{t('relinkDone')}</p>
      ) : (
        <ul className="stack missing-list">
          {missingPhotos.map(({ photoId, shownPath }) => (
            <li key={photoId} className="muted">
              {shownPath}
            </li>
          ))}
        </ul>
      )}
    </ModalDialog>
  );
}
