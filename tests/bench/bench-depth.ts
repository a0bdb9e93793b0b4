/**
 * `npm run bench:depth`: how far the depth of photos is from LiDAR points that were held out, with a network aligned to nothing, radar alone,
 * LiDAR alone and both, and with LiDAR and no network. Every fifth point of each cloud is held out; scored are those that the camera sees (the
 * test of projectPoints with all points), the same for all columns. Options: --folders kitti,nuscenes,… · --model FILE.onnx · --data DIR ·
 * --hold-out N · --pictures DIR (depth maps in colours) · --no-save
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { NetworkGuess } from '../../engine/depth/anchor-depth.js';
import { completeFromAnchors } from '../../engine/depth/anchor-depth.js';
import { depthAtAnchors, holdOutAnchors } from '../../engine/depth/pick-anchors.js';
import { projectPoints } from '../../engine/depth/project-points.js';
import type { DepthErrors } from '../../engine/metrics/depth-errors.js';
import { measureDepthErrors } from '../../engine/metrics/depth-errors.js';
import type { DepthAnchors } from '../../engine/scene/depth-anchors.js';
import type { SensorKind } from '../../engine/scene/sensor-rig.js';
import { colorizeDepth } from '../../host/depth-picture.js';
import { placeSensor } from '../../host/depth/place-sensor.js';
import type { RadarDepth } from '../../host/depth/radar-anchors.js';
import { readRadar } from '../../host/depth/radar-anchors.js';
import { encodeRgbBytesPng } from '../../host/png-writer.js';
import type { OnnxDepthNetwork } from '../../native-models/depth/onnx-depth.js';
import { openDepthNetwork } from '../../native-models/depth/onnx-depth.js';
import type { DepthCase } from './depth-cases.js';
import { openDepthCases } from './depth-cases.js';
import { describeOrigin, printOrigin, printTable, saveResult } from './record.js';

const SHARED = fileURLToPath(new URL('../../../shared', import.meta.url));
const { values } = parseArgs({
  options: {
    folders: { type: 'string', default: 'kitti,nuscenes,vod/00549,vod/01047' },
    model: { type: 'string', default: join(SHARED, 'models/fastdepth_224_int8w.onnx') },
    data: { type: 'string', default: join(SHARED, 'data') },
    'hold-out': { type: 'string', default: '5' },
    pictures: { type: 'string' },
    'no-save': { type: 'boolean' },
  },
});

const COLUMNS = ['unaligned', 'radar', 'lidar', 'both', 'lidar, no network'] as const;
type Column = (typeof COLUMNS)[number];

interface DepthRow {
  readonly name: string;
  readonly kept: number;
  readonly hidden: number;
  readonly heldOut: number;
  /** Of the network's relief that LiDAR anchors chose. */
  readonly share: number | null;
  readonly errors: Partial<Record<Column, DepthErrors>>;
}

interface Variant {
  readonly column: Column;
  readonly anchors: readonly DepthAnchors[];
  readonly network: NetworkGuess | null;
}

function variants(
  lidar: DepthAnchors,
  guess: NetworkGuess,
  radarOf: (lidarAnchors: readonly DepthAnchors[]) => RadarDepth | null,
): Variant[] {
  const [alone, beside] = [radarOf([]), radarOf([lidar])];
  return [
    { column: 'unaligned', anchors: [], network: guess },
    ...(alone ? [{ column: 'radar', anchors: alone.anchors, network: alone.guess ?? guess } as const] : []),
    { column: 'lidar', anchors: [lidar], network: guess },
    ...(beside ? [{ column: 'both', anchors: [lidar, ...beside.anchors], network: guess } as const] : []),
    { column: 'lidar, no network', anchors: [lidar], network: null },
  ];
}

async function measureCase(
  { name, photo, lidar, radar, rig }: DepthCase,
  network: OnnxDepthNetwork,
): Promise<DepthRow> {
  const loaded = await photo.load();
  const place = (sensor: SensorKind) => {
    const placed = placeSensor({ sensor, rig, photo: loaded, photoName: photo.name, isOnly: true });
    if (!placed) throw new Error(`${name}: no calibration of the ${sensor}`);
    return placed.camera;
  };
  const { image, mask } = loaded;
  const guess = { values: await network.estimate(image), kind: network.outputKind };
  const projected = projectPoints(lidar, place('lidar'), { mask });
  const { kept, heldOut } = holdOutAnchors(projected, Number(values['hold-out']));
  const view = { image, mask, network: guess };
  const radarOf = (lidarAnchors: readonly DepthAnchors[]): RadarDepth | null =>
    radar ? readRadar({ points: radar, camera: place('radar'), view, lidar: lidarAnchors }) : null;
  const errors: Partial<Record<Column, DepthErrors>> = {};
  let share: number | null = null;
  for (const { column, anchors, network: numbers } of variants(kept, guess, radarOf)) {
    const { depthMap, fit } = completeFromAnchors({ ...view, network: numbers, anchors });
    if (column === 'lidar') share = fit.network?.share ?? null;
    const measured = measureDepthErrors(depthAtAnchors(depthMap.depth, image.width, heldOut), heldOut.depth);
    if (measured) errors[column] = measured;
    if (values.pictures !== undefined) {
      mkdirSync(values.pictures, { recursive: true });
      const file = `${name} ${column}.png`.replaceAll(/[^\w.]+/g, '-');
      const picture = await encodeRgbBytesPng(colorizeDepth(depthMap.depth), image.width, image.height);
      writeFileSync(join(values.pictures, file), picture);
    }
  }
  return { name, kept: kept.count, hidden: projected.counts.hidden, heldOut: heldOut.count, share, errors };
}

function printRows(rows: readonly DepthRow[]): void {
  const cell = (errors: DepthErrors | undefined, show: (errors: DepthErrors) => string): string =>
    errors ? show(errors) : 'n/a';
  console.log('AbsRel');
  printTable([
    ['photo', 'used', 'hidden', 'scored', ...COLUMNS, 'share'],
    ...rows.map(({ name, kept, hidden, heldOut, share, errors }) => [
      name,
      ...[kept, hidden, heldOut].map(String),
      ...COLUMNS.map((column) => cell(errors[column], ({ absRel }) => absRel.toFixed(4))),
      String(share),
    ]),
  ]);
  console.log('\nMAE m / RMSE m / δ1');
  printTable([
    ['photo', ...COLUMNS],
    ...rows.map(({ name, errors }) => [
      name,
      ...COLUMNS.map((column) =>
        cell(
          errors[column],
          ({ mae, rmse, delta1 }) => `${mae.toFixed(2)} / ${rmse.toFixed(2)} / ${delta1.toFixed(3)}`,
        ),
      ),
    ]),
  ]);
}

const origin = describeOrigin();
printOrigin(origin);
const network = await openDepthNetwork(values.model, { threads: 1 });
const rows: DepthRow[] = [];
for (const depthCase of await openDepthCases(values.data, values.folders.split(',')))
  rows.push(await measureCase(depthCase, network));
await network.dispose();
printRows(rows);
if (values['no-save'] !== true && rows.length > 0)
  saveResult('depth', origin, { model: network.name, holdOutEvery: Number(values['hold-out']), rows });
