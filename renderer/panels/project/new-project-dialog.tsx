import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import { sendCommand } from '../../app/send.js';
import { ModalDialog } from '../controls/modal-dialog.js';

interface NewProjectDialogProps {
  readonly isRunning: boolean;
  readonly onClose: () => void;
}

export function NewProjectDialog({ isRunning, onClose }: NewProjectDialogProps): ReactElement {
  const { t } = useTranslation(['project', 'general']);
  return (
    <ModalDialog
      title={t('newTitle')}
      isOpen
      onClose={onClose}
      foot={
        <>
          <Button className="button" onPress={onClose}>
            {t('general:cancel')}
          </Button>
          <Button
            className="button button-primary"
            onPress={() => {
              void sendCommand('newProject', {});
              onClose();
            }}
          >
            {t('newConfirm')}
          </Button>
        </>
      }
    >
      <p>{t('newText')}</p>
      {isRunning ? <p>{t('newRunning')}</p> : null}
    </ModalDialog>
  );
}
