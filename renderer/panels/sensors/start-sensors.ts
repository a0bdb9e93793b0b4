import { getViewer } from '../viewer/viewer-instance.js';
import { startCloudFeed } from './cloud-feed.js';
import { startPlacing } from './placing.js';

let isStarted = false;

/** Shows the sensors of every project from now on. */
export function startSensors(): void {
  if (isStarted) return;
  isStarted = true;
  startCloudFeed(getViewer());
  startPlacing(getViewer());
}
