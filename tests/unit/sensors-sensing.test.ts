import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import { sensorTargetOf } from '../../engine/pipeline/sensor-supervision.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import type { View } from '../../engine/scene/view.js';
import type { RunSensors } from '../../host/sensors/sense-views.js';
import { senseViews } from '../../host/sensors/sense-views.js';
import { LIDAR_64, RADAR_4D, simulateLidar, simulateRadar } from '../fixtures/sensors/simulate-sensors.js';
import { boxScene, STREET, STREET_GROUND } from '../fixtures/sensors/street-scene.js';

const HERE: RigidTransform = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };
/** Sensor x is forward, y left, z up; the camera stands where the sensor does. */
const cameraFromSensor: RigidTransform = { rotation: [0, -1, 0, 0, 0, -1, 1, 0, 0], translation: [0, 0, 0] };
const intrinsics = { fx: 100, fy: 100, cx: 80, cy: 50, width: 160, height: 100 };

function viewOf(name: string, mask: Uint8Array | null = null): View {
  const image = { width: 160, height: 100, data: new Float32Array(160 * 100 * 3).fill(0.5) };
  return { name, camera: { intrinsics, cameraFromWorld: cameraFromSensor }, image, mask };
}

function cloudOf(rows: readonly (readonly [x: number, y: number, z: number])[]): SensorPoints {
  return {
    count: rows.length,
    origin: [0, 0, 0],
    positions: Float32Array.from(rows.flat()),
    colors: null,
    fields: new Map(),
    frame: { unit: 'metre', upAxis: 'z', crs: null },
  };
}

function runOf(lidar: SensorPoints | null, radar: SensorPoints | null, given: Partial<RunSensors> = {}): RunSensors {
  const rig = { lidar: [], radar: [], warnings: [] };
  const sensors = { lidar, radar, rig, unit: 'metre' as const };
  return { sensors, cameraFromSensor: () => cameraFromSensor, lossWeight: 0.3, holdOutEvery: 5, ...given };
}

/** Ten points 8 m ahead, a metre apart from left to right. */
const TEN = cloudOf(Array.from({ length: 10 }, (_, i) => [8, 4.5 - i, 0]));

describe('sensors in photos', () => {
  it('project by hand, and every fifth point of the cloud is kept out', async () => {
    const { views, supervision, warnings } = await senseViews([viewOf('a.jpg')], runOf(TEN, null), null);
    const { anchors, heldOut } = supervision.byView.get('a.jpg')!;
    expect([views[0]!.mask, warnings, supervision.lossWeight, supervision.unit]).toEqual([null, [], 0.3, 'metre']);
    expect([anchors[0]!.count, heldOut!.count]).toEqual([8, 2]);
    // Points 0 and 5: u = cx − fx y / x.
    expect(heldOut!.pixels[0]).toBeCloseTo(80 - (100 * 4.5) / 8, 4);
    expect(heldOut!.pixels[2]).toBeCloseTo(80 + (100 * 0.5) / 8, 4);
    expect(Array.from(heldOut!.depth)).toEqual([8, 8]);
  });

  it('say nothing of a photo that they have no place in, and keep nothing out where that is not asked', async () => {
    const run = runOf(TEN, null, {
      holdOutEvery: 0,
      cameraFromSensor: (_, photo) => (photo === 'a.jpg' ? cameraFromSensor : null),
    });
    const { views, supervision } = await senseViews([viewOf('a.jpg'), viewOf('b.jpg')], run, null);
    expect(views).toHaveLength(2);
    expect([...supervision.byView.keys()]).toEqual(['a.jpg']);
    expect(supervision.byView.get('a.jpg')!.heldOut!.count).toBe(0);
  });

  it('hold the scene to no point that a nearer surface hides from the photo', async () => {
    const steps = Array.from({ length: 21 }, (_, i) => (i - 10) / 5);
    const wall = steps.flatMap((y) => steps.slice(5, 16).map((z) => [5, y, z] as const));
    // On rays between those of the wall's points, four times as far; and one beside the wall.
    const behind = [0.1, 0.5, -0.7].map((y) => [20, 4 * y, 4 * y] as const);
    const run = runOf(cloudOf([...wall, ...behind, [20, 12, 0]]), null, { holdOutEvery: 0 });
    const view = viewOf('a.jpg');
    const { supervision } = await senseViews([view], run, null);
    const target = sensorTargetOf(view, supervision.byView.get('a.jpg'))!;
    const weightAt = (y: number, z: number): number =>
      target[2 * (Math.floor(50 - 100 * z) * 160 + Math.floor(80 - 100 * y)) + 1]!;
    expect([0.1, 0.5, -0.7].map((y) => weightAt(y / 5, y / 5))).toEqual([0, 0, 0]);
    expect(weightAt(12 / 20, 0)).toBeGreaterThan(0);
    expect(weightAt(0, 0)).toBeGreaterThan(0);
    expect(supervision.byView.get('a.jpg')!.anchors[0]!.count).toBe(wall.length + 1);
  });

  it('warn where nothing falls into any photo', async () => {
    const behind = cloudOf([[-5, 0, 0], [-6, 1, 0]]); // prettier-ignore
    const { warnings } = await senseViews([viewOf('a.jpg'), viewOf('b.jpg')], runOf(behind, null), null);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('No sensor point falls into any photo');
  });

  it('stop when the signal says so', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(senseViews([viewOf('a.jpg')], runOf(TEN, null), null, { signal })).rejects.toThrow('enough');
  });
});

describe('a street that a radar sees move', () => {
  const street = boxScene(STREET, STREET_GROUND);
  const lidar = simulateLidar(street, HERE, { ...LIDAR_64, azimuthStepDeg: 0.8 }, createRandom(1)).points;
  const radar = simulateRadar(street, HERE, { ...RADAR_4D, returns: 500 }, createRandom(2)).points;
  /** Of a point of the street. */
  const pixelOf = (x: number, y: number, z: number) =>
    Math.floor(50 - (100 * z) / x) * 160 + Math.floor(80 - (100 * y) / x);
  /** The back of the car that drives ahead, and the wall to the left. */
  const [car, wall] = [pixelOf(16, 0, 0.3), pixelOf(25, 7, 2)];

  it('has what moves masked out beside what the user masked, and says so', async () => {
    const own = new Uint8Array(160 * 100).fill(1);
    own[0] = 0;
    const run = runOf(lidar, radar);
    const { views, supervision, warnings } = await senseViews([viewOf('a.jpg', own)], run, null);
    const mask = views[0]!.mask!;
    expect([mask[0], mask[car], mask[wall]]).toEqual([0, 0, 1]);
    expect(warnings.join(' ')).toMatch(/a\.jpg: \d+ moving things? (is|are) masked out/);
    // Two cars of a few per cent of the picture.
    expect(mask.filter((counts) => counts === 0).length / mask.length).toBeLessThan(0.25);
    const { anchors, radarCount } = supervision.byView.get('a.jpg')!;
    expect(anchors.map(({ source }) => source)).toEqual(['lidar', 'radar']);
    expect(radarCount).toBe(anchors[1]!.count);
    expect(radarCount).toBeGreaterThan(50);
  });

  it('is told by a radar alone to a photo alone, and not to several, where that is said', async () => {
    const lone = await senseViews([viewOf('a.jpg')], runOf(null, radar), null);
    expect(lone.supervision.byView.get('a.jpg')!.guess?.kind).toBe('metric-depth');
    expect(lone.supervision.byView.get('a.jpg')!.radarCount).toBeGreaterThan(50);
    const both = await senseViews([viewOf('a.jpg'), viewOf('b.jpg')], runOf(null, radar), null);
    expect([...both.supervision.byView.values()].map(({ radarCount }) => radarCount)).toEqual([0, 0]);
    expect(both.warnings.filter((warning) => warning.startsWith('The radar only tells what moves'))).toHaveLength(1);
  });

  it('keeps its photo whole where nothing moves', async () => {
    const parked = boxScene(STREET.map(({ velocity: _, ...box }) => box), STREET_GROUND); // prettier-ignore
    const still = simulateRadar(parked, HERE, { ...RADAR_4D, returns: 500 }, createRandom(2)).points;
    const { views, warnings } = await senseViews([viewOf('a.jpg')], runOf(lidar, still), null);
    expect([views[0]!.mask, warnings]).toEqual([null, []]);
  });
});
