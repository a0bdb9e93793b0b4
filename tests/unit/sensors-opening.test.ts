/** Clouds in other units than metres, and what was said of those that do not say: one world in metres, calibrations and captures with them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ReconstructSensor } from '../../electron/ipc/job-contract.js';
import { openProjectSensors } from '../../electron/jobs/run-sensors.js';
import { DEFAULT_SETTINGS } from '../../electron/service/initial-state.js';
import { writeCloudPly } from '../../engine/formats/write-cloud-ply.js';
import type { LengthUnit } from '../../engine/scene/sensor-points.js';
import type { OpenedCapture } from '../../host/run/capture-input.js';
import { openSensors } from '../../host/sensors/open-sensors.js';
import { placeSensors } from '../../host/sensors/place-sensors.js';

const folder = mkdtempSync(join(tmpdir(), 'vantage-units-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function cloud(name: string, unit: LengthUnit): string {
  const path = join(folder, name);
  const frame = { unit, upAxis: 'unknown', crs: null } as const;
  const positions = Float32Array.of(10, 20, 30);
  writeFileSync(path, writeCloudPly({ count: 1, origin: [0, 0, 0], positions, colors: null, fields: new Map(), frame }, { generator: 'test' })); // prettier-ignore
  return path;
}
const calibration = join(folder, 'calibration.json');
const cameraFromSensor = { quaternion: [1, 0, 0, 0], translation: [10, 0, 0] };
writeFileSync(calibration, JSON.stringify({ sensors: [{ sensor: 'lidar', photo: 'a.jpg', cameraFromSensor }] }));
const [feet, unsaid, metres] = [cloud('feet.ply', 'foot'), cloud('unsaid.ply', 'unknown'), cloud('metres.ply', 'metre')]; // prettier-ignore

const camera = {
  intrinsics: { fx: 100, fy: 100, cx: 50, cy: 50, width: 100, height: 100 },
  cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [1, 2, 3] },
};
const CAPTURE = {
  format: 'transforms-json',
  views: [{ name: 'a.jpg', imagePath: 'a.jpg', maskPath: null, camera, distortion: null }],
  warnings: [],
} as unknown as OpenedCapture;

describe('a cloud in feet', () => {
  it.each([
    ['by its file', feet, undefined],
    ['by what was said', unsaid, new Map([[unsaid, { unit: 'foot', upAxis: 'y' } as const]])],
  ])('%s comes to metres, and its calibration with it', async (_, path, said) => {
    const opened = await openSensors({ lidar: [path], radar: [], calibrations: [calibration], ...(said ? { said } : {}) }); // prettier-ignore
    expect(opened.unit).toBe('metre');
    [3.048, 6.096, 9.144].forEach((v, k) => expect(opened.lidar!.positions[k]).toBeCloseTo(v, 5));
    expect(opened.rig.lidar[0]?.cameraFromSensor.translation[0]).toBeCloseTo(3.048, 12);
    expect(opened.lidar!.frame.upAxis).toBe(said ? 'y' : 'unknown');
  });

  it('in the capture’s own frame brings the capture along', async () => {
    const opened = await openSensors({ lidar: [feet], radar: [], calibrations: [] });
    const placed = placeSensors(CAPTURE, opened, { model: null, isUpright: false, seed: 1 });
    expect(placed.worldFromCapture?.scale).toBe(0.3048);
    [0.3048, 0.6096, 0.9144].forEach((v, k) =>
      expect(placed.capture.views[0]!.camera.cameraFromWorld.translation[k]).toBeCloseTo(v, 12),
    );
  });

  it('is not what its file says is metres, and unknown stays unknown', async () => {
    const said = new Map([[metres, { unit: 'foot', upAxis: null } as const]]);
    expect((await openSensors({ lidar: [metres], radar: [], calibrations: [], said })).lidar!.positions[0]).toBe(10);
    expect((await openSensors({ lidar: [unsaid], radar: [], calibrations: [] })).unit).toBe('unknown');
  });
});

describe('a project’s cloud in a run', () => {
  const open = (path: string, more: Partial<ReconstructSensor>) => {
    const sensor = { kind: 'lidar', path, isUsed: true, unit: null, upAxis: null, worldFromSensor: null, ...more } as const; // prettier-ignore
    return openProjectSensors({ sensors: [sensor], calibrations: [], settings: DEFAULT_SETTINGS }, CAPTURE, {});
  };
  const xOf = (found: Awaited<ReturnType<typeof open>>) => found?.sensors?.sensors.lidar?.positions[0];

  it('is in metres where the user says so', async () => {
    expect((await open(unsaid, {}))?.isMetric).toBe(false);
    expect((await open(unsaid, { unit: 'metre' }))?.isMetric).toBe(true);
  });

  it('in feet, in the frame of the cameras, leaves them and itself as they are', async () => {
    const found = await open(feet, { frame: 'cameras' });
    expect(xOf(found)).toBeCloseTo(10, 5);
    expect(found?.isMetric).toBe(false);
  });

  it('that cameras were brought onto in metres lies there in metres', async () => {
    const found = await open(feet, { frame: 'metres' });
    expect(xOf(found)).toBeCloseTo(3.048, 5);
    expect(found?.isMetric).toBe(true);
    expect(found?.sensors?.cameraFromSensor('lidar', 'a.jpg', CAPTURE.views[0]!.camera)).toEqual(camera.cameraFromWorld); // prettier-ignore
  });

  it('placed by picks is metric at the scale of its unit', async () => {
    const at = (scale: number) => ({ worldFromSensor: { scale, rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] as [number, number, number] } }); // prettier-ignore
    expect((await open(metres, at(1)))?.isMetric).toBe(true);
    expect((await open(metres, at(1.5)))?.isMetric).toBe(false);
    expect((await open(unsaid, { ...at(0.3048), unit: 'foot' }))?.isMetric).toBe(true);
    expect((await open(unsaid, at(1)))?.isMetric).toBe(false);
  });

  it('that a calibration places to one photo alone makes no metres of cameras that were found', async () => {
    const calibrated = (frame: ReconstructSensor['frame']) => {
      const sensor = { kind: 'lidar', path: metres, isUsed: true, unit: null, upAxis: null, worldFromSensor: null, frame } as const; // prettier-ignore
      return openProjectSensors({ sensors: [sensor], calibrations: [calibration], settings: DEFAULT_SETTINGS }, CAPTURE, {}); // prettier-ignore
    };
    expect((await calibrated('unknown'))?.isMetric).toBe(false);
    expect((await calibrated('cameras'))?.isMetric).toBe(true);
  });

  it('is left out, by name and with what helps, where nothing says where it lies', async () => {
    const found = await open(metres, { frame: 'unknown' });
    expect(found?.sensors).toBeNull();
    expect(found?.warnings.join()).toMatch(/^metres\.ply is left out.*Pick pairs/);
  });
});
