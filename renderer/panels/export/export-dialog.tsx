import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Label, RadioButton, RadioField, RadioGroup } from 'react-aria-components';
import { CLOUD_EXPORT, EXPORT_FORMATS, UP_AXES } from '../../../electron/ipc/contract.js';
import type { AppState, ExportOptions, ExportState } from '../../../electron/ipc/contract.js';
import { formatBytes } from '../../app/format.js';
import { sendCommand } from '../../app/send.js';
import { ChoiceField } from '../controls/choice-field.js';
import { Icon } from '../controls/icons.js';
import { ModalDialog } from '../controls/modal-dialog.js';
import { Progress } from '../controls/progress.js';
import { TickBox } from '../controls/tick-box.js';
import { useLanguage } from '../controls/use-language.js';
import { hasSplats, hasUsedClouds } from '../run/run-permissions.js';
import { FIRST_OPTIONS, maxDegreeOf, withFormat } from './export-choice.js';
import { useSizeEstimates } from './use-size-estimate.js';
import './export.css';

const DEGREES = ['0', '1', '2', '3'] as const;

interface OptionsProps {
  readonly options: ExportOptions;
  readonly onChange: (options: ExportOptions) => void;
  readonly isDisabled: boolean;
}

interface FormatProps extends OptionsProps {
  /** The sensors' points were chosen, and not the scene. */
  readonly isCloud: boolean;
  readonly onCloud: (isCloud: boolean) => void;
  readonly hasScene: boolean;
  readonly hasCloud: boolean;
}

/** A format with what it is good for. */
function FormatField({
  format,
  size,
}: {
  readonly format: ExportState['format'];
  readonly size: string;
}): ReactElement {
  const { t } = useTranslation('export');
  return (
    <RadioButton className="preset export-format">
      <span className="preset-mark" />
      <span className="stack preset-words grow">
        <span className="preset-name">
          {t(`format_${format}`)}{' '}
          {format === 'glb' ? <span className="badge badge-warn">{t('experimental')}</span> : null}
        </span>
        <span className="field-hint">{t(`format_${format}Text`)}</span>
      </span>
      <span className="numeric muted export-size">{size}</span>
    </RadioButton>
  );
}

function FormatChoice(props: FormatProps): ReactElement {
  const { options, onChange, isDisabled, isCloud, onCloud, hasScene, hasCloud } = props;
  const { t } = useTranslation('export');
  const language = useLanguage();
  const sizes = useSizeEstimates(options);
  return (
    <RadioGroup
      className="field"
      value={isCloud ? CLOUD_EXPORT : options.format}
      isDisabled={isDisabled}
      onChange={(value) => {
        const format = EXPORT_FORMATS.find((name) => name === value);
        onCloud(format === undefined);
        if (format !== undefined) onChange(withFormat(options, format));
      }}
    >
      <Label className="field-label">{t('format')}</Label>
      <div className="preset-list">
        {EXPORT_FORMATS.map((format) => {
          const bytes = sizes[format];
          return (
            <RadioField key={format} value={format} className="preset-field" isDisabled={isDisabled || !hasScene}>
              <FormatField
                format={format}
                size={bytes === undefined ? '' : t('size', { size: formatBytes(bytes, language) })}
              />
            </RadioField>
          );
        })}
        {hasCloud ? (
          <RadioField value={CLOUD_EXPORT} className="preset-field">
            <FormatField format={CLOUD_EXPORT} size="" />
          </RadioField>
        ) : null}
      </div>
    </RadioGroup>
  );
}

function FurtherOptions({ options, onChange, isDisabled }: OptionsProps): ReactElement {
  const { t } = useTranslation('export');
  const allowed = DEGREES.filter((degree) => Number(degree) <= maxDegreeOf(options.format));
  return (
    <>
      <div className="export-options">
        <ChoiceField
          label={t('upAxis')}
          value={options.upAxis}
          isDisabled={isDisabled}
          choices={UP_AXES.map((value) => ({ value, name: t(`up_${value}`) }))}
          onChoose={(upAxis) => onChange({ ...options, upAxis })}
        />
        <ChoiceField
          label={t('shDegree')}
          value={String(options.shDegree) as (typeof DEGREES)[number]}
          isDisabled={isDisabled || allowed.length === 1}
          choices={allowed.map((value) => ({ value, name: t(`sh_${value}`) }))}
          onChoose={(degree) => onChange({ ...options, shDegree: Number(degree) })}
        />
      </div>
      <TickBox
        label={t('applyEdits')}
        isTicked={options.applyEdits}
        isDisabled={isDisabled}
        onChange={(applyEdits) => onChange({ ...options, applyEdits })}
      />
    </>
  );
}

function ExportProgress({ current }: { readonly current: ExportState }): ReactElement {
  const { t } = useTranslation('export');
  const language = useLanguage();
  if (current.status === 'running') {
    return (
      <div className="stack" role="status">
        <p>{t('running', { name: current.fileName })}</p>
        <Progress label={t('progress')} fraction={current.fraction} />
      </div>
    );
  }
  if (current.status === 'finished') {
    return (
      <div className="message message-good" role="status">
        <Icon name="good" />
        <p>{t('finished', { name: current.fileName, size: formatBytes(current.bytes ?? 0, language) })}</p>
      </div>
    );
  }
  return (
    <div className={current.status === 'failed' ? 'message message-bad' : 'message'} role="alert">
      <Icon name={current.status === 'failed' ? 'error' : 'info'} />
      <div className="stack">
        <p>{current.error?.message ?? t(current.status === 'failed' ? 'failed' : 'cancelled')}</p>
        {current.error?.hint ? <p className="muted">{current.error.hint}</p> : null}
      </div>
    </div>
  );
}

/** Saves the finished file as the browser does with any download. */
function download({ url, fileName }: ExportState): void {
  if (url === null) return;
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
}

interface ExportDialogProps {
  readonly state: AppState;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function ExportDialog({ state, isOpen, onClose }: ExportDialogProps): ReactElement {
  const { t } = useTranslation(['export', 'general']);
  const [options, setOptions] = useState(FIRST_OPTIONS);
  const [wantsCloud, setWantsCloud] = useState(false);
  const [exportId, setExportId] = useState<string | null>(null);
  const saved = useRef<string | null>(null);
  const current = state.exports.find(({ id }) => id === exportId);
  const isRunning = current?.status === 'running';
  const hasScene = hasSplats(state);
  const hasCloud = hasUsedClouds(state);
  const isCloud = hasCloud && (wantsCloud || !hasScene);

  // The file is offered once, as soon as it is there; the dialog may be closed meanwhile.
  useEffect(() => {
    if (current?.status !== 'finished' || saved.current === current.id) return;
    saved.current = current.id;
    download(current);
  }, [current]);

  const start = async (): Promise<void> => {
    const answer = isCloud ? await sendCommand('startCloudExport', {}) : await sendCommand('startExport', options);
    if (answer !== null) setExportId(answer.exportId);
  };

  // Opened again it starts anew: what was exported before may no longer be what is shown.
  const close = (): void => {
    if (!isRunning) setExportId(null);
    onClose();
  };

  return (
    <ModalDialog
      title={t('title')}
      isOpen={isOpen}
      onClose={close}
      isWide
      foot={
        <>
          {current?.status === 'finished' ? (
            <Button className="button" onPress={() => download(current)}>
              {t('download')}
            </Button>
          ) : null}
          {isRunning ? (
            <Button className="button" onPress={() => void sendCommand('cancelExport', { exportId: current.id })}>
              {t('cancel')}
            </Button>
          ) : (
            <Button className="button" onPress={close}>
              {t('general:close')}
            </Button>
          )}
          {/* Not disabled while it runs: the focus would fall out of the dialog, and Escape with it. */}
          <Button
            className="button button-primary"
            isPending={isRunning}
            isDisabled={!hasScene && !hasCloud}
            onPress={() => void start()}
          >
            {t(current?.status === 'finished' ? 'another' : 'start')}
          </Button>
        </>
      }
    >
      {hasScene || hasCloud ? null : <p className="message">{t('nothing')}</p>}
      <FormatChoice
        options={options}
        onChange={setOptions}
        isDisabled={isRunning}
        isCloud={isCloud}
        onCloud={setWantsCloud}
        hasScene={hasScene}
        hasCloud={hasCloud}
      />
      <FurtherOptions options={options} onChange={setOptions} isDisabled={isRunning || isCloud} />
      {current === undefined ? null : <ExportProgress current={current} />}
    </ModalDialog>
  );
}
