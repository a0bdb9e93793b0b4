import { join } from 'node:path';
import type { Command } from 'commander';
import type { PhotoDepth } from '../../host/depth/measure-photo-depth.js';
import { AUTOMATIC_DEPTH_MODEL } from '../../host/run/compose.js';
import { formatCount } from '../../host/run/format-text.js';
import { UsageError } from '../../host/run/user-errors.js';
import { parseHoldOutStep, parseThreads } from '../arguments.js';
import { listenForInterrupt } from '../interrupt.js';
import type { SensorOptions } from '../sensor-options.js';
import { addSensorOptions, sensorFilesOf, wordOnUnit } from '../sensor-options.js';
import { printJsonLine, printLine, printNote } from '../terminal.js';

interface DepthOptions extends SensorOptions {
  readonly output: string;
  readonly depthModel: string;
  readonly holdOut?: number;
  readonly images?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Writes, for each photo, <photo>.npy (float32, height × width: z along the camera's axis) and <photo>-depth-color.png, and for all of them
depth-report.json: what was used, how well it fits, and the errors at points held out.

The map has the photo's own size in pixels, upright. A capture's photos are undistorted first, to the pinhole cameras that the capture states; a
photo alone is taken as it is. z is in metres where the cloud's unit is known, else in that unit; without a cloud it is the network's own guess, in metres or of no known
scale, and says so. Zero means that nothing is known.

Where LiDAR or radar sit to the camera, --calibration tells: KITTI's or View-of-Delft's calib.txt, nuScenes-style JSON, or our own (docs/calibration.md).
Put lidar= or radar= before a calib.txt where both sensors are given. A capture's cloud without calibration is taken to be in the capture's frame.
Several files of one sensor are taken as one cloud in one frame. What a cloud's file does not state, --cloud-unit and --cloud-up say; in a known unit
depth is in metres.

Examples:
  vantage depth photo.jpg -o out/depth
      a network's guess alone (see "vantage models")
  vantage depth 000008.png --lidar 000008.bin --calibration 000008_calib.json -o out/depth
  vantage depth image.jpg --lidar lidar.bin --radar radar.bin --calibration lidar=lidar_calib.txt --calibration radar=radar_calib.txt -o out/depth
  vantage depth image.jpg --lidar lidar.bin --calibration calib.txt --depth-model none --hold-out 5 -o out/depth
      the LiDAR alone; every fifth point is kept out and measures the error
  vantage depth my-capture --lidar scan.csv --cloud-unit us-survey-foot -o out/depth
      a cloud whose file does not say what its numbers count`;

/** What is known of the photos besides themselves. */
async function openSources(options: DepthOptions) {
  const [{ openSensors }, { openDepthModel }] = await Promise.all([
    import('../../host/sensors/open-sensors.js'),
    import('../../host/run/compose.js'),
  ]);
  const { lidar, radar, rig, unit } = await openSensors(
    sensorFilesOf(options) ?? { lidar: [], radar: [], calibrations: [] },
  );
  const model = await openDepthModel(options.depthModel, options.threads ?? 0);
  if (model.network === null && !lidar && !radar)
    throw new UsageError(
      'Nothing tells depth: give --lidar, --radar or --depth-model ("vantage models" installs one).',
    );
  const word = wordOnUnit({ unit });
  return {
    lidar,
    radar,
    rig,
    unit,
    model,
    warnings: [...(word === null ? [] : [word]), ...rig.warnings, ...model.warnings],
  };
}

/** Whether sensors gave the depth its scale. */
function isScaled({ fit, radar }: PhotoDepth): boolean {
  return fit.anchorCount > 0 || radar?.isScale === true;
}

function unitOf(result: PhotoDepth, cloudUnit: string | null, kind: string | undefined): string {
  if (isScaled(result)) return cloudUnit ?? 'unknown';
  return kind === 'metric-depth' ? 'metre (as the network guesses)' : 'none (relative)';
}

function describe(name: string, result: PhotoDepth, unit: string): string {
  const { fit, lidar, radar, heldOut } = result;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const parts = [
    ...(lidar ? [`${formatCount(lidar.used)} LiDAR points (${formatCount(lidar.hidden)} hidden)`] : []),
    ...(radar ? [`${formatCount(radar.used)} radar returns`] : []),
    ...(fit.anchorCount > 0 ? [`${percent(fit.residual)} off at them (median)`] : []),
    isScaled(result) ? `unit ${unit}` : `not aligned, unit ${unit}`,
    ...(heldOut
      ? [`between them, at points held out, AbsRel ${percent(heldOut.absRel)} (${formatCount(heldOut.count)} points)`]
      : []),
  ];
  return `${name}: ${parts.join(', ')}`;
}

async function depth(path: string, options: DepthOptions): Promise<void> {
  const [{ openPhotos }, { measurePhotoDepth }, { writeDepthMap }, { pictureNames }, output, { writeFileAtomic }] =
    await Promise.all([
      import('../../host/depth/open-photos.js'),
      import('../../host/depth/measure-photo-depth.js'),
      import('../../host/depth/write-depth-map.js'),
      import('../write-pictures.js'),
      import('../output.js'),
      import('../../host/atomic-write.js'),
    ]);
  const photos = await openPhotos(path, options.images);
  const { lidar, radar, rig, model, warnings, unit: cloudUnit } = await openSources(options);
  const interrupt = listenForInterrupt('Stopping …', 'Stopped; the depth maps written so far stay.');
  try {
    await output.prepareOutputFolder(options.output);
    warnings.forEach((warning) => printNote(`warning: ${warning}`));
    const names = pictureNames(photos.map(({ name }) => name));
    const reports: object[] = [];
    for (const [i, photo] of photos.entries()) {
      interrupt.signal.throwIfAborted();
      const sources = { network: model.network, lidar, radar, rig, holdOutEvery: options.holdOut ?? 0 };
      const loaded = await photo.load();
      const isOnly = photos.length === 1;
      const result = await measurePhotoDepth(loaded, photo.name, { ...sources, isOnly }, interrupt.signal);
      const files = await writeDepthMap(join(options.output, names[i] as string), result.depthMap);
      const unit = unitOf(result, cloudUnit, model.network?.outputKind);
      result.warnings.forEach((warning) => printNote(`warning: ${warning}`));
      const { depthMap, ...rest } = result;
      reports.push({ photo: photo.name, ...files, width: depthMap.width, height: depthMap.height, unit, ...rest });
      if (options.json !== true) printLine(describe(photo.name, result, unit));
    }
    const { lidar: lidarFiles = [], radar: radarFiles = [], calibration = [], holdOut = null } = options;
    const used = { lidar: lidarFiles, radar: radarFiles, calibration, depthModel: model.name, holdOutEvery: holdOut };
    const report = { ...used, photos: reports };
    await writeFileAtomic(join(options.output, 'depth-report.json'), `${JSON.stringify(report, null, 2)}\n`);
    if (options.json === true) printJsonLine({ type: 'result', folder: options.output, ...report });
  } finally {
    interrupt.release();
    await model.dispose();
  }
}

export function addDepthCommand(program: Command): void {
  const command = program
    .command('depth')
    .description('measure the depth of photos, with LiDAR and radar where there are any')
    .argument('<photo or capture>', 'a photo, a folder with photos, or a capture')
    .requiredOption('-o, --output <DIR>', 'folder for the depth maps and the report');
  addSensorOptions(command)
    .option(
      '--depth-model <NAME|PATH|none>',
      'depth network: a known name, an .onnx file, none, or auto (one that is installed)',
      AUTOMATIC_DEPTH_MODEL,
    )
    .option('--hold-out <N>', 'keep every N-th LiDAR point out and measure the error there', parseHoldOutStep)
    .option('--images <DIR>', 'folder with the photos, when they are not in the capture')
    .option('--threads <N>', 'threads of the network (default: its own choice)', parseThreads)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(depth);
}
