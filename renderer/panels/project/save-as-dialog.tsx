import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, FieldError, Form, Input, Label, TextField } from 'react-aria-components';
import type { Project } from '../../../electron/ipc/contract.js';
import { sendCommand } from '../../app/send.js';
import { ModalDialog } from '../controls/modal-dialog.js';
import { MAX_NAME_LENGTH, checkProjectName } from './project-name.js';

interface SaveAsDialogProps {
  readonly project: Project;
  readonly onClose: () => void;
}

export function SaveAsDialog({ project, onClose }: SaveAsDialogProps): ReactElement {
  const { t } = useTranslation(['project', 'general']);
  const [name, setName] = useState(project.name);
  const problem = checkProjectName(name);
  const save = async (): Promise<void> => {
    if (problem !== null) return;
    const answer = await sendCommand('saveProjectAs', { name: name.trim() });
    if (answer === null || answer.saved) onClose();
  };
  return (
    <ModalDialog
      title={t('saveAsTitle')}
      isOpen
      onClose={onClose}
      foot={
        <>
          <Button className="button" onPress={onClose}>
            {t('general:cancel')}
          </Button>
          <Button className="button button-primary" isDisabled={problem !== null} onPress={() => void save()}>
            {t('save')}
          </Button>
        </>
      }
    >
      <p className="muted">{t('saveAsText')}</p>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          className="field"
          value={name}
          onChange={setName}
          maxLength={MAX_NAME_LENGTH}
          isInvalid={problem !== null}
          autoFocus
        >
          <Label className="field-label">{t('name')}</Label>
          <Input className="input" />
          <FieldError className="field-error">{problem === null ? '' : t(problem)}</FieldError>
        </TextField>
      </Form>
    </ModalDialog>
  );
}
