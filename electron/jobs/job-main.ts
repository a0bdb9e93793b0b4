/** A job process: long-lived for files, or one for each run. Ends with its host. */
import { describeAbilities } from './abilities.js';
import { estimateTask } from './estimate-task.js';
import { exportCloudTask } from './export-cloud-task.js';
import { exportSplatsTask } from './export-splats-task.js';
import { findCameras } from './find-cameras.js';
import { inspectCloudTask } from './inspect-cloud-task.js';
import { inspectPhotos } from './inspect-photos.js';
import { openJobPort } from './job-port.js';
import { makeWay } from './make-way.js';
import { makePicture } from './make-picture.js';
import { openSplatsTask } from './open-splats-task.js';
import { reconstructTask } from './reconstruct-task.js';
import { fitPicksTask, inspectCalibrationTask } from './sensor-tasks.js';
import { serveTasks } from './serve-tasks.js';

/** Long enough for a checkpoint that is being written. */
const LEAVE_AFTER_MS = 2000;

const port = openJobPort();
// Ctrl-C in a terminal reaches the host and its children alike; the host decides what becomes of them.
process.on('SIGINT', () => undefined);
const stop = serveTasks(
  port,
  {
    'inspect-photos': inspectPhotos,
    'find-cameras': (task, context) => {
      makeWay();
      return findCameras(task, context);
    },
    'make-picture': makePicture,
    reconstruct: (task, context) => {
      makeWay();
      return reconstructTask(task, context);
    },
    'open-splats': openSplatsTask,
    'export-splats': exportSplatsTask,
    estimate: estimateTask,
    'inspect-cloud': inspectCloudTask,
    'inspect-calibration': inspectCalibrationTask,
    'fit-picks': fitPicksTask,
    'export-cloud': exportCloudTask,
  },
  describeAbilities(),
);
port.onClosed(() => {
  stop();
  setTimeout(() => process.exit(0), LEAVE_AFTER_MS).unref();
});
