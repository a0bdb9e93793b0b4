/**
 * `npm run bench:radar`: what radar tells on View-of-Delft. (1) The sensor's velocity from Doppler against what compensated speeds and
 * labelled standing objects imply; (2) moving returns and the mask made of them against labels; (3) depth of the photo on LiDAR points that nothing was fitted to, with
 * the network alone and aligned by radar in several ways. Options: --width PX · --pictures DIR (depth maps as PNG) · --no-save
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { applyDepthRelation } from '../../engine/depth/fit-depth-relation.js';
import { projectRadar } from '../../engine/depth/project-radar.js';
import { findRadarAnchors } from '../../engine/depth/radar-anchors.js';
import { radarRays, returnPosition } from '../../engine/depth/radar-returns.js';
import { groundDepth, spreadRadarDepth } from '../../engine/depth/spread-radar-depth.js';
import { solveScreenedPoisson } from '../../engine/depth/solve-screened-poisson.js';
import type { DepthAnchors } from '../../engine/scene/depth-anchors.js';
import type { LabelledBox, VodFrame } from '../fixtures/sensors/read-vod.js';
import { isInBox, readVodLabels, VOD_FRAMES, VOD_IS_THERE } from '../fixtures/sensors/read-vod.js';
import type { LidarTruth } from '../fixtures/sensors/vod-photo.js';
import { measureVodMask } from '../fixtures/sensors/vod-mask.js';
import { estimateWithFastDepth, loadVodPhoto, openVodRadar, projectVodLidar } from '../fixtures/sensors/vod-photo.js';
import { describeOrigin, printOrigin, saveResult } from './record.js';

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '968' },
    pictures: { type: 'string' },
    'no-save': { type: 'boolean' },
  },
});

type OpenedRadar = ReturnType<typeof openVodRadar>;

/** Level velocity by plain normal equations over chosen returns: the independent reference. */
function levelVelocity(directions: Float64Array, speed: (i: number) => number, use: (i: number) => boolean) {
  let [xx, xy, yy, xs, ys, count] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < directions.length / 3; i++) {
    if (!use(i)) continue;
    const [x, y] = [directions[3 * i]!, directions[3 * i + 1]!];
    [xx, xy, yy, xs, ys] = [xx + x * x, xy + x * y, yy + y * y, xs - x * speed(i), ys - y * speed(i)];
    count++;
  }
  const determinant = xx * yy - xy * xy;
  return { x: (yy * xs - xy * ys) / determinant, y: (xx * ys - xy * xs) / determinant, count };
}

function measureMotion(frame: VodFrame, { points, motion, geometry }: OpenedRadar) {
  const { directions } = radarRays(points);
  const raw = points.fields.get('radialSpeed')!;
  const given = points.fields.get('compensatedRadialSpeed')!;
  const boxes = readVodLabels(frame);
  const boxesOf = (i: number): LabelledBox[] => boxes.filter((b) => isInBox(b, returnPosition(points, i), 0.5, 1.5));
  const implied = levelVelocity(
    directions,
    (i) => raw[i]! - given[i]!,
    () => true,
  );
  const standing = levelVelocity(
    directions,
    (i) => raw[i]!,
    (i) => boxesOf(i).length > 0 && boxesOf(i).every((b) => !b.isMoving) && Math.abs(given[i]!) < 0.5,
  );
  if (motion.egoMotion?.kind !== 'found') throw new Error(`${frame}: no ego-motion`);
  const [vx, vy, vz] = motion.egoMotion.velocity;
  // Labels end at about 50 m and at the photo's sides: beyond, an unlabelled mover is no false alarm.
  const { width, height } = geometry.intrinsics;
  const placed = projectRadar(points, { ...geometry, stance: { up: [0, 0, 1], groundHeight: null } }, () => true);
  const isInPhoto = (k: number): boolean => {
    const [u, v] = [placed.pixels[2 * k]!, placed.pixels[2 * k + 1]!];
    return u >= 0 && u < width && v >= 0 && v < height;
  };
  const seen = new Set(placed.indices.filter((_, k) => isInPhoto(k)));
  const judged = Array.from({ length: points.count }, (_, i) => i).filter(
    (i) => seen.has(i) && returnPosition(points, i)[0] < 50,
  );
  const inMoving = (i: number): boolean => boxesOf(i).some((b) => b.isMoving);
  const found = judged.filter((i) => motion.moving[i] === 1);
  const labelled = judged.filter(inMoving);
  const fast = labelled.filter((i) => Math.abs(given[i]!) > 0.5);
  const hits = found.filter(inMoving).length;
  const movers = boxes.filter((b) => b.isMoving);
  const touched = movers.filter((b) => judged.some((i) => isInBox(b, returnPosition(points, i), 0.5, 1.5)));
  const objects = touched.filter((b) => found.some((i) => isInBox(b, returnPosition(points, i), 0.5, 1.5)));
  return {
    frame,
    vx,
    vy,
    vz,
    'static %': 100 * motion.egoMotion.staticShare,
    'off compensated m/s': Math.hypot(vx - implied.x, vy - implied.y),
    'off standing m/s': Math.hypot(vx - standing.x, vy - standing.y),
    'standing n': standing.count,
    moving: found.length,
    precision: hits / found.length,
    'recall all': labelled.filter((i) => motion.moving[i] === 1).length / labelled.length,
    'recall > 0.5 m/s': fast.filter((i) => motion.moving[i] === 1).length / fast.length,
    objects: `${objects.length}/${touched.length} of ${movers.length}`,
  };
}

/** exp(smooth field through log z_anchor − log z) applied to a depth map. */
function correct(depth: Float32Array, anchors: DepthAnchors, width: number, height: number): Float32Array {
  const weights = new Float32Array(depth.length);
  const targets = new Float32Array(depth.length);
  for (let k = 0; k < anchors.count; k++) {
    const at = Math.floor(anchors.pixels[2 * k + 1]!) * width + Math.floor(anchors.pixels[2 * k]!);
    if (!(depth[at]! > 0)) continue;
    weights[at] = 1;
    targets[at] = Math.log(anchors.depth[k]! / depth[at]!);
  }
  if (!weights.some((w) => w > 0)) return depth;
  const { field } = solveScreenedPoisson(
    { width, height, weights, targets, smoothness: 1, edges: null },
    { tolerance: 1e-3 },
  );
  return depth.map((z, i) => z * Math.exp(field[i]!));
}

function scoreDepth(depth: Float32Array, truth: LidarTruth) {
  const errors = Float64Array.from(truth.depth, (z, k) => Math.abs(depth[truth.at[k]!]! - z) / z);
  const ratios = truth.depth.map((z, k) => Math.max(z / depth[truth.at[k]!]!, depth[truth.at[k]!]! / z));
  return {
    AbsRel: errors.reduce((sum, e) => sum + e, 0) / errors.length,
    median: Float64Array.from(errors).sort()[errors.length >> 1]!,
    'δ1 %': (100 * ratios.filter((r) => r < 1.25).length) / ratios.length,
  };
}

async function savePicture(name: string, depth: Float32Array, width: number): Promise<void> {
  if (values.pictures === undefined) return;
  mkdirSync(values.pictures, { recursive: true });
  const rgb = new Uint8Array(3 * depth.length);
  depth.forEach((z, i) => {
    const t = Math.min(1, Math.max(0, Math.log(z / 3) / Math.log(20)));
    rgb.set([255 * t, 255 * (1 - Math.abs(2 * t - 1)), 255 * (1 - t)], 3 * i);
  });
  const raw = { width, height: depth.length / width, channels: 3 } as const;
  await sharp(rgb, { raw })
    .png()
    .toFile(join(values.pictures, `${name}.png`));
}

async function measureDepth(frame: VodFrame, opened: OpenedRadar, image: Awaited<ReturnType<typeof loadVodPhoto>>) {
  const { width, height } = image;
  const { points, geometry, isStatic } = opened;
  const network = await estimateWithFastDepth(image);
  const truth = projectVodLidar(frame, geometry.intrinsics);
  const returns = projectRadar(points, geometry, isStatic);
  const found = findRadarAnchors(returns, { width, height, network, kind: 'metric-depth' });
  const ground = groundDepth(geometry.intrinsics, geometry.cameraFromSensor, geometry.stance);
  const scale = Math.exp(found.vote?.logRatio ?? 0);
  const aligned = network.map((r) => applyDepthRelation(found.relation, r));
  const spread = spreadRadarDepth(
    returns,
    { width, height, network, kind: 'metric-depth' },
    { ground, fx: geometry.intrinsics.fx },
  );
  const flat = spreadRadarDepth(
    returns,
    { width, height, network: network.map(() => 1), kind: 'metric-depth' },
    { ground, fx: geometry.intrinsics.fx },
  );
  const maps: [string, Float32Array][] = [
    ['network alone', network],
    ['radar: scale (vote)', network.map((z) => scale * z)],
    [`radar: relation (${found.relation.method})`, aligned],
    ['relation + smooth correction', correct(aligned, found.anchors, width, height)],
    ['relation, under ground', aligned.map((z, i) => Math.min(z, ground[i]!))],
    ['radar and ground, no network', flat],
    ['radar, ground and network’s order', spread],
  ];
  console.log(
    `${frame}: ground at ${opened.ground?.height.toFixed(2) ?? '?'} m below radar, ${found.anchors.count} of ${found.tried} anchors,` +
      ` vote ×${scale.toFixed(2)} share ${(found.vote?.share ?? 0).toFixed(2)}, by chance ${found.chanceShare.toFixed(2)}, ${JSON.stringify(found.relation)}`,
  );
  for (const [name, map] of maps) await savePicture(`${frame} ${name}`.replaceAll(/[^\w]+/g, '-'), map, width);
  return maps.map(([method, map]) => ({ frame, method, ...scoreDepth(map, truth) }));
}

/** Depth that LiDAR points say within 6 px: what the mask grows over when the depth is right. */
function fillFromLidar(truth: LidarTruth, width: number, height: number): Float32Array {
  const depth = new Float32Array(width * height);
  const nearest = new Float32Array(width * height).fill(Infinity);
  truth.at.forEach((at, k) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    for (let v = Math.max(0, y - 6); v <= Math.min(height - 1, y + 6); v++) {
      for (let u = Math.max(0, x - 6); u <= Math.min(width - 1, x + 6); u++) {
        const distance = (u - x) ** 2 + (v - y) ** 2;
        if (distance >= nearest[v * width + u]!) continue;
        nearest[v * width + u] = distance;
        depth[v * width + u] = truth.depth[k]!;
      }
    }
  });
  return depth;
}

async function measureMasks(frame: VodFrame, opened: OpenedRadar, image: Awaited<ReturnType<typeof loadVodPhoto>>) {
  const { width, height, data } = image;
  const lidar = fillFromLidar(projectVodLidar(frame, opened.geometry.intrinsics), width, height);
  const rows = [];
  for (const [name, depth] of [
    ['boxes', null],
    ['LiDAR depth', lidar],
  ] as const) {
    const { mask, labelled, regions, covered, maskedShare, inLabels } = measureVodMask(frame, opened, { image, depth });
    console.log(`${frame}, ${name}: ${covered.join(', ')}`);
    const rgb = Uint8Array.from(data, (v, i) => {
      const [pixel, channel] = [Math.floor(i / 3), i % 3];
      const tint = mask[pixel] === 0 ? (channel === 0 ? 0.5 : 0) : labelled[pixel] === 1 && channel === 1 ? 0.15 : 0;
      return Math.min(255, 255 * (v * (mask[pixel] === 0 ? 0.5 : 1) + tint));
    });
    if (values.pictures !== undefined) {
      mkdirSync(values.pictures, { recursive: true });
      await sharp(rgb, { raw: { width, height, channels: 3 } })
        .png()
        .toFile(join(values.pictures, `${frame}-mask-${name.replace(' ', '-')}.png`));
    }
    const grown = regions.filter(({ method }) => method === 'grown').length;
    rows.push({
      frame,
      depth: name,
      regions: regions.length,
      grown,
      'masked %': 100 * maskedShare,
      'in labels %': 100 * inLabels,
    });
  }
  return rows;
}

if (!VOD_IS_THERE) throw new Error('shared/data/vod is not there');
const origin = describeOrigin();
printOrigin(origin);
const motions = [];
const depths = [];
const masks = [];
for (const frame of VOD_FRAMES) {
  const image = await loadVodPhoto(frame, Number(values.width));
  const opened = openVodRadar(frame, image);
  motions.push(measureMotion(frame, opened));
  masks.push(...(await measureMasks(frame, opened, image)));
  depths.push(...(await measureDepth(frame, opened, image)));
}
for (const rows of [motions, masks, depths]) console.table(rows);
if (values['no-save'] !== true) saveResult('radar', origin, { motions, masks, depths });
