/** Finds photos, clouds and calibrations that were moved: by the system's dialog, or by taking in the folder that they are in now. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { AppState } from '../../../electron/ipc/contract.js';
import { getLoopback } from '../../app/host.js';
import { toRefusal } from '../../app/refusal.js';
import { sendCommand } from '../../app/send.js';
import { showRefusal } from '../../app/ui-store.js';
import { Icon } from '../controls/icons.js';
import { ModalDialog } from '../controls/modal-dialog.js';
import { UploadBar } from '../photos/upload-bar.js';
import { askForFiles } from '../pick-files.js';
import { missingFiles } from './missing-files.js';

interface RelinkDialogProps {
  readonly state: AppState;
  readonly onClose: () => void;
}

export function RelinkDialog({ state, onClose }: RelinkDialogProps): ReactElement {
  const { t } = useTranslation(['project', 'general']);
  const [found, setFound] = useState<number | null>(null);
  const [isLooking, setLooking] = useState(false);
  const missing = missingFiles(state.project);

  const relink = async (uploadId: string | null): Promise<void> => {
    const answer = await sendCommand('relinkPhotos', { uploadId });
    if (answer !== null) setFound(answer.found);
  };
  const look = async (work: () => Promise<void>): Promise<void> => {
    setFound(null);
    setLooking(true);
    try {
      await work();
    } catch (thrown) {
      showRefusal(toRefusal(thrown));
    } finally {
      setLooking(false);
    }
  };
  const choose = (): void => {
    const loopback = getLoopback();
    if (loopback === null) {
      void look(() => relink(null));
      return;
    }
    askForFiles('folder', (files) => {
      void look(async () => {
        const uploadId = await loopback.upload(files);
        if (uploadId !== null) await relink(uploadId);
      });
    });
  };

  return (
    <ModalDialog
      title={t('relinkTitle')}
      isOpen
      onClose={onClose}
      foot={
        missing.length === 0 ? (
          <Button className="button button-primary" onPress={onClose}>
            {t('general:close')}
          </Button>
        ) : (
          <>
            <Button className="button" onPress={onClose}>
              {t('general:close')}
            </Button>
            <Button className="button button-primary" isPending={isLooking} onPress={choose}>
              {t(found === null ? 'relinkChoose' : 'relinkChooseAnother')}
            </Button>
          </>
        )
      }
    >
      {missing.length === 0 ? null : <p className="muted">{t('relinkText')}</p>}
      {isLooking ? <UploadBar /> : null}
      {isLooking ? <p role="status">{t('relinkLooking')}</p> : null}
      {found === null ? null : (
        <div className={found > 0 ? 'message message-good' : 'message message-warn'} role="status">
          <Icon name={found > 0 ? 'good' : 'warning'} />
          <p>{found > 0 ? t('relinkFound', { count: found }) : t('relinkNone')}</p>
        </div>
      )}
      {missing.length === 0 ? (
        <p>{t('relinkDone')}</p>
      ) : (
        <section className="stack" aria-labelledby="missing-title">
          <h3 className="panel-title" id="missing-title">
            {t(found === null ? 'relinkMissing' : 'relinkStillMissing', { count: missing.length })}
          </h3>
          <ul className="stack missing-list">
            {missing.map(({ id, shownPath }) => (
              <li key={id} className="muted">
                {shownPath}
              </li>
            ))}
          </ul>
        </section>
      )}
    </ModalDialog>
  );
}
