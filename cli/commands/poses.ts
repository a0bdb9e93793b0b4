import { relative, resolve, join, sep } from 'node:path';
import type { Command } from 'commander';
import type { SearchedCameras } from '../../host/poses/find-cameras-with.js';
import { parseSeed, parseThreads } from '../arguments.js';
import { AUTOMATIC_DEPTH_MODEL } from '../../host/run/compose.js';
import { formatCount, formatDuration } from '../../host/run/format-text.js';
import type { PoseStageOptions } from '../pose-stage.js';
import { addFinderOptions, checkFinder, noteLog, poseSettings, watchPoseStage } from '../pose-stage.js';
import { listenForInterrupt } from '../interrupt.js';
import { showProgress } from '../progress.js';
import { printJsonLine, printLine, printNote } from '../terminal.js';

interface PosesOptions extends PoseStageOptions {
  readonly output: string;
  readonly separateLenses?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Finds where photos were taken from and with which lens, from nothing but the photos. Give a folder (its images/ is used where there is one),
or the photos themselves. Two are enough when they overlap; neighbours should share at least half of what they show.

Into DIR it writes transforms.json (nerfstudio's conventions), sparse/0 (COLMAP's binary model, points included) and poses-report.json:
which photos were placed, by how many points and with what error, and why others were not.

COLMAP is never needed. --cameras-with colmap asks it instead, where it is installed: the same files come out, and its log (colmap.log)
beside them. It does not say why it leaves out a photo.

Examples:
  vantage poses my-photos -o my-photos          beside the photos: then "vantage reconstruct my-photos" uses them
  vantage poses a.jpg b.jpg c.jpg -o out/poses
  vantage poses my-photos -o out/poses --json
  vantage poses my-photos -o out/poses --cameras-with colmap`;

/** What the cameras come from, in words. */
function foundBy({ features, cameraNetwork }: SearchedCameras): string {
  const keypoints = features.join(' and ');
  return cameraNetwork === undefined ? keypoints : `${keypoints} from cameras that ${cameraNetwork} guessed`;
}

/** Writes the files and says what became of each photo. */
async function reportFound(
  found: SearchedCameras,
  root: string,
  options: PosesOptions,
  elapsedMs: number,
): Promise<void> {
  const [{ describeOutcome }, { nothingPlaced }, { POSE_FILES, reportPoses, writePoses }] = await Promise.all([
    import('../../host/poses/describe-outcome.js'),
    import('../../host/poses/find-cameras-with.js'),
    import('../../host/poses/write-poses.js'),
  ]);
  const { model } = found;
  if (model === null) throw nothingPlaced(found, root);
  const photosFromOutput = relative(resolve(options.output), root);
  await writePoses(options.output, model, reportPoses(found), (path) =>
    join(photosFromOutput, path).split(sep).join('/'),
  );
  if (options.json === true) {
    printJsonLine({ type: 'result', folder: options.output, elapsedMs, ...reportPoses(found) });
    return;
  }
  found.photos.forEach((photo) => printLine(describeOutcome(photo)));
  const placed = found.photos.filter(({ isPlaced }) => isPlaced).length;
  printLine(
    `${join(options.output, POSE_FILES.transforms)}: ${placed} of ${found.photos.length} photos placed, ` +
      `${formatCount(model.points.count)} points, ${found.medianErrorPx.toFixed(2)} px, by ${foundBy(found)}, after ${formatDuration(elapsedMs)}`,
  );
}

async function poses(paths: string[], options: PosesOptions): Promise<void> {
  await checkFinder(options.camerasWith);
  const [{ openPhotoFiles }, { findCamerasWith }, output] = await Promise.all([
    import('../../host/poses/photo-files.js'),
    import('../../host/poses/find-cameras-with.js'),
    import('../output.js'),
  ]);
  const { files, root, imagePaths } = await openPhotoFiles(paths);
  await output.prepareOutputFolder(options.output);
  const interrupt = listenForInterrupt('Stopping …', 'Stopped before the cameras were found.');
  const progress = showProgress(options.json === true);
  try {
    const settings = {
      ...poseSettings(options, join(options.output, 'colmap.log')),
      areLensesSeparate: options.separateLenses === true,
    };
    const { found, elapsedMs } = await watchPoseStage(progress.listener, interrupt.signal, (context) =>
      findCamerasWith(files, imagePaths, settings, context),
    );
    progress.finish();
    noteLog(settings);
    for (const message of [...found.problems.map((problem) => problem.message), ...found.warnings])
      printNote(`warning: ${message}`);
    await reportFound(found, root, options, elapsedMs);
  } finally {
    progress.finish();
    interrupt.release();
  }
}

export function addPosesCommand(program: Command): void {
  const command = program
    .command('poses')
    .description('find the cameras of photos')
    .argument('<photos...>', 'a folder with photos, or photo files')
    .requiredOption('-o, --output <DIR>', 'folder for transforms.json, sparse/0 and the report');
  addFinderOptions(command)
    .option(
      '--separate-lenses',
      'every photo has a lens of its own (default: photos of one camera and setting share one)',
    )
    .option(
      '--depth-model <NAME|PATH|none>',
      'depth network for photos that matches alone do not place: a known name, an .onnx file, none, or auto (one that is installed)',
      AUTOMATIC_DEPTH_MODEL,
    )
    .option('--threads <N>', 'threads to use (default: all cores)', parseThreads)
    .option('--seed <S>', 'same seed, same result', parseSeed, 1)
    .option('--json', 'print one JSON event a line')
    .addHelpText('after', EXAMPLES)
    .action(poses);
}
