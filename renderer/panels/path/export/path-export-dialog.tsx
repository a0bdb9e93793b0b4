/** Pictures of the path: a video, its frames, or one still of the present view. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import { formatBytes, formatDuration } from '../../../app/format.js';
import { useAppStore } from '../../../app/store.js';
import type { PictureSize } from '../../../viewer/path/export/export-plan.js';
import {
  fitsMemory,
  framesBytes,
  isUsableSize,
  MAX_STILL_SIDE_PX,
  MAX_VIDEO_SIDE_PX,
  MAX_ZIP_BYTES,
  stillBytes,
} from '../../../viewer/path/export/export-plan.js';
import { VIDEO_QUALITIES } from '../../../viewer/path/export/video-candidates.js';
import { frameCount } from '../../../viewer/path/camera-path.js';
import { ChoiceField } from '../../controls/choice-field.js';
import { ModalDialog } from '../../controls/modal-dialog.js';
import { NumberEntry } from '../../controls/number-entry.js';
import { Progress } from '../../controls/progress.js';
import { useLanguage } from '../../controls/use-language.js';
import { usePathStore } from '../path-store.js';
import { usePathExport } from './export-store.js';
import { runPathExport } from './run-path-export.js';

const SIZES = ['1280x720', '1920x1080', '2560x1440', '3840x2160', '1080x1080', '1080x1920'] as const;

export function PathExportDialog(): ReactElement {
  const { t } = useTranslation('path');
  const { isOpen, outcome } = usePathExport();
  const isRunning = outcome.status === 'running';
  const problem = useProblem();
  return (
    <ModalDialog
      title={t('exportTitle')}
      isOpen={isOpen}
      // It goes on while the dialog is closed.
      onClose={() => usePathExport.setState({ isOpen: false })}
      foot={
        isRunning ? (
          <Button className="button" onPress={outcome.cancel}>
            {t('exportCancel')}
          </Button>
        ) : (
          <Button className="button button-primary" isDisabled={problem !== null} onPress={() => void runPathExport()}>
            {t('exportStart')}
          </Button>
        )
      }
    >
      {isRunning ? null : <Fields />}
      {isRunning || problem === null ? null : <p className="message message-warn">{problem}</p>}
      <div aria-live="polite">
        <Outcome />
      </div>
    </ModalDialog>
  );
}

function Fields(): ReactElement {
  const { t } = useTranslation('path');
  const { kind, container, quality, size } = usePathExport();
  const hasPath = usePathStore(({ path }) => path.keyframes.length > 0);
  const kinds = hasPath ? (['video', 'frames', 'still'] as const) : (['still'] as const);
  const custom = `${size.width}x${size.height}`;
  const sizes = [...new Set<string>([...SIZES, custom])];
  const setSize = (changed: Partial<PictureSize>): void => usePathExport.setState({ size: { ...size, ...changed } });
  const range = [16, kind === 'still' ? MAX_STILL_SIDE_PX : MAX_VIDEO_SIDE_PX] as const;
  return (
    <>
      <ChoiceField
        label={t('exportKind')}
        value={kind}
        choices={kinds.map((value) => ({ value, name: t(`exportKind_${value}`) }))}
        onChoose={(value) => usePathExport.setState({ kind: value, outcome: { status: 'idle' } })}
      />
      <ChoiceField
        label={t('exportSize')}
        value={custom}
        choices={sizes.map((value) => ({ value, name: value.replace('x', ' × ') }))}
        onChoose={(value) => {
          const [width = size.width, height = size.height] = value.split('x').map(Number);
          setSize({ width, height });
        }}
      />
      <div className="row path-size">
        <NumberEntry
          label={t('exportWidth')}
          value={size.width}
          range={range}
          mayBeEmpty={false}
          onChange={(width) => setSize({ width: width ?? size.width })}
        />
        <NumberEntry
          label={t('exportHeight')}
          value={size.height}
          range={range}
          mayBeEmpty={false}
          onChange={(height) => setSize({ height: height ?? size.height })}
        />
      </div>
      {kind === 'video' ? (
        <>
          <ChoiceField
            label={t('exportContainer')}
            hint={t('exportContainerHint')}
            value={container}
            choices={[
              { value: 'mp4', name: 'MP4' },
              { value: 'webm', name: 'WebM' },
            ]}
            onChoose={(value) => usePathExport.setState({ container: value })}
          />
          <ChoiceField
            label={t('exportQuality')}
            value={quality}
            choices={VIDEO_QUALITIES.map((value) => ({ value, name: t(`exportQuality_${value}`) }))}
            onChoose={(value) => usePathExport.setState({ quality: value })}
          />
        </>
      ) : null}
      <Summary />
    </>
  );
}

function Summary(): ReactElement {
  const { t } = useTranslation('path');
  const language = useLanguage();
  const { kind, size } = usePathExport();
  const path = usePathStore((store) => store.path);
  if (kind === 'still') {
    return <p className="muted">{t('exportMemory', { bytes: formatBytes(stillBytes(size), language) })}</p>;
  }
  const frames = frameCount(path);
  const time = formatDuration(path.durationMs, language);
  const bytes = formatBytes(framesBytes(size, frames), language);
  return (
    <p className="muted">
      {kind === 'video'
        ? t('exportVideoSummary', { frames, fps: path.fps, time })
        : t('exportFramesSummary', { frames, bytes })}
    </p>
  );
}

/** Why it cannot be begun, in words; null: it can. */
function useProblem(): string | null {
  const { t } = useTranslation('path');
  const language = useLanguage();
  const { kind, size } = usePathExport();
  const path = usePathStore((store) => store.path);
  const freeBytes = useAppStore(({ state }) => state?.session.freeMemoryBytes ?? null);
  const maxSide = kind === 'still' ? MAX_STILL_SIDE_PX : MAX_VIDEO_SIDE_PX;
  if (!isUsableSize(size, maxSide)) return t('exportBadSize', { max: maxSide });
  const bytes = stillBytes(size);
  if (!fitsMemory(bytes, freeBytes)) {
    return t('exportNoMemory', {
      needed: formatBytes(bytes, language),
      free: formatBytes(freeBytes ?? 0, language),
    });
  }
  if (kind === 'frames' && framesBytes(size, frameCount(path)) > MAX_ZIP_BYTES) return t('exportZipTooLarge');
  return null;
}

function Outcome(): ReactElement | null {
  const { t } = useTranslation('path');
  const language = useLanguage();
  const { outcome } = usePathExport();
  switch (outcome.status) {
    case 'idle':
      return null;
    case 'running': {
      const { progress } = outcome;
      const fraction = progress === null ? null : progress.done / progress.total;
      return (
        <div className="stack">
          <Progress label={t('exportProgress')} fraction={fraction} />
          <p className="muted numeric" aria-live="off">
            {progress === null ? t('exportPreparing') : t('exportDone', { done: progress.done, total: progress.total })}{' '}
            {progress === null || progress.etaMs === null
              ? ''
              : t('exportEta', { time: formatDuration(progress.etaMs, language) })}
          </p>
        </div>
      );
    }
    case 'finished': {
      const size = outcome.bytes === null ? '' : formatBytes(outcome.bytes, language);
      return (
        <p className="message message-good">
          {t('exportFinished', { file: outcome.fileName, size })}
          {outcome.codec === null ? '' : ` ${t(`exportCodec_${outcome.codec as 'avc'}`)}`}
        </p>
      );
    }
    case 'cancelled':
      return <p className="message">{t('exportCancelled')}</p>;
    case 'failed':
      return <p className="message message-bad">{t(`exportFailed_${outcome.reason}`, { detail: outcome.detail })}</p>;
  }
}
