/**
 * `npm run bench:sensors`: what a LiDAR and a radar bring to the bundled sample, seen through 2, 3 and 5 photos: held-out photos' PSNR and
 * SSIM, their rendered depth against the scene's true one, and depth at LiDAR points that were kept out. The sensors are simulated (noise,
 * dropouts, mixed points, ghosts): tests/fixtures/sensors/sample-sensor-files.ts. Options: --photos 2,3,5 (1 too, with LiDAR) · --variants photos,lidar-start,lidar-0.1,…
 * (sensor-variants.ts) · --width PX · --iterations N · --seed N · --threads N · --pictures DIR · --no-save
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DepthErrors } from '../../engine/metrics/depth-errors.js';
import { measureDepthErrors } from '../../engine/metrics/depth-errors.js';
import { reconstruct } from '../../engine/pipeline/reconstruct.js';
import type { Reconstruction } from '../../engine/pipeline/reconstruction.js';
import { reportSensors } from '../../engine/pipeline/sensor-report.js';
import type { SensorSupervision } from '../../engine/pipeline/sensor-supervision.js';
import type { View } from '../../engine/scene/view.js';
import { writeDepthMap } from '../../host/depth/write-depth-map.js';
import { divideByAlpha } from '../../host/depth-picture.js';
import { defaultMemoryBudgetBytes } from '../../host/machine.js';
import { encodeRgbPng } from '../../host/png-writer.js';
import type { OpenedCapture } from '../../host/run/capture-input.js';
import { openCapture } from '../../host/run/capture-input.js';
import type { Engine } from '../../host/run/compose.js';
import { openEngine } from '../../host/run/compose.js';
import { scoreViews } from '../../host/run/score-views.js';
import { splitViews } from '../../host/run/view-choice.js';
import { openSensors } from '../../host/sensors/open-sensors.js';
import { placeSensors } from '../../host/sensors/place-sensors.js';
import { senseViews } from '../../host/sensors/sense-views.js';
import { renderDepth } from '../../scripts/sample-scene/render.js';
import { describeOrigin, printOrigin, printTable, saveResult } from './record.js';
import type { SensorFolder } from '../fixtures/sensors/sample-sensor-files.js';
import { SAMPLE_FOLDER, writeSensorFolder } from '../fixtures/sensors/sample-sensor-files.js';
import type { SensorVariant } from './sensor-variants.js';
import { DEFAULT_VARIANTS, parseSensorVariant, TRAIN_PHOTOS } from './sensor-variants.js';

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '2,3,5' },
    variants: { type: 'string', default: DEFAULT_VARIANTS.join(',') },
    width: { type: 'string', default: '256' },
    iterations: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string' },
    pictures: { type: 'string' },
    'no-save': { type: 'boolean' },
  },
});

const HOLD_OUT_EVERY = 5;
const SENSOR_SEED = 11;

interface Photos {
  readonly capture: OpenedCapture;
  readonly train: readonly View[];
  readonly heldOut: readonly View[];
  /** True depth of the held-out photos, by name; 0 is sky. */
  readonly truth: ReadonlyMap<string, Float32Array>;
}

interface SensorMeasurement {
  readonly photos: number;
  readonly variant: string;
  readonly psnr: number;
  readonly ssim: number;
  /** Rendered depth of held-out photos against the scene's own, sky left out. */
  readonly heldOutDepth: DepthErrors;
  /** At kept-out LiDAR points in the training photos: before training (null without sensors) and after it. */
  readonly started: DepthErrors | null;
  readonly trained: DepthErrors | null;
  readonly lidarCount: number;
  readonly radarCount: number;
}

async function loadPhotos(capture: OpenedCapture, trainList: string, tree: SensorFolder['tree']): Promise<Photos> {
  const split = splitViews(capture.views, trainList, { kind: 'rest' }, 1);
  const load = async (views: typeof split.train) => (await capture.load(views, { width: Number(values.width) })).views;
  const heldOut = await load(split.heldOut);
  const truth = new Map(heldOut.map(({ name, camera }) => [name, renderDepth(tree, camera)]));
  return { capture, train: await load(split.train), heldOut, truth };
}

/** The way of `vantage reconstruct --lidar --radar --calibration`: files read, placed, projected into the photos. */
async function senseWith(
  variant: Pick<SensorVariant, 'usesLidar' | 'usesRadar' | 'lossWeight'>,
  { capture, train }: Photos,
  folder: SensorFolder,
): Promise<{ readonly views: readonly View[]; readonly supervision: SensorSupervision }> {
  const sensors = await openSensors({
    lidar: variant.usesLidar ? [folder.lidarFile] : [],
    radar: variant.usesRadar ? [folder.radarFile] : [],
    calibrations: variant.usesRadar ? [folder.calibrationFile] : [],
  });
  const placed = placeSensors(capture, sensors, { model: null, isUpright: true, seed: Number(values.seed) });
  const run = { sensors, cameraFromSensor: placed.cameraFromSensor, lossWeight: variant.lossWeight };
  // Capture and simulated sensors are both in metres: the photos stay where they are.
  return senseViews(train, { ...run, holdOutEvery: HOLD_OUT_EVERY }, null);
}

async function train(
  engine: Engine,
  views: readonly View[],
  sensors: SensorSupervision | null,
): Promise<Reconstruction> {
  return reconstruct({
    views,
    preset: 'standard',
    iterations: Number(values.iterations),
    seed: Number(values.seed),
    splatting: engine.splatting,
    stereo: await engine.openStereo(),
    depthNetwork: null,
    memoryBudgetBytes: defaultMemoryBudgetBytes(),
    onEvent: () => undefined,
    ...(sensors === null ? {} : { sensors }),
  });
}

async function measure(
  engine: Engine,
  photos: Photos,
  variant: SensorVariant,
  folder: SensorFolder,
): Promise<SensorMeasurement> {
  const isSensed = variant.usesLidar || variant.usesRadar;
  const sensed = isSensed ? await senseWith(variant, photos, folder) : null;
  const { splats, report } = await train(engine, sensed?.views ?? photos.train, sensed?.supervision ?? null);
  const [shown, true_]: [number[], number[]] = [[], []];
  const stem = `${photos.train.length}-${variant.name}`;
  const { mean } = await scoreViews(engine.splatting, splats, photos.heldOut, async ({ view, rendered }) => {
    const { width, height, color, alpha } = rendered;
    const depth = divideByAlpha(rendered.depth, alpha);
    const truth = photos.truth.get(view.name)!;
    truth.forEach((z, i) => {
      if (z > 0) [shown, true_].forEach((list) => list.push(list === shown ? depth[i]! : z));
    });
    if (values.pictures === undefined) return;
    const place = join(values.pictures, `${stem}-${view.name.replace('.jpg', '')}`);
    await writeDepthMap(place, { width, height, depth, confidence: alpha });
    await writeFile(`${place}.png`, await encodeRgbPng({ width, height, data: color }));
  });
  // Whatever the run had, it is measured by the same LiDAR points.
  const yardstick = await senseWith({ usesLidar: true, usesRadar: false, lossWeight: 0 }, photos, folder);
  const { report: measured } = await reportSensors(
    { backend: engine.splatting, splats, views: photos.train, sensors: yardstick.supervision, before: new Map() },
    {},
  );
  return {
    photos: photos.train.length,
    variant: variant.name,
    ...mean,
    heldOutDepth: measureDepthErrors(shown, true_)!,
    started: report.sensors?.errors.find(({ stage }) => stage === 'sensors') ?? null,
    trained: measured.errors.find(({ stage }) => stage === 'trained') ?? null,
    lidarCount: report.sensors?.lidarCount ?? 0,
    radarCount: report.sensors?.radarCount ?? 0,
  };
}

function describe(m: SensorMeasurement): string[] {
  const depth = (errors: DepthErrors | null): string[] =>
    errors === null ? ['', ''] : [errors.absRel.toFixed(4), errors.mae.toFixed(3)];
  return [
    ...[String(m.photos), m.variant, m.psnr.toFixed(2), m.ssim.toFixed(4)],
    ...[...depth(m.heldOutDepth), m.started?.absRel.toFixed(4) ?? '', ...depth(m.trained)],
    ...[String(m.lidarCount), String(m.radarCount)],
  ];
}

const HEAD = [
  ...['photos', 'variant', 'PSNR', 'SSIM', 'AbsRel held-out photos', 'MAE'],
  ...['AbsRel points, start', 'AbsRel points', 'MAE', 'LiDAR', 'radar'],
];

async function run(): Promise<void> {
  const origin = describeOrigin();
  printOrigin(origin);
  const variants = values.variants.split(',').map(parseSensorVariant);
  const temporary = await mkdtemp(join(tmpdir(), 'vantage-bench-sensors-'));
  if (values.pictures !== undefined) await mkdir(values.pictures, { recursive: true });
  const engine = await openEngine('auto', values.threads === undefined ? undefined : Number(values.threads));
  const measurements: SensorMeasurement[] = [];
  try {
    const folder = await writeSensorFolder(temporary, SENSOR_SEED);
    const capture = await openCapture(SAMPLE_FOLDER);
    for (const count of values.photos.split(',')) {
      const list = TRAIN_PHOTOS[count];
      if (list === undefined) throw new Error(`--photos takes ${Object.keys(TRAIN_PHOTOS).join(', ')}`);
      const photos = await loadPhotos(capture, list, folder.tree);
      for (const variant of variants) {
        const measurement = await measure(engine, photos, variant, folder);
        measurements.push(measurement);
        console.log(describe(measurement).join('  '));
      }
    }
  } finally {
    await engine.dispose();
    await rm(temporary, { recursive: true, force: true });
  }
  printTable([HEAD, ...measurements.map(describe)]);
  const { width, iterations, seed } = values;
  if (values['no-save'] !== true) saveResult('sensors', origin, { width, iterations, seed, measurements });
}

await run();
