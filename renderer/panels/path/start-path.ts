/** The camera path's work beside its panel: it follows the project and drives the viewer also while its panel is not shown. */
import { addDropTaker } from '../../app/import-dropped.js';
import { getViewer } from '../viewer/viewer-instance.js';
import { startPathDocuments, takeDroppedPath } from './path-documents.js';
import { startPathDriver } from './path-driver.js';

let stop: (() => void) | null = null;

/** Again and again changes nothing. */
export function startPath(): void {
  if (stop !== null) return;
  const stopDocuments = startPathDocuments();
  const stopDriver = startPathDriver(getViewer());
  const stopDrops = addDropTaker(takeDroppedPath);
  stop = () => {
    stopDrops();
    stopDriver();
    stopDocuments();
    stop = null;
  };
}

export function stopPath(): void {
  stop?.();
}
