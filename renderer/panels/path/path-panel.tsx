/** The scrubber: transport and keys above, the timeline below. Everything in it has a key and a menu entry too. */
import { useEffect } from 'react';
import type { DragEvent, ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppStore } from '../../app/store.js';
import { PathExportDialog } from './export/path-export-dialog.js';
import { openPathFile } from './path-documents.js';
import { resetToPhotos } from './path-editing.js';
import { usePathStore } from './path-store.js';
import { startPath } from './start-path.js';
import { Timeline } from './timeline.js';
import { TransportBar } from './transport-bar.js';
import { Button } from 'react-aria-components';
import './path-panel.css';

export function PathPanel(): ReactElement {
  useEffect(startPath, []);
  const isEmpty = usePathStore(({ path }) => path.keyframes.length === 0);
  return (
    <div className="path-panel" onDrop={takePathFile}>
      <TransportBar />
      {isEmpty ? <EmptyPath /> : <Timeline />}
      <PathExportDialog />
    </div>
  );
}

/** A path's file that is dropped here is read here; anything else goes to the window's own import. */
function takePathFile(event: DragEvent): void {
  const { files } = event.dataTransfer;
  const file = files[0];
  if (files.length !== 1 || file?.name.toLowerCase().endsWith('.json') !== true) return;
  event.preventDefault();
  event.stopPropagation();
  void openPathFile(file);
}

function EmptyPath(): ReactElement {
  const { t } = useTranslation('path');
  const hasCameras = useAppStore(
    ({ state }) => (state?.photos.filter(({ camera, role }) => camera !== null && role === 'train').length ?? 0) > 1,
  );
  return (
    <div className="path-empty">
      <p className="muted">{t('empty')}</p>
      {hasCameras ? (
        <Button className="button" onPress={resetToPhotos}>
          {t('throughPhotos')}
        </Button>
      ) : null}
    </div>
  );
}
