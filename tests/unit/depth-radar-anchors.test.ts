import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { alignDepthToRadar } from '../../engine/depth/align-depth-to-radar.js';
import { projectRadar, RADAR_SIGMAS } from '../../engine/depth/project-radar.js';
import { findRadarAnchors } from '../../engine/depth/radar-anchors.js';
import { estimateRadarGround } from '../../engine/depth/radar-ground.js';
import { groundDepth } from '../../engine/depth/spread-radar-depth.js';
import { splitRadarMotion } from '../../engine/depth/split-radar-motion.js';
import { voteLogRatio } from '../../engine/depth/vote-log-ratio.js';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import { VOD_FRAMES, VOD_IS_THERE } from '../fixtures/sensors/read-vod.js';
import { directionOf, normal, RADAR_4D, simulateRadar } from '../fixtures/sensors/simulate-sensors.js';
import { boxScene, STREET, STREET_GROUND } from '../fixtures/sensors/street-scene.js';
import { estimateWithFastDepth, loadVodPhoto, openVodRadar, projectVodLidar } from '../fixtures/sensors/vod-photo.js';

const HERE: RigidTransform = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };
/** x right = −left, y down = −up, z forward; the camera is 0.8 m above the radar and 0.5 m behind it. */
const cameraFromSensor: RigidTransform = { rotation: [0, -1, 0, 0, 0, -1, 1, 0, 0], translation: [0, 0.8, 0.5] };
const EYE: Vec3 = [-0.5, 0, 0.8];
const intrinsics = { fx: 200, fy: 200, cx: 163, cy: 88, width: 320, height: 200 };
const street = boxScene(STREET, STREET_GROUND);
const geometry = {
  cameraFromSensor,
  intrinsics,
  stance: { up: [0, 0, 1] as Vec3, groundHeight: null },
  sigmas: RADAR_SIGMAS,
};

/** z of the street in every pixel, 150 where it is open. */
function photographDepth(): Float32Array {
  const { fx, fy, cx, cy, width, height } = intrinsics;
  return Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [((i % width) + 0.5 - cx) / fx, (Math.floor(i / width) + 0.5 - cy) / fy];
    const length = Math.hypot(x, y, 1);
    const hit = street.trace(EYE, [1 / length, -x / length, -y / length]);
    return hit ? hit.distance / length : 150;
  });
}

const truth = photographDepth();
const radar = simulateRadar(street, HERE, { ...RADAR_4D, ghosts: 0.2 }, createRandom(11));
const motion = splitRadarMotion(radar.points);
const isStatic = (i: number): boolean => motion.moving[i] === 0;
const returns = projectRadar(radar.points, geometry, isStatic);
const { width, height } = intrinsics;

describe('the vote on a factor', () => {
  it('by hand: the many that agree win against a long tail', () => {
    const ratios = [...Array<number>(20).fill(Math.log(2.5)), ...Array.from({ length: 40 }, (_, i) => 1.2 + 0.11 * i)];
    const vote = voteLogRatio(Float64Array.from(ratios))!;
    expect(Math.exp(vote.logRatio)).toBeCloseTo(2.5, 2);
    expect(vote.share).toBeGreaterThan(0.3);
    expect(vote.share).toBeGreaterThan(3 * vote.chanceShare);
  });

  it('leaves out what is no ratio, and knows nothing from nothing', () => {
    expect(voteLogRatio(Float64Array.of(NaN, Infinity, -Infinity, 50))).toBeNull();
    expect(voteLogRatio(Float64Array.of(0.7, 5), Float64Array.of(1, 0))?.logRatio).toBe(0.7);
  });
});

describe('projection of returns', () => {
  it('by hand: azimuth becomes columns, elevation rows, range depth', () => {
    const points: SensorPoints = { ...radar.points, count: 1, positions: Float32Array.of(20, 0, 0) };
    const one = projectRadar(points, geometry, () => true);
    // z = 20.5, 0.8 m below the eye.
    expect(one.depth[0]).toBeCloseTo(20.5, 6);
    expect([...one.pixels]).toEqual([163, expect.closeTo(88 + (200 * 0.8) / 20.5, 6)]);
    const [ax, ay, bx, by] = one.halfAxes;
    const perRadian = (200 * 20) / 20.5;
    expect(Math.abs(ay!)).toBeCloseTo(perRadian * RADAR_SIGMAS.elevationRad, 1);
    expect(Math.abs(bx!)).toBeCloseTo(perRadian * RADAR_SIGMAS.azimuthRad, 3);
    expect(Math.abs(ax!) + Math.abs(by!)).toBeLessThan(0.02);
    expect(one.sigmaLogDepth[0]).toBeCloseTo(0.2 / 20.5, 4);
  });

  it('agrees with many noisy measurements of the same thing', () => {
    const random = createRandom(2);
    const [azimuth, elevation, range] = [0.4, -0.05, 25];
    const sum = { u: 0, v: 0, z: 0, uu: 0, vv: 0, zz: 0 };
    const n = 4000;
    for (let k = 0; k < n; k++) {
      const d = directionOf(
        azimuth + RADAR_SIGMAS.azimuthRad * normal(random),
        elevation + RADAR_SIGMAS.elevationRad * normal(random),
      );
      const r = range + RADAR_SIGMAS.range * normal(random);
      const [x, y, z] = transformPoint(cameraFromSensor, d.map((v) => v * r) as Vec3);
      const [u, v, l] = [(200 * x) / z, (200 * y) / z, Math.log(z)];
      sum.u += u / n;
      sum.v += v / n;
      sum.z += l / n;
      sum.uu += (u * u) / n;
      sum.vv += (v * v) / n;
      sum.zz += (l * l) / n;
    }
    const positions = Float32Array.from(directionOf(azimuth, elevation), (v) => v * range);
    const one = projectRadar({ ...radar.points, count: 1, positions }, geometry, () => true);
    const [ax, ay, bx, by] = one.halfAxes as unknown as [number, number, number, number];
    // First order against 4,000 draws: 1.1 % of sampling, some per cent of curvature.
    expect(Math.hypot(ax, bx) / Math.sqrt(sum.uu - sum.u ** 2)).toBeCloseTo(1, 1);
    expect(Math.hypot(ay, by) / Math.sqrt(sum.vv - sum.v ** 2)).toBeCloseTo(1, 1);
    expect(one.sigmaLogDepth[0]! / Math.sqrt(sum.zz - sum.z ** 2)).toBeCloseTo(1, 1);
  });

  it('leaves out what is behind the camera, or no place', () => {
    const positions = Float32Array.of(-5, 0, 0, NaN, 1, 1, 0, 0, 0, Infinity, 0, 0, 10, 0, 0);
    const some = projectRadar({ ...radar.points, count: 5, positions }, geometry, () => true);
    expect([...some.indices]).toEqual([4]);
    expect([...some.pixels, ...some.halfAxes, ...some.sigmaLogDepth].every(Number.isFinite)).toBe(true);
  });
});

describe('a network that sees the street, up to scale', () => {
  it('is scaled by the vote although a fifth of the returns are ghosts', () => {
    const network = truth.map((z) => z / 2.5);
    const found = findRadarAnchors(returns, { width, height, network, kind: 'metric-depth' });
    expect(Math.exp(found.vote!.logRatio)).toBeGreaterThan(2.5 * 0.97);
    expect(Math.exp(found.vote!.logRatio)).toBeLessThan(2.5 * 1.03);
    expect(found.relation).toMatchObject({ method: 'robust', kind: 'metric-depth' });
    expect(1 / found.relation.scale).toBeGreaterThan(2.5 * 0.95);
    expect(1 / found.relation.scale).toBeLessThan(2.5 * 1.05);
    expect(found.relation.inlierShare).toBeGreaterThan(found.chanceShare + 0.15);
  });

  it('tells ghosts from returns, and puts anchors where their depth is', () => {
    const network = truth.map((z) => z / 2.5);
    const found = findRadarAnchors(returns, { width, height, network, kind: 'metric-depth' });
    const kept = new Set(found.indices);
    const share = (isGhost: number): number => {
      const all = [...returns.indices].filter((i) => radar.isGhost[i] === isGhost);
      return all.filter((i) => kept.has(i)).length / all.length;
    };
    // A ghost that is no farther than something else within its ellipse cannot be told.
    expect(share(0)).toBeGreaterThan(0.7);
    expect(share(1)).toBeLessThan(0.6 * share(0));
    const errors = Array.from(found.anchors.depth, (z, k) => {
      const [u, v] = [found.anchors.pixels[2 * k]!, found.anchors.pixels[2 * k + 1]!];
      return Math.abs(Math.log(z / truth[Math.floor(v) * width + Math.floor(u)]!));
    }).sort((a, b) => a - b);
    expect(errors[Math.floor(0.9 * errors.length)]).toBeLessThan(0.15);
  });

  it('with a shift, as inverse-depth networks have: both numbers are found', () => {
    // 1 / z = 0.2 r − 0.02.
    const network = truth.map((z) => (1 / z + 0.02) / 0.2);
    const { relation } = findRadarAnchors(returns, { width, height, network, kind: 'inverse-depth' });
    expect(relation.method).toBe('robust');
    expect(relation.scale / 0.2).toBeCloseTo(1, 1);
    expect(relation.shift).toBeCloseTo(-0.02, 2);
    expect(relation.shift).toBeLessThan(-0.01);
  });

  it('affine depth too', () => {
    const network = truth.map((z) => z / 4);
    const { relation } = findRadarAnchors(returns, { width, height, network, kind: 'affine-invariant-depth' });
    expect(relation.method).toBe('robust');
    expect(relation.scale / 4).toBeCloseTo(1, 1);
  });
});

describe('a network that sees something else', () => {
  const random = createRandom(4);
  const network = truth.map(() => 1 + 4 * random.next());

  it('gets no relation, and no return is said to agree with it', () => {
    const found = findRadarAnchors(returns, { width, height, network, kind: 'metric-depth' });
    expect(found.relation.method).toBe('none');
    expect(found.anchors.count).toBe(0);
  });

  it('leaves ground and returns to tell the depth', () => {
    const image = { width, height, network, kind: 'metric-depth' as const };
    const aligned = alignDepthToRadar(radar.points, motion.moving, { cameraFromSensor, intrinsics, image });
    expect(aligned.method).toBe('order');
    expect(aligned.groundHeight).toBeCloseTo(STREET_GROUND, 0);
    expect(aligned.depth.every((z) => z > 0 && z < 1000)).toBe(true);
    const errors = truth.map((z, i) => Math.abs(aligned.depth[i]! - z) / z).sort();
    expect(errors[errors.length >> 1]).toBeLessThan(0.25);
    expect(aligned.anchors.count).toBeGreaterThan(50);
  });

  it('says nothing with a handful of returns', () => {
    const few = { ...radar.points, count: 5 };
    const image = { width, height, network, kind: 'metric-depth' as const };
    const aligned = alignDepthToRadar(few, new Uint8Array(5), { cameraFromSensor, intrinsics, image });
    expect(aligned.method).toBe('none');
    expect(aligned.depth.every((z) => z === 0)).toBe(true);
  });
});

describe('the ground', () => {
  it('is where rays meet the plane, and nothing above the horizon', () => {
    const depth = groundDepth(intrinsics, cameraFromSensor, { up: [0, 0, 1], groundHeight: -0.5 });
    // Row 153: 65.5 px below the horizon, eye 1.3 m above ground.
    expect(depth[153 * width + 20]).toBeCloseTo((1.3 * 200) / 65.5, 4);
    expect(depth[20 * width + 20]).toBe(Infinity);
  });

  it('is not made up before a wall', () => {
    const wall = boxScene([{ low: [8, -50, -0.05], high: [9, 50, 20], rcs: 10 }], null);
    const { points } = simulateRadar(wall, HERE, { ...RADAR_4D, ghosts: 0, elevationDeg: [0.5, 12] }, createRandom(1));
    expect(estimateRadarGround(points, [0, 0, 1], RADAR_SIGMAS.elevationRad, () => true)).toBeNull();
  });
});

const MODEL = fileURLToPath(new URL('../../../shared/models/fastdepth_224_int8w.onnx', import.meta.url));
const canMeasure = VOD_IS_THERE && existsSync(MODEL);
if (!canMeasure)
  console.log('SKIPPED: radar-aligned FastDepth on View-of-Delft (shared/data/vod or shared/models is absent)');
describe.skipIf(!canMeasure)('View-of-Delft with FastDepth, which has never seen a street', () => {
  it.each(VOD_FRAMES)('%s: radar alone makes the depth three times better on LiDAR points', async (frame) => {
    const image = await loadVodPhoto(frame, 484);
    const { points, motion: split, geometry: placed } = openVodRadar(frame, image);
    const network = await estimateWithFastDepth(image);
    const lidar = projectVodLidar(frame, placed.intrinsics);
    const photo = {
      ...placed,
      image: { width: image.width, height: image.height, network, kind: 'metric-depth' as const },
    };
    const aligned = alignDepthToRadar(points, split.moving, photo);
    const absRel = (depth: Float32Array): number =>
      lidar.depth.reduce((sum, z, k) => sum + Math.abs(depth[lidar.at[k]!]! - z) / z, 0) / lidar.depth.length;
    expect(aligned.method).toBe('order');
    expect(absRel(network) / absRel(aligned.depth)).toBeGreaterThan(3);
  });
});
