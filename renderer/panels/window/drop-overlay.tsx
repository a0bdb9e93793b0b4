/** Files may be dropped anywhere on the window; while they hover over it, it says so. */
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { readEntries, takeEntries } from '../../app/dropped-files.js';
import { importDropped } from '../../app/import-dropped.js';
import { Icon } from '../controls/icons.js';

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

export function DropOverlay(): ReactElement | null {
  const { t } = useTranslation('welcome');
  const [isOver, setOver] = useState(false);

  useEffect(() => {
    const onOver = (event: DragEvent): void => {
      if (!holdsFiles(event)) return;
      // Without this the browser would open the file in place of the window.
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent): void => {
      if (!holdsFiles(event) || event.dataTransfer === null) return;
      event.preventDefault();
      setOver(false);
      void readEntries(takeEntries(event.dataTransfer)).then(importDropped);
    };
    window.addEventListener('dragenter', onOver);
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    // Also for drops that a panel takes for itself.
    const onAnyDrop = (): void => setOver(false);
    window.addEventListener('drop', onAnyDrop, true);
    return () => {
      window.removeEventListener('dragenter', onOver);
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
      window.removeEventListener('drop', onAnyDrop, true);
    };
  }, []);

  if (!isOver) return null;
  return (
    <div className="drop-overlay" aria-hidden="true">
      <div className="drop-overlay-words">
        <Icon name="add" className="drop-icon" />
        <p className="drop-title">{t('dropOverlay')}</p>
        <p className="muted">{t('dropOverlayText')}</p>
      </div>
    </div>
  );
}
