import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, FieldError, Form, Input, Label, TextField } from 'react-aria-components';
import type { AppState, Refusal } from '../../../electron/ipc/contract.js';
import { getHost } from '../../app/host.js';
import { toRefusal } from '../../app/refusal.js';
import { Icon } from '../controls/icons.js';
import { ModalDialog } from '../controls/modal-dialog.js';
import { MAX_NAME_LENGTH, checkProjectName } from './project-name.js';

interface SaveAsDialogProps {
  readonly state: AppState;
  readonly onClose: () => void;
}

export function SaveAsDialog({ state, onClose }: SaveAsDialogProps): ReactElement {
  const { t } = useTranslation(['project', 'general']);
  const { project, session } = state;
  const isSaved = project.folder !== null;
  const [name, setName] = useState(isSaved ? t('copyName', { name: project.name }) : project.name);
  const [isSaving, setSaving] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const problem = checkProjectName(name);
  const save = async (): Promise<void> => {
    if (problem !== null || isSaving) return;
    setSaving(true);
    setRefusal(null);
    try {
      const { saved } = await getHost().send('saveProjectAs', { name: name.trim() });
      if (saved) onClose();
    } catch (thrown) {
      // Said here, where another name can be given.
      setRefusal(toRefusal(thrown));
    } finally {
      setSaving(false);
    }
  };
  return (
    <ModalDialog
      title={t(isSaved ? 'saveCopyTitle' : 'saveAsTitle')}
      isOpen
      onClose={onClose}
      foot={
        <>
          <Button className="button" onPress={onClose}>
            {t('general:cancel')}
          </Button>
          <Button
            className="button button-primary"
            isDisabled={problem !== null}
            isPending={isSaving}
            onPress={() => void save()}
          >
            {t(isSaving ? 'saving' : isSaved ? 'saveCopyConfirm' : 'save')}
          </Button>
        </>
      }
    >
      {project.folder === null || project.isReadOnly ? null : <p>{t('savesItself', { folder: project.folder })}</p>}
      <p className="muted">{t(isSaved ? 'saveCopyText' : 'saveAsText')}</p>
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          className="field"
          value={name}
          onChange={(text) => {
            setName(text);
            setRefusal(null);
          }}
          maxLength={MAX_NAME_LENGTH}
          isInvalid={problem !== null}
          autoFocus
        >
          <Label className="field-label">{t('name')}</Label>
          <Input className="input" onFocus={(event) => event.currentTarget.select()} />
          <FieldError className="field-error">{problem === null ? '' : t(problem)}</FieldError>
        </TextField>
      </Form>
      <p className="muted save-place">
        {session.projectsFolder === null ? t('savePlaceNext') : t('savePlace', { folder: session.projectsFolder })}
      </p>
      {refusal === null ? null : (
        <div className="message message-bad" role="alert">
          <Icon name="error" />
          <div className="stack">
            <p>{refusal.message}</p>
            {refusal.hint === '' ? null : <p className="muted">{refusal.hint}</p>}
          </div>
        </div>
      )}
    </ModalDialog>
  );
}
