import { describe, expect, it } from 'vitest';
import type { ProjectSensors } from '../../electron/jobs/run-sensors.js';
import { tellSensors } from '../../electron/jobs/tell-sensors.js';
import type { Reconstruction } from '../../engine/pipeline/reconstruction.js';
import type { Camera } from '../../engine/scene/camera.js';
import { taskResults } from '../../electron/ipc/job-contract.js';

const errors = { count: 5, absRel: 0.1, medianRel: 0.1, mae: 1, rmse: 2, delta1: 0.9 };
const REPORT = {
  unit: 'metre',
  lossWeight: 0.1,
  lidarCount: 50,
  radarCount: 0,
  errors: [{ stage: 'trained', ...errors }],
  residuals: { edges: [-1, 0, 1], counts: [2, 3] },
};
const RESIDUALS = { count: 2, positions: Float32Array.of(1, 2, 3, 4, 5, 6), residuals: Float32Array.of(0.5, -0.25) };
/** A quarter turn about z, then a shift. */
const camera: Camera = {
  intrinsics: { fx: 100, fy: 100, cx: 50, cy: 50, width: 100, height: 100 },
  cameraFromWorld: { rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1], translation: [7, 8, 9] },
};
const VIEWS = [{ name: 'a.jpg', camera }];
const CLOUD = { kind: 'lidar', path: '/a.ply', isUsed: true, unit: null, upAxis: null, worldFromSensor: null } as const;
const IDENTITY = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] } as const;

function ended(change: object = {}): Pick<Reconstruction, 'report' | 'sensorResiduals'> {
  return { report: { sensors: REPORT }, sensorResiduals: RESIDUALS, ...change } as never;
}

function run(opened: object, clouds: readonly object[] = [CLOUD]) {
  const sensors = { cameraFromSensor: () => null };
  const standard = {
    sensors,
    isMetric: true,
    sceneUnitsPerSensorUnit: { lidar: 1, radar: 1 },
    scaleUncertainty: null,
    warnings: [],
  };
  return {
    views: VIEWS,
    clouds: clouds as (typeof CLOUD)[],
    opened: { ...standard, ...opened } as unknown as ProjectSensors,
  };
}
const placedAt = (place: (sensor: string) => unknown) => ({ sensors: { cameraFromSensor: place } });

describe('what a run says of its sensors', () => {
  it('is the table, the histogram and the residuals in the window’s words', () => {
    const told = tellSensors(ended(), run({}));
    expect(told.isMetric).toBe(true);
    expect(told.sensorReport).toEqual({
      unit: 'metre',
      rows: [{ name: 'trained', mae: 1, rmse: 2, absRel: 0.1, delta1: 0.9, count: 5 }],
      histogram: { edges: [-1, 0, 1], counts: [2, 3] },
    });
    expect([...new Float32Array(told.sensorResiduals!)]).toEqual([1, 2, 3, 0.5, 4, 5, 6, -0.25]);
    const whole = { splats: new ArrayBuffer(0), count: 0, iteration: 1, seen: null, stopped: false, scores: null };
    expect(taskResults.reconstruct.safeParse({ ...whole, warnings: [], ...told }).success).toBe(true);
  });

  it('is no table without points that were held out, and nothing without sensors', () => {
    const without = ended({ report: { sensors: { ...REPORT, errors: [], residuals: null } }, sensorResiduals: null });
    expect(tellSensors(without, run({ isMetric: false }))).toEqual({ isMetric: false, placements: [] });
    expect(tellSensors(ended({ report: { sensors: null } }), null)).toEqual({});
  });

  it('says how sure the scale is only where there are metres and something tells', () => {
    expect(tellSensors(ended(), run({ scaleUncertainty: 0.02 })).scaleUncertainty).toBe(0.02);
    expect(tellSensors(ended(), run({ scaleUncertainty: 0.02, isMetric: false }))).not.toHaveProperty(
      'scaleUncertainty',
    );
    expect(tellSensors(ended(), run({}))).not.toHaveProperty('scaleUncertainty');
  });
});

describe('where a run’s clouds came to lie', () => {
  const placements = (opened: object, clouds?: readonly object[]) =>
    tellSensors(ended(), run(opened, clouds)).placements!;

  it('in the frame of the cameras: the scene’s own', () => {
    const [only] = placements(placedAt(() => camera.cameraFromWorld));
    expect(only!.path).toBe('/a.ply');
    expect(only!.worldFromSensor).toEqual({ scale: 1, ...IDENTITY });
  });

  it('by a calibration: the camera’s place in the scene after the sensor’s place to it, at the scene’s scale', () => {
    // The sensor's origin is at (1, 0, 0) of the camera, which is at Rᵀ ((1, 0, 0) − t) = Rᵀ (−6, −8, −9) of the world.
    const cameraFromSensor = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [1, 0, 0] };
    const [only] = placements({
      ...placedAt(() => cameraFromSensor),
      sceneUnitsPerSensorUnit: { lidar: 0.5, radar: 0.5 },
    });
    expect(only!.worldFromSensor.scale).toBe(0.5);
    expect(only!.worldFromSensor.rotation).toEqual([0, 1, 0, -1, 0, 0, 0, 0, 1]);
    expect(only!.worldFromSensor.translation).toEqual([-8, 6, -9]);
  });

  it('by picked points as these say; clouds that are not used, or that nothing places, are not told of', () => {
    const worldFromSensor = { scale: 2, rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1], translation: [10, 0, 0] };
    const told = placements(
      placedAt((sensor) => (sensor === 'lidar' ? camera.cameraFromWorld : null)),
      [
        { ...CLOUD, worldFromSensor },
        { ...CLOUD, path: '/b.ply', isUsed: false },
        // Out of the run, as another LiDAR cloud was placed by hand.
        { ...CLOUD, path: '/d.ply' },
        { ...CLOUD, path: '/c.pcd', kind: 'radar' },
      ],
    );
    expect(told).toEqual([{ path: '/a.ply', worldFromSensor }]);
  });
});
