/** What is done about cameras before a run of the app: from the calibration, onto a cloud, or brought to metres. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { PhotoSource, ReconstructSensor, TaskEvent, TaskOf } from '../../electron/ipc/job-contract.js';
import { taskResults, taskSchema } from '../../electron/ipc/job-contract.js';
import { findCameras } from '../../electron/jobs/find-cameras.js';
import { placeFound } from '../../electron/jobs/place-cameras.js';
import { writeCloudPly } from '../../engine/formats/write-cloud-ply.js';
import { cameraCentre } from '../../engine/math/conventions.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import type { PhotoCameras } from '../../host/poses/find-photo-cameras.js';
import { openSensors } from '../../host/sensors/open-sensors.js';
import type { LengthUnit } from '../../engine/scene/sensor-points.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { LIDAR_64, simulateLidar } from '../fixtures/sensors/simulate-sensors.js';
import { boxScene, ROOM } from '../fixtures/sensors/street-scene.js';
import { createRandom } from '../../engine/math/random.js';
import { writeSensorFolder } from '../fixtures/sensors/sample-sensor-files.js';

const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../assets/sample/images', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vantage-place-cameras é-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Pose = NonNullable<PhotoSource['pose']>;

/** Turned a quarter about its own axis; its centre −Rᵀt is (−t_y, t_x, −t_z). */
const poseAt = (x: number, y: number, z: number): Pose => ({
  camera: {
    intrinsics: { fx: 100, fy: 100, cx: 50, cy: 50, width: 100, height: 100 },
    cameraFromWorld: { rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1], translation: [x, y, z] },
  },
  distortion: null,
  openIntrinsics: null,
});
const photo = (path: string, pose: Pose | null = null, file = '/nowhere'): PhotoSource => ({ photoId: path, path, file, maskFile: null, pose }); // prettier-ignore

function cloud(name: string, unit: LengthUnit, more: Partial<ReconstructSensor> = {}): ReconstructSensor {
  const path = join(folder, name);
  const frame = { unit, upAxis: 'z', crs: null } as const;
  const positions = Float32Array.of(1, 2, 3, 4, 5, 6);
  const points = { count: 2, origin: [0, 0, 0], positions, colors: null, fields: new Map<string, never>(), frame } as const; // prettier-ignore
  writeFileSync(path, writeCloudPly(points, { generator: 'test' }));
  return { kind: 'lidar', path, isUsed: true, unit: null, upAxis: null, worldFromSensor: null, ...more };
}

/** Of our own kind: each photo's camera to the LiDAR. */
function calibration(name: string, cameras: Readonly<Record<string, Pose>>): string {
  const sensors = Object.entries(cameras).map(([photoName, { camera }]) => {
    const { rotation: r, translation: t } = camera.cameraFromWorld;
    const rows = [0, 1, 2].map((row) => [...r.slice(3 * row, 3 * row + 3), t[row]]);
    return { sensor: 'lidar', photo: photoName, cameraFromSensor: rows };
  });
  writeFileSync(join(folder, name), JSON.stringify({ sensors }));
  return join(folder, name);
}

async function carryOut(more: Partial<TaskOf<'find-cameras'>> & Pick<TaskOf<'find-cameras'>, 'photos' | 'cameras'>) {
  const events: TaskEvent[] = [];
  const options = { seed: 1, threads: 2, cameraFinder: 'akaze', depthModel: 'none', logFile: join(folder, 'log') } as const; // prettier-ignore
  const task: TaskOf<'find-cameras'> = { kind: 'find-cameras', sensors: [], calibrations: [], ...options, ...more };
  expect(taskSchema.safeParse(task).success).toBe(true);
  const context = { tell: (event: TaskEvent) => void events.push(event), signal: new AbortController().signal };
  const result = await findCameras(task, { ...context, pause: { isPaused: false } });
  expect(taskResults['find-cameras'].safeParse(result).success).toBe(true);
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  return { ...result, warnings, hasPoints: events.some(({ type }) => type === 'points') };
}

describe('cameras that came with the photos', () => {
  const given = [photo('a.jpg', poseAt(0, 0, 2)), photo('b.jpg', poseAt(0, 1, 2))];
  /** 2.5 of the sensor's units for each of theirs. */
  const rig = calibration('rig.json', { 'a.jpg': poseAt(0, 0, 5), 'b.jpg': poseAt(0, 2.5, 5) });
  const scaleOf = async (sensor: ReconstructSensor, photos = given, calibrations = [rig]) =>
    (await carryOut({ photos, cameras: 'given', sensors: [sensor], calibrations })).scale;

  it('keep them, and their world is counted in metres by the calibration', async () => {
    expect(await scaleOf(cloud('metres.ply', 'metre'))).toBeCloseTo(2.5, 9);
  });

  it.each([
    ['foot', 0.3048],
    ['us-survey-foot', 1200 / 3937],
  ] as const)('by one in %s as well, whether the file says so or the user', async (unit, metres) => {
    expect(await scaleOf(cloud('feet.ply', unit))).toBeCloseTo(2.5 * metres, 9);
    expect(await scaleOf(cloud('unknown.ply', 'unknown', { unit }))).toBeCloseTo(2.5 * metres, 9);
    // What the file says counts.
    expect(await scaleOf(cloud('metres.ply', 'metre', { unit }))).toBeCloseTo(2.5, 9);
  });

  it('are left alone where the unit is not known, no cloud is used, or they are in metres already', async () => {
    expect(await scaleOf(cloud('unknown.ply', 'unknown'))).toBe(1);
    expect(await scaleOf(cloud('metres.ply', 'metre', { isUsed: false }))).toBe(1);
    const scaled = [photo('a.jpg', poseAt(0, 0, 5)), photo('b.jpg', poseAt(0, 2.5, 5))];
    expect(await scaleOf(cloud('metres.ply', 'metre'), scaled)).toBe(1);
    // Of one alone nothing tells.
    expect(await scaleOf(cloud('metres.ply', 'metre'), [given[0]!])).toBe(1);
  });

  it('are scaled by picked points where there is no calibration', async () => {
    const place = { scale: 0.5, rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [7, 8, 9] as [number, number, number] }; // prettier-ignore
    const picked = { worldFromSensor: place };
    expect(await scaleOf(cloud('metres.ply', 'metre', picked), given, [])).toBeCloseTo(2, 9);
    expect(await scaleOf(cloud('unknown.ply', 'unknown', { ...picked, unit: 'foot' }), given, [])).toBeCloseTo(0.6096, 9); // prettier-ignore
    expect(await scaleOf(cloud('unknown.ply', 'unknown', picked), given, [])).toBe(1);
  });
});

describe('photos without cameras, and a calibration that does not pose them', () => {
  it('are refused in words where there is no other way', async () => {
    const lensless = calibration('lensless.json', { 'a.jpg': poseAt(0, 0, 1) });
    const task = { photos: [photo('a.jpg')], cameras: 'calibrated', sensors: [cloud('metres.ply', 'metre')] } as const;
    await expect(carryOut({ ...task, photos: [photo('a.jpg')], sensors: [...task.sensors], calibrations: [lensless] })).rejects.toThrow(/does not say where this photo was taken from/); // prettier-ignore
  });
});

describe('cameras that are looked for', () => {
  const photos = ['03.jpg', '04.jpg', '05.jpg'].map((name) => photo(name, null, join(SAMPLE, name)));

  const sample = writeSensorFolder(join(folder, 'sensors'), 11);
  const scan = (path: string): ReconstructSensor => ({ kind: 'lidar', path, isUsed: true, unit: null, upAxis: null, worldFromSensor: null }); // prettier-ignore

  it('come onto a cloud without calibration by its shape, into its world and its metres', async () => {
    const room = boxScene(ROOM, null);
    const scanned = (options: object, at: Vec3, seed: number) =>
      simulateLidar(room, { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: at }, { ...LIDAR_64, ...options }, createRandom(seed)).points; // prettier-ignore
    const whole = scanned({ elevationDeg: [-50, 40], azimuthDeg: [-180, 180], azimuthStepDeg: 3 }, [0, 0, 0], 1);
    const path = join(folder, 'room.ply');
    // In feet, as some scanners write them, and said by the user alone.
    const inFeet = { ...whole, positions: whole.positions.map((v) => v / 0.3048), frame: { unit: 'unknown', upAxis: 'unknown', crs: null } } as const; // prettier-ignore
    writeFileSync(path, writeCloudPly(inFeet, { generator: 'test' }));
    const opened = await openSensors({ lidar: [path], radar: [], calibrations: [], said: new Map([[path, { unit: 'foot', upAxis: 'z' }]]) }); // prettier-ignore
    // What photos would have made of part of the room: half its size, elsewhere.
    const part = scanned({ rings: 24, elevationDeg: [-30, 20], azimuthDeg: [-100, 100], azimuthStepDeg: 5 }, [0.4, 0.3, 0.2], 2); // prettier-ignore
    const positions = Float64Array.from(part.positions, (v, i) => (v + [0.4, 0.3, 0.2][i % 3]! - [4, -7, 2][i % 3]!) / 2); // prettier-ignore
    const points = { count: part.count, positions, colors: new Uint8Array(positions.length) };
    const cameras = [poseAt(0, 0, 2), poseAt(0, 1, 2)].map(({ camera }, i) => ({ imagePath: photos[i]!.path, lens: 0, cameraFromWorld: camera.cameraFromWorld })); // prettier-ignore
    const model = { lenses: [], photos: cameras, points } as unknown as SparseModel;
    const poses = photos.slice(0, 2).map(({ photoId }, i) => ({ photoId, pose: poseAt(0, i, 2), outcome: null }));
    const sensors = [{ ...scan(path), unit: 'foot', upAxis: 'z' }];
    const task = { seed: 1, photos, sensors } as unknown as TaskOf<'find-cameras'>;
    const found = { model, upConfidence: 1 } as unknown as PhotoCameras & { model: SparseModel };
    const placed = placeFound(task, found, poses, { opened, signal: new AbortController().signal });
    const worldFromSensor = { scale: 0.3048, rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };
    expect(placed.registrations).toEqual([{ path, worldFromSensor }]);
    expect(placed.warnings.join()).toMatch(/by its shape/);
    const [first, second] = placed.model.photos.map(({ cameraFromWorld }) => cameraCentre(cameraFromWorld));
    // Centres were (0, 0, −2) and (−1, 0, −2): twice as far, and moved by (4, −7, 2).
    [4, -7, -2].forEach((v, k) => expect(Math.abs(first![k]! - v)).toBeLessThan(0.3));
    expect(Math.hypot(...first!.map((v, k) => v - second![k]!))).toBeCloseTo(2, 1);

    // The same cloud in the coordinates of a country: cameras come near 0, and the cloud with them.
    const lidar = { ...opened.lidar!, origin: [636_040, 4_848_960, 380] as Vec3 };
    const far = placeFound(task, found, poses, { opened: { ...opened, lidar }, signal: new AbortController().signal });
    const moved = { ...worldFromSensor, translation: [-636_000, -4_849_000, -400] };
    expect(far.registrations).toEqual([{ path, worldFromSensor: moved }]);
    // 40, −40, −20 from where the first was.
    const near = cameraCentre(far.model.photos[0]!.cameraFromWorld);
    [40, -40, -20].forEach((v, k) => expect(near[k]! - first![k]!).toBeCloseTo(v, 4));
  }, 60_000);

  it('stay in a world of their own where the shape does not tell, which is said with what helps', async () => {
    const sensors = [cloud('two points.ply', 'metre')];
    const opened = await openSensors({ lidar: [sensors[0]!.path], radar: [], calibrations: [] });
    const points = { count: 1, positions: Float64Array.of(1, 2, 3), colors: new Uint8Array(3) };
    const model = { lenses: [], photos: [], points } as unknown as SparseModel;
    const poses = photos.map(({ photoId }, i) => ({ photoId, pose: poseAt(i, 0, 0), outcome: null }));
    const task = { seed: 1, photos, sensors } as unknown as TaskOf<'find-cameras'>;
    const found = { model, upConfidence: 1 } as unknown as PhotoCameras & { model: SparseModel };
    const { signal } = new AbortController();
    const placed = placeFound(task, found, poses, { opened, signal });
    expect(placed.model).toBe(model);
    expect(placed.registrations).toEqual([{ path: sensors[0]!.path, worldFromSensor: null }]);
    expect(placed.warnings).toHaveLength(1);
    expect(placed.warnings[0]).toMatch(/by its shape.*Pick pairs of points.*drop a file/s);
  });

  it('are not, where a calibration says all of them', async () => {
    const { lidarFile, lonePhoto } = await sample;
    const { name, calibrationFile } = lonePhoto;
    const sensor = scan(lidarFile);
    const found = await carryOut({
      photos: [photo(`photos/${name}`, null, join(SAMPLE, name))],
      cameras: 'calibrated',
      sensors: [sensor],
      calibrations: [calibrationFile],
    });
    const [stated] = (JSON.parse(readFileSync(calibrationFile, 'utf8')) as { sensors: { camera: object; cameraFromSensor: number[][] }[] }).sensors; // prettier-ignore
    const [{ pose, outcome } = { pose: null, outcome: null }] = found.photos;
    expect(outcome).toBeNull();
    expect(pose?.camera.intrinsics).toMatchObject(stated!.camera);
    pose!.camera.cameraFromWorld.translation.forEach((v, k) => expect(v).toBeCloseTo(stated!.cameraFromSensor[k]![3]!, 9)); // prettier-ignore
    // Once more, they are where they should be: nothing is scaled.
    const again = await carryOut({
      photos: [photo(name, pose)],
      cameras: 'given',
      sensors: [sensor],
      calibrations: [calibrationFile],
    });
    expect(again).toMatchObject({ photos: [], scale: 1 });
  });
});

if (!existsSync(DATA)) console.log(`SKIPPED: cameras of KITTI’s and nuScenes’ photos: ${DATA} is not there`);
describe.skipIf(!existsSync(DATA))('photos of one instant', () => {
  const POINTS = [
    [10, 1, -1],
    [-6, 8, 0.5],
    [4, -9, 2],
  ] as const;
  interface Stated {
    readonly img_path: string;
    readonly cam2img: readonly (readonly number[])[];
    readonly lidar2cam?: readonly (readonly number[])[];
  }
  async function pose(set: 'kitti' | 'nuscenes', names: readonly string[], files: readonly [string, string]) {
    const [scan, stated] = files.map((name) => join(DATA, set, name));
    const found = await carryOut({
      photos: names.map((name) => photo(name, null, join(DATA, set, name))),
      cameras: names.length === 1 ? 'calibrated' : 'sought',
      sensors: [{ kind: 'lidar', path: scan!, isUsed: true, unit: null, upAxis: null, worldFromSensor: null }],
      calibrations: [stated!],
    });
    const { images } = JSON.parse(readFileSync(stated!, 'utf8')) as { images: Record<string, Stated> };
    return { found, images: Object.values(images) };
  }
  /** A point of the scan is at the pixel that the data set's own matrices give. */
  function expectStated(found: Pose | null, stated: Stated): void {
    const { intrinsics: k, cameraFromWorld } = found!.camera;
    const apply = (rows: readonly (readonly number[])[], point: readonly number[]): number[] =>
      rows.map((row) => row.reduce((sum, v, i) => sum + v * (point[i] ?? 1), 0));
    for (const point of POINTS) {
      const [u, v, w] = apply(stated.cam2img.slice(0, 3), apply(stated.lidar2cam!.slice(0, 3), point));
      const [x, y, z] = transformPoint(cameraFromWorld, [...point] as Vec3);
      expect((k.fx * x) / z + k.cx).toBeCloseTo(u! / w!, 2);
      expect((k.fy * y) / z + k.cy).toBeCloseTo(v! / w!, 2);
      expect(z).toBeCloseTo(w!, 4);
    }
  }

  it('of nuScenes have the six cameras of the calibration, without a search', async () => {
    const name = 'n015-2018-07-24-11-22-45+0800';
    const all = JSON.parse(readFileSync(join(DATA, 'nuscenes', `${name}_calib.json`), 'utf8')) as { images: Record<string, Stated> }; // prettier-ignore
    const names = Object.values(all.images).map(({ img_path }) => img_path);
    const { found, images } = await pose('nuscenes', names, [`${name}__LIDAR_TOP__1532402927647951.pcd.bin`, `${name}_calib.json`]); // prettier-ignore
    expect(found.photos).toHaveLength(6);
    found.photos.forEach(({ pose: posed, outcome, photoId }) => {
      expect(outcome).toBeNull();
      expectStated(
        posed,
        images.find(({ img_path }) => img_path === photoId)!,
      );
    });
  });

  it('of KITTI, which is one, as well', async () => {
    const { found, images } = await pose('kitti', ['000008.png'], ['000008.bin', '000008_calib.json']);
    expectStated(
      found.photos[0]!.pose,
      images.find(({ img_path }) => img_path === '000008.png')!,
    );
  });
});
