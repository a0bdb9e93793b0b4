import type { Command } from 'commander';
import { Option } from 'commander';
import type { Checkpoint } from '../../engine/pipeline/checkpoint.js';
import type { PipelineListener } from '../../engine/pipeline/events.js';
import type { Motion, PresetName } from '../../engine/pipeline/reconstruction.js';
import { MOTIONS } from '../../engine/training/presets.js';
import type { HoldOut } from '../../host/run/view-choice.js';
import {
  checkSplatOutput,
  parseHoldOut,
  parseIterations,
  parseMemory,
  parseSeconds,
  parseSeed,
  parseSplatCount,
  parseThreads,
  parseWidth,
} from '../arguments.js';
import type { BackendChoice } from '../../host/run/compose.js';
import { AUTOMATIC_DEPTH_MODEL, BACKEND_CHOICES } from '../../host/run/compose.js';
import { listenForInterrupt } from '../interrupt.js';
import type { PoseStageOptions } from '../pose-stage.js';
import type { KeptCameras } from '../keep-cameras.js';
import { describeKept, keepCameras, keepRefinedCameras } from '../keep-cameras.js';
import { poseInput } from '../pose-input.js';
import { addFinderOptions, checkFinder } from '../pose-stage.js';
import { showProgress } from '../progress.js';
import type { SensorRunOptions } from '../sensor-options.js';
import { addSensorRunOptions, openSensorFiles, placeRunSensors } from '../sensor-options.js';
import { describeSensorErrors } from '../sensor-table.js';
import type { RefinementSwitch } from '../../host/run/refinement-switch.js';
import { DEFAULT_REFINEMENT, REFINEMENT_SWITCHES } from '../../host/run/refinement-switch.js';
import type { RunOutcome } from '../../host/run/run-report.js';
import { formatCount, formatDuration } from '../../host/run/format-text.js';
import type { RunRequest } from '../../host/run/run-reconstruction.js';
import { UsageError } from '../../host/run/user-errors.js';
import { printJsonLine, printLine, printNote } from '../terminal.js';

interface ReconstructCommandOptions extends PoseStageOptions, SensorRunOptions {
  readonly output: string;
  readonly trainViews?: string;
  readonly holdOut?: HoldOut;
  readonly preset: PresetName;
  readonly iterations?: number;
  readonly motion?: Motion;
  readonly refineCameras: RefinementSwitch;
  readonly exposure: RefinementSwitch;
  readonly width?: number;
  readonly backend: BackendChoice;
  readonly depthModel: string;
  readonly maxSplats?: number;
  readonly memory?: number;
  readonly images?: string;
  readonly report?: string;
  readonly checkpoint?: string;
  readonly checkpointEvery: number;
  readonly resume?: boolean;
  readonly compact?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
A capture is a folder with photos and their cameras, or the file with the cameras; cameras of photos that come without are found first, as
"vantage poses" does (COLMAP is never needed; --cameras-with colmap asks it), and left beside the scene in FILE.cameras, where
"vantage render --capture" and other tools find them. Nothing outside its folder is read, except --images. A LIST names views by 0-based index in sorted order or by
file name: 0,2,5 or 0001.jpg,0005.jpg

Ctrl-C stops the optimisation and still writes what there is (and a checkpoint, with --checkpoint); a second Ctrl-C quits at once.

Examples:
  vantage reconstruct my-capture -o out/scene.ply
      the whole capture with the standard preset
  vantage reconstruct my-capture -o out/scene.ply --preset draft --width 480
      a quick look
  vantage reconstruct my-capture -o out/scene.ply --hold-out every:8 --report out/scene.json
      keeps every 8th view out of training and measures the scene on them
  vantage reconstruct my-capture -o out/scene.ply --train-views 1,10,19 --hold-out 0,8,16
      names both sides
  vantage reconstruct my-capture -o out/scene.ply --checkpoint out/state
      leaves there what it can go on from; after a crash or Ctrl-C, the same line with --resume goes on to the same scene
  vantage reconstruct my-capture -o out/scene.ply --refine-cameras on --exposure on
      cameras that are not quite right, and photos of unequal brightness; held-out views keep their cameras and the scene's colours
  vantage reconstruct front.png --lidar scan.bin --calibration calib.txt -o out/scene.ply
      one photo and a LiDAR scan; docs/calibration.md says what a calibration may look like
  vantage reconstruct my-capture --lidar scan.laz --lidar-loss off -o out/scene.ply
      a cloud in the capture's frame, which only starts the scene
  vantage reconstruct my-photos --lidar scan.pts --cloud-unit foot --cloud-up z -o out/scene.ply
      says what the cloud's file does not; with a known unit the scene is in metres
  vantage reconstruct poses/transforms.json --images ~/photos -o out/scene.ply
      photos that lie elsewhere`;

function summarize(outcome: RunOutcome, scoreTable: readonly string[]): string[] {
  const { reconstruction, written, totalMs } = outcome;
  return [
    `${written.file}: ${formatCount(written.count)} Gaussians after ${formatDuration(totalMs)}` +
      (reconstruction.stopped ? ` (stopped after ${reconstruction.iterations} iterations)` : ''),
    ...(written.dropped > 0 ? [`${formatCount(written.dropped)} Gaussians were not finite and were left out.`] : []),
    ...(scoreTable.length > 0 ? ['', 'Held-out views:', ...scoreTable] : []),
    ...(reconstruction.sensors === null ? [] : describeSensorErrors(reconstruction.sensors)),
  ];
}

/** What --checkpoint and --resume mean for the run. */
async function openCheckpoints({
  checkpoint: folder,
  checkpointEvery,
  resume = false,
}: ReconstructCommandOptions): Promise<Pick<RunRequest, 'control' | 'resumeFrom'>> {
  if (folder === undefined) return {};
  const [{ prepareOutputFolder }, { readNewestCheckpoint, writeCheckpoint }] = await Promise.all([
    import('../output.js'),
    import('../../host/run/checkpoint-folder.js'),
  ]);
  await prepareOutputFolder(folder);
  const control = {
    checkpointEveryMs: checkpointEvery * 1000,
    onCheckpoint: async (checkpoint: Checkpoint): Promise<void> => {
      await writeCheckpoint(folder, checkpoint);
    },
  };
  const found = resume ? await readNewestCheckpoint(folder) : null;
  found?.warnings.forEach((warning) => {
    printNote(`warning: ${warning}`);
  });
  if (found === null) {
    if (resume) printNote(`There is no checkpoint in ${folder} yet: the run starts at the beginning.`);
    return { control };
  }
  const { loop, iterations } = found.checkpoint;
  printNote(`Going on after iteration ${loop.iteration} of ${iterations} (${found.file}).`);
  return { control, resumeFrom: found.checkpoint };
}

/** Writes the report and says what came out. */
async function tellOutcome(
  outcome: RunOutcome,
  kept: KeptCameras | null,
  options: ReconstructCommandOptions,
): Promise<void> {
  const [{ buildReport }, { describeScores }, { writeFileAtomic }] = await Promise.all([
    import('../../host/run/run-report.js'),
    import('../../host/run/score-views.js'),
    import('../../host/atomic-write.js'),
  ]);
  const cameras = kept === null ? {} : { cameras: { folder: kept.folder, ...kept.cameras.report } };
  const report = { ...buildReport(outcome), ...cameras };
  if (options.report !== undefined) await writeFileAtomic(options.report, `${JSON.stringify(report, null, 2)}\n`);
  if (options.json === true) {
    printJsonLine({ type: 'result', ...report });
    return;
  }
  const scores = outcome.heldOut === null ? [] : describeScores(outcome.heldOut);
  summarize(outcome, scores).forEach((line) => printLine(line));
  if (kept !== null) printLine(describeKept(kept));
}

async function reconstruct(capturePath: string, options: ReconstructCommandOptions): Promise<void> {
  checkSplatOutput(options.output);
  if (options.resume === true && options.checkpoint === undefined)
    throw new UsageError('--resume needs --checkpoint DIR: the folder to go on from.');
  await checkFinder(options.camerasWith);
  const [{ splitViews }, output, { DEFAULT_LONG_SIDE_PX, runReconstruction }, { openInput }] = await Promise.all([
    import('../../host/run/view-choice.js'),
    import('../output.js'),
    import('../../host/run/run-reconstruction.js'),
    import('../../host/poses/unposed-capture.js'),
  ]);
  const widthPx = options.width ?? DEFAULT_LONG_SIDE_PX[options.preset];
  const isSensed = (options.lidar ?? options.radar) !== undefined;
  const input = await openInput(capturePath, { images: options.images, widthPx, isSensed });
  // Only now: a mistyped path leaves no folder behind.
  await output.prepareOutputFile(options.output);
  for (const file of [options.report, options.cloud]) if (file !== undefined) await output.prepareOutputFile(file);
  const checkpoints = await openCheckpoints(options);

  const interrupt = listenForInterrupt();
  const progress = showProgress(options.json === true);
  try {
    const warnings: string[] = [];
    const listener: PipelineListener = (event) => {
      if (event.type === 'warning') warnings.push(event.message);
      progress.listener(event);
    };
    const { signal } = interrupt;
    const sensors = await openSensorFiles(options, listener, signal);
    const photos = { capturePath, sensors, ...(options.images === undefined ? {} : { images: options.images }) };
    const posed = await poseInput(input, { ...options, ...photos }, listener, signal);
    const placed = sensors === null ? null : await placeRunSensors(posed, sensors, options, listener, signal);
    const { capture } = placed ?? posed;
    const { worldFromCapture = null, placedModel } = placed ?? {};
    const used = { capture, found: posed.found, worldFromCapture, placedModel };
    const place = { output: options.output, ...photos };
    const kept = await keepCameras(used, place, listener);
    const split = splitViews(capture.views, options.trainViews, options.holdOut, isSensed ? 1 : 2);
    const { memory, compact = false, ...rest } = options;
    const { outcome } = await runReconstruction({
      ...rest,
      ...(memory === undefined ? {} : { memoryBytes: memory }),
      ...checkpoints,
      areCamerasFound: posed.found !== null,
      compact,
      capture,
      split,
      ...(placed === null ? {} : { sensors: placed.sensors }),
      ...(options.cloud === undefined ? {} : { cloudOutput: options.cloud }),
      listener,
      signal,
    });
    progress.finish();
    const { refinement } = outcome.reconstruction;
    await tellOutcome({ ...outcome, warnings }, await keepRefinedCameras(kept, used, place, refinement), options);
  } finally {
    progress.finish();
    interrupt.release();
  }
}

const REFINE_CAMERAS = new Option(
  '--refine-cameras <WHEN>',
  'move the cameras while training: for cameras that are a little off; auto: where this run found them',
)
  .choices(REFINEMENT_SWITCHES)
  .default(DEFAULT_REFINEMENT);
const EXPOSURE = new Option(
  '--exposure <WHEN>',
  'give each photo brightness and contrast of its own; auto: where this run found the cameras',
)
  .choices(REFINEMENT_SWITCHES)
  .default(DEFAULT_REFINEMENT);

export function addReconstructCommand(program: Command): void {
  const command = program
    .command('reconstruct')
    .description('turn a few photos into a splat scene')
    .argument('<capture>', 'folder with the photos, with or without their cameras, or the file with the cameras')
    .requiredOption('-o, --output <FILE>', 'the .ply to write');
  addFinderOptions(addSensorRunOptions(command))
    .option('--train-views <LIST>', 'train on these views only')
    .option(
      '--hold-out <WHICH>',
      'never train on these, and measure the scene on them: every:N, rest, or a LIST',
      parseHoldOut,
    )
    .addOption(
      new Option('--preset <NAME>', 'how much work to put in')
        .choices(['draft', 'standard', 'high'])
        .default('standard'),
    )
    .option('--iterations <N>', "optimisation steps (default: the preset's)", parseIterations)
    .addOption(
      new Option(
        '--motion <HOW>',
        "how Gaussians move: free; along their photo's rays by a smooth field; or there by a convolutional decoder, slowest (default: the preset's)",
      ).choices(MOTIONS),
    )
    .addOption(REFINE_CAMERAS)
    .addOption(EXPOSURE)
    .option(
      '--width <PX>',
      'scale photos and intrinsics to this width (default: by preset, never enlarged)',
      parseWidth,
    )
    .addOption(new Option('--backend <NAME>', 'what computes').choices(BACKEND_CHOICES).default('auto'))
    .option('--threads <N>', 'threads to use (default: all cores)', parseThreads)
    .option('--seed <S>', 'same seed and threads, same result', parseSeed, 1)
    .option(
      '--depth-model <NAME|PATH|none>',
      'depth network: a known name, an .onnx file, none, or auto (one that is installed)',
      AUTOMATIC_DEPTH_MODEL,
    )
    .option('--max-splats <N>', 'most Gaussians in the scene (default: from memory and photos)', parseSplatCount)
    .option(
      '--memory <AMOUNT>',
      'memory that the run may take, such as 1500M or 2G (default: a share of what is free)',
      parseMemory,
    )
    .option('--images <DIR>', 'folder with the photos, when they are not in the capture')
    .option('--report <FILE.json>', 'write versions, settings, timings and scores')
    .option('--checkpoint <DIR>', 'leave there what the run can go on from; the last two are kept')
    .option('--checkpoint-every <S>', 'seconds between two of them', parseSeconds, 20)
    .option(
      '--resume',
      'go on from the newest checkpoint in that folder, if there is one; needs the same photos and options',
    )
    .option('--compact', 'leave normals and unused colour coefficients out of the .ply')
    .option('--json', 'print one JSON event a line')
    .addHelpText('after', EXAMPLES)
    .action(reconstruct);
}
