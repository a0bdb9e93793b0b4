/** Files that could not be used and commands that could not be done: named, with what helps, to be dismissed. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { Notice } from '../../../electron/ipc/contract.js';
import { sendCommand } from '../../app/send.js';
import { dismissRefusal, useUiStore } from '../../app/ui-store.js';
import { IconButton } from '../controls/icon-button.js';
import { Icon } from '../controls/icons.js';
import './photos.css';

const LOOKS = {
  error: ['message message-bad', 'error'],
  warning: ['message message-warn', 'warning'],
  info: ['message', 'info'],
} as const;

interface ProblemProps {
  readonly severity: Notice['severity'];
  readonly message: string;
  readonly hint: string;
  readonly file: string | null;
  readonly onDismiss: () => void;
}

function Problem({ severity, message, hint, file, onDismiss }: ProblemProps): ReactElement {
  const { t } = useTranslation('photos');
  const [className, icon] = LOOKS[severity];
  return (
    <li className={className}>
      <Icon name={icon} />
      <div className="grow problem-words">
        <span className="visually-hidden">{t(severity)}: </span>
        {file === null ? null : <p className="problem-file">{file}</p>}
        <p>{message}</p>
        {hint === '' ? null : <p className="muted">{hint}</p>}
      </div>
      <IconButton icon="close" isSmall label={t('dismissNamed', { message: file ?? message })} onPress={onDismiss} />
    </li>
  );
}

export function ProblemList({ notices }: { readonly notices: readonly Notice[] }): ReactElement {
  const { t } = useTranslation('photos');
  const refusals = useUiStore((store) => store.refusals);
  const dismissAll = (): void => {
    for (const { id } of refusals) dismissRefusal(id);
    if (notices.length > 0) void sendCommand('dismissNotice', { noticeId: null });
  };
  const isEmpty = notices.length + refusals.length === 0;
  return (
    <section className="panel-section" aria-labelledby="problems-title">
      <div className="row">
        <h2 className="panel-title grow" id="problems-title">
          {t('problems')}
        </h2>
        {isEmpty ? null : (
          <Button className="button button-small" onPress={dismissAll}>
            {t('dismissAll')}
          </Button>
        )}
      </div>
      {isEmpty ? <p className="muted">{t('noProblems')}</p> : null}
      <ul className="stack">
        {refusals.map(({ id, message, hint }) => (
          <Problem
            key={`refusal-${id}`}
            severity="error"
            message={message}
            hint={hint}
            file={null}
            onDismiss={() => dismissRefusal(id)}
          />
        ))}
        {[...notices].reverse().map(({ id, severity, message, hint, file }) => (
          <Problem
            key={id}
            severity={severity}
            message={message}
            hint={hint}
            file={file}
            onDismiss={() => void sendCommand('dismissNotice', { noticeId: id })}
          />
        ))}
      </ul>
    </section>
  );
}
