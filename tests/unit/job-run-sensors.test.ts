import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openProjectSensors } from '../../electron/jobs/run-sensors.js';
import { DEFAULT_SETTINGS } from '../../electron/service/initial-state.js';
import { writeCloudPly } from '../../engine/formats/write-cloud-ply.js';
import type { OpenedCapture } from '../../host/run/capture-input.js';

const folder = mkdtempSync(join(tmpdir(), 'vantage-run-sensors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = join(folder, 'wolke é.ply');
writeFileSync(
  path,
  writeCloudPly(
    {
      count: 2,
      origin: [0, 0, 0],
      positions: Float32Array.of(1, 2, 3, 4, 5, 6),
      colors: null,
      fields: new Map(),
      frame: { unit: 'metre', upAxis: 'z', crs: null },
    },
    { generator: 'test' },
  ),
);

const camera = {
  intrinsics: { fx: 100, fy: 100, cx: 50, cy: 50, width: 100, height: 100 },
  cameraFromWorld: { rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1], translation: [7, 8, 9] },
} as const;
const mutable = {
  ...camera,
  cameraFromWorld: { rotation: [...camera.cameraFromWorld.rotation], translation: [7, 8, 9] },
};
const CAPTURE = {
  format: 'transforms-json',
  views: [{ name: 'a.jpg', imagePath: 'a.jpg', maskPath: null, camera: mutable, distortion: null }],
  warnings: [],
} as unknown as OpenedCapture;
const CLOUD = { kind: 'lidar', path, isUsed: true, unit: null, upAxis: null, worldFromSensor: null } as const;

function open(sensor: object, calibrations: string[] = []) {
  const sensors = [{ ...CLOUD, ...sensor }];
  return openProjectSensors({ sensors, calibrations, settings: DEFAULT_SETTINGS }, CAPTURE, {});
}
const place = (found: Awaited<ReturnType<typeof open>>) =>
  found!.sensors!.cameraFromSensor('lidar', 'a.jpg', mutable as never);

describe('clouds of a project, in a run', () => {
  it('are none where none is used', async () => {
    expect(await open({ isUsed: false })).toBeNull();
  });

  it('are in the capture’s own frame where nothing says otherwise, which is said, and then metres are metres', async () => {
    const found = await open({});
    expect(place(found)).toEqual(mutable.cameraFromWorld);
    expect(found).toMatchObject({ isMetric: true });
    expect(found!.warnings.join(' ')).toMatch(/own frame/);
  });

  it('are in the coordinates of their file where the cameras are counted from near themselves', async () => {
    const counted = { ...CAPTURE, origin: [636_000, 4_848_900, 400] } as OpenedCapture;
    const task = { sensors: [CLOUD], calibrations: [], settings: DEFAULT_SETTINGS };
    const { rotation, translation } = place(await openProjectSensors(task, counted, {}))!;
    expect(rotation).toEqual(mutable.cameraFromWorld.rotation);
    // R (p − o) + t, at p = 0 and for a turn that takes (x, y, z) to (−y, x, z): (4848900 + 7, −636000 + 8, −400 + 9).
    expect(translation).toEqual([4_848_907, -635_992, -391]);
  });

  it('are where picked points put them, in the scene’s unit', async () => {
    const worldFromSensor = { scale: 2, rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1], translation: [10, 0, 0] };
    const found = await open({ worldFromSensor });
    expect([...found!.sensors!.sensors.lidar!.positions]).toEqual([6, 2, 6, 0, 8, 12]);
    expect(place(found)).toEqual(mutable.cameraFromWorld);
    expect(found!.isMetric).toBe(false);
  });

  it('go by a calibration of a lone photo, whose camera stays', async () => {
    const calibration = join(folder, 'calibration.json');
    const cameraFromSensor = { quaternion: [1, 0, 0, 0], translation: [0.5, 0, 0] };
    writeFileSync(calibration, JSON.stringify({ sensors: [{ sensor: 'lidar', photo: 'a.jpg', cameraFromSensor }] }));
    const found = await open({}, [calibration]);
    expect(place(found)).toEqual({ rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0.5, 0, 0] });
  });
});
