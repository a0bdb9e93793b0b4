/** Tidying's work beside its panel: edits of a project show and are kept also while the panel is not. */
import { getViewer } from '../viewer/viewer-instance.js';
import { startTidyDocuments } from './tidy-documents.js';
import { startTidyDriver } from './tidy-driver.js';

let isStarted = false;

/** Again and again changes nothing. */
export function startTidy(): void {
  if (isStarted) return;
  isStarted = true;
  const viewer = getViewer();
  startTidyDriver(viewer);
  startTidyDocuments(viewer);
}
