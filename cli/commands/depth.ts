import { join } from 'node:path';
import type { Command } from 'commander';
import type { PhotoDepth } from '../../host/depth/measure-photo-depth.js';
import { AUTOMATIC_DEPTH_MODEL } from '../../host/run/compose.js';
import { formatCount } from '../../host/run/format-text.js';
import { UsageError } from '../../host/run/user-errors.js';
import { parseHoldOutStep, parseThreads } from '../arguments.js';
import { listenForInterrupt } from '../interrupt.js';
import { printJsonLine, printLine, printNote } from '../terminal.js';

interface DepthOptions {
  readonly output: string;
  readonly lidar?: readonly string[];
  readonly radar?: readonly string[];
  readonly calibration?: readonly string[];
  readonly camera?: string;
  readonly depthModel: string;
  readonly holdOut?: number;
  readonly images?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

/** Points of one kind of sensor that are taken in; more are thinned. */
const MAX_POINTS = 20_000_000;

const EXAMPLES = `
Writes, for each photo, <photo>.npy (float32, height × width: z along the camera's axis) and <photo>-depth-color.png, and for all of them
depth-report.json: what was used, how well it fits, and the errors at points held out.

The map has the photo's own size in pixels, upright. A capture's photos are undistorted first, to the pinhole cameras that the capture states; a
photo alone is taken as it is. z is in the cloud's unit, which is shown; without a cloud it is the network's own guess, in metres or of no known
scale, and says so. Zero means that nothing is known.

Where LiDAR or radar sit to the camera, --calibration tells: KITTI's or View-of-Delft's calib.txt, nuScenes-style JSON, or our own (docs/calibration.md).
Put lidar= or radar= before a calib.txt where both sensors are given. A capture's cloud without calibration is taken to be in the capture's frame.
Several files of one sensor are taken as one cloud in one frame.

Examples:
  vantage depth photo.jpg -o out/depth
      a network's guess alone (see "vantage models")
  vantage depth 000008.png --lidar 000008.bin --calibration 000008_calib.json -o out/depth
  vantage depth image.jpg --lidar lidar.bin --radar radar.bin --calibration lidar=lidar_calib.txt --calibration radar=radar_calib.txt -o out/depth
  vantage depth image.jpg --lidar lidar.bin --calibration calib.txt --depth-model none --hold-out 5 -o out/depth
      the LiDAR alone; every fifth point is kept out and measures the error`;

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** What is known of the photos besides themselves. */
async function openSources(options: DepthOptions) {
  const [{ loadSensorPoints }, { mergeSensorPoints }, { readRig }, { openDepthModel }] = await Promise.all([
    import('../../host/clouds/load-sensor-points.js'),
    import('../../engine/scene/merge-sensor-points.js'),
    import('../../host/depth/read-rig.js'),
    import('../../host/run/compose.js'),
  ]);
  const load = async (paths: readonly string[] = [], sensor: 'lidar' | 'radar') => {
    const clouds = [];
    for (const path of paths) clouds.push(await loadSensorPoints(path, { sensor, maxPoints: MAX_POINTS }));
    const units = [...new Set(clouds.map(({ frame }) => frame.unit))];
    if (units.length > 1) throw new UsageError(`The ${sensor} clouds are in different units: ${units.join(', ')}.`);
    return clouds.length === 0 ? null : mergeSensorPoints(clouds);
  };
  const [lidar, radar] = [await load(options.lidar, 'lidar'), await load(options.radar, 'radar')];
  if (lidar && radar && lidar.frame.unit !== radar.frame.unit)
    throw new UsageError(`LiDAR and radar are in different units: ${lidar.frame.unit}, ${radar.frame.unit}.`);
  const rig = await readRig({
    calibrations: options.calibration ?? [],
    sensors: [...(lidar ? (['lidar'] as const) : []), ...(radar ? (['radar'] as const) : [])],
    ...(options.camera === undefined ? {} : { camera: options.camera }),
  });
  const model = await openDepthModel(options.depthModel, options.threads ?? 0);
  if (model.network === null && !lidar && !radar)
    throw new UsageError(
      'Nothing tells depth: give --lidar, --radar or --depth-model ("vantage models" installs one).',
    );
  return { lidar, radar, rig, model, unit: (lidar ?? radar)?.frame.unit ?? null };
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
    ...(fit.anchorCount > 0 ? [`residual ${percent(fit.residual)}`] : []),
    isScaled(result) ? `unit ${unit}` : `not aligned, unit ${unit}`,
    ...(heldOut ? [`held out: AbsRel ${percent(heldOut.absRel)} at ${formatCount(heldOut.count)} points`] : []),
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
  const { lidar, radar, rig, model, unit: cloudUnit } = await openSources(options);
  const interrupt = listenForInterrupt('Stopping …', 'Stopped; the depth maps written so far stay.');
  try {
    await output.prepareOutputFolder(options.output);
    [...rig.warnings, ...model.warnings].forEach((warning) => printNote(`warning: ${warning}`));
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
  program
    .command('depth')
    .description('measure the depth of photos, with LiDAR and radar where there are any')
    .argument('<photo or capture>', 'a photo, a folder with photos, or a capture')
    .requiredOption('-o, --output <DIR>', 'folder for the depth maps and the report')
    .option('--lidar <FILE>', 'a LiDAR cloud (repeatable)', collect)
    .option('--radar <FILE>', 'radar returns (repeatable)', collect)
    .option('--calibration <[lidar=|radar=]FILE>', 'where the sensors sit to the cameras (repeatable)', collect)
    .option('--camera <NAME>', 'which projection of a calib.txt the photos are of (default: P2)')
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
