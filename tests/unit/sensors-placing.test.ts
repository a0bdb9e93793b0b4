import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { composeRigid, invertRigid, transformPoint, transposeMat } from '../../engine/math/rigid-transform.js';
import { rotationOfVector } from '../../engine/math/rotation-vector.js';
import type { Similarity } from '../../engine/poses/align-similarity.js';
import { transformBySimilarity } from '../../engine/poses/align-similarity.js';
import type { Camera } from '../../engine/scene/camera.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import type { SensorPlacement, SensorRig } from '../../engine/scene/sensor-rig.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import type { CaptureView } from '../../engine/scene/view.js';
import type { OpenedCapture } from '../../host/run/capture-input.js';
import { moveCapture } from '../../host/sensors/moved-capture.js';
import type { OpenedSensors } from '../../host/sensors/open-sensors.js';
import { placeSensors, poseByRig } from '../../host/sensors/place-sensors.js';
import { refineCapture } from '../../host/sensors/refined-capture.js';
import { LIDAR_64, normal, simulateLidar } from '../fixtures/sensors/simulate-sensors.js';
import { boxScene, ROOM } from '../fixtures/sensors/street-scene.js';

const INTRINSICS = { fx: 500, fy: 510, cx: 320, cy: 240, width: 640, height: 480 };
const HERE: RigidTransform = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };
const camera1: RigidTransform = { rotation: rotationOfVector([0.1, -0.2, 0.05]), translation: [0.3, 0.1, 2] };
const camera2: RigidTransform = { rotation: rotationOfVector([0.0, 0.3, -0.1]), translation: [-0.8, 0.2, 1.5] };

function viewOf(name: string, cameraFromWorld: RigidTransform): CaptureView {
  const camera = { intrinsics: INTRINSICS, cameraFromWorld };
  return { name, imagePath: `images/${name}`, maskPath: null, camera, distortion: null };
}

/** A capture whose photos are never looked at; it answers with the cameras that it was opened with. */
function captureOf(views: readonly CaptureView[], format: OpenedCapture['format'] = 'transforms-json'): OpenedCapture {
  return {
    format,
    views,
    warnings: [],
    load: (chosen) => {
      const image = { width: 1, height: 1, data: new Float32Array(3) };
      return Promise.resolve({
        views: chosen.map((view) => ({ ...views[views.indexOf(view)]!, image, mask: null })),
        warnings: [],
      });
    },
    cameraOf: (view) => Promise.resolve(views[views.indexOf(view)]!.camera),
  };
}

const CAPTURE = captureOf([viewOf('a.jpg', camera1), viewOf('b.jpg', camera2)]);

function cloudOf(positions: ArrayLike<number> = [0, 0, 5]): SensorPoints {
  return {
    count: positions.length / 3,
    origin: [0, 0, 0],
    positions: Float32Array.from(positions),
    colors: null,
    fields: new Map(),
    frame: { unit: 'metre', upAxis: 'z', crs: null },
  };
}

const placementOf = (photo: string | null, cameraFromSensor: RigidTransform): SensorPlacement => ({
  photo,
  channel: null,
  intrinsics: null,
  cameraFromSensor,
});

function sensorsOf(given: Partial<OpenedSensors>, rig: Partial<SensorRig> = {}): OpenedSensors {
  return { lidar: null, radar: null, unit: 'metre', rig: { lidar: [], radar: [], warnings: [], ...rig }, ...given };
}

const GIVEN = { model: null, isUpright: true, seed: 1 };

function expectTransform(found: RigidTransform | null, expected: RigidTransform): void {
  for (const point of [
    [0, 0, 0],
    [1, 2, 3],
    [-2, 0.5, 1],
  ] as Vec3[])
    // prettier-ignore
    transformPoint(found!, point).forEach((v, k) => expect(v).toBeCloseTo(transformPoint(expected, point)[k]!, 9));
}

/** Pixel of a point, by the pinhole equation. */
function project({ intrinsics: k, cameraFromWorld }: Camera, point: Vec3): number[] {
  const [x, y, z] = transformPoint(cameraFromWorld, point);
  return [(k.fx * x) / z + k.cx, (k.fy * y) / z + k.cy];
}

describe('a capture in another world', () => {
  const newFromOld: Similarity = { scale: 2.5, rotation: rotationOfVector([0.3, -1, 0.4]), translation: [7, -3, 1] };
  const moved = moveCapture(CAPTURE, newFromOld);
  const point: Vec3 = [0.2, -0.1, 4];
  const expectSame = (camera: Camera, name: string): void => {
    const before = CAPTURE.views.find((view) => view.name === name)!.camera;
    project(camera, transformBySimilarity(newFromOld, point)).forEach((v, k) =>
      expect(v).toBeCloseTo(project(before, point)[k]!, 6),
    );
    const depth = (c: Camera, p: Vec3) => transformPoint(c.cameraFromWorld, p)[2];
    expect(depth(camera, transformBySimilarity(newFromOld, point))).toBeCloseTo(2.5 * depth(before, point), 6);
  };

  it('sees a point at the same pixel, scale times as far, whichever way its camera is asked for', async () => {
    for (const view of moved.views) {
      expectSame(view.camera, view.name);
      expectSame(await moved.cameraOf(view, undefined), view.name);
    }
    const { views } = await moved.load([...moved.views].reverse(), {});
    expect(views.map(({ name }) => name)).toEqual(['b.jpg', 'a.jpg']);
    views.forEach(({ camera, name }) => expectSame(camera, name));
  });
});

describe('a capture with cameras that are known better', () => {
  const model = {
    lenses: [],
    photos: [{ imagePath: 'images/b.jpg', lens: 1, cameraFromWorld: HERE }],
    points: {},
  } as unknown as SparseModel;
  const bent = { k1: -0.1, k2: 0.02, p1: 0.001, p2: 0, k3: 0, k4: 0, k5: 0, k6: 0 };
  const [a, b] = CAPTURE.views as [CaptureView, CaptureView];
  const better = refineCapture(captureOf([a, { ...b, distortion: bent }]), model, [7, 1.1]);

  it('has them whichever way they are asked for, with the factor of their lens; others stay', async () => {
    const { views } = await better.load(better.views, {});
    const asked = await Promise.all(better.views.map((view) => better.cameraOf(view, undefined)));
    for (const cameras of [better.views.map(({ camera }) => camera), views.map(({ camera }) => camera), asked]) {
      expect(cameras[0]).toEqual(a.camera);
      expect(cameras[1]!.cameraFromWorld).toEqual(HERE);
      expect(cameras[1]!.intrinsics.fx).toBeCloseTo(550, 9);
      expect(cameras[1]!.intrinsics.fy).toBeCloseTo(561, 9);
      expect(cameras[1]!.intrinsics.cx).toBe(320);
    }
  });

  it('bends at the same pixels: r² of the plane z = 1 is smaller by 1.21', () => {
    const { distortion } = better.views[1]!;
    expect(distortion!.k1).toBeCloseTo(-0.1 * 1.21, 12);
    expect(distortion!.k2).toBeCloseTo(0.02 * 1.4641, 12);
    expect(distortion!.p1).toBeCloseTo(0.0011, 12);
  });
});

describe('photos that a rig poses', () => {
  const files = { label: 'here', list: () => Promise.resolve([]), has: () => Promise.resolve(true), read: () => Promise.reject(new Error('not read')) }; // prettier-ignore
  const photos = { files, imagePaths: ['front/a.jpg', 'front/b.jpg'] };
  const stated = (photo: string, transform: RigidTransform) => ({ ...placementOf(photo, transform), intrinsics: INTRINSICS }); // prettier-ignore
  const rig = { lidar: [stated('a.jpg', camera1), stated('b.jpg', camera2)] };

  it('have the sensor’s frame as their world, its unit, and the sensor where it is', () => {
    const sensors = sensorsOf({ lidar: cloudOf() }, rig);
    const capture = poseByRig(photos, sensors)!;
    expect(capture.views.map(({ camera }) => camera.cameraFromWorld)).toEqual([camera1, camera2]);
    const placed = placeSensors(capture, sensors, GIVEN);
    expect(placed.capture).toBe(capture);
    expect(placed.warnings).toEqual([]);
    capture.views.forEach(({ name, camera }) =>
      expectTransform(placed.cameraFromSensor('lidar', name, camera), camera.cameraFromWorld),
    );
  });

  it('a lone one takes the only placement, with a word on whose it is and none on scale', () => {
    const sensors = sensorsOf({ lidar: cloudOf() }, { lidar: [stated('other.jpg', camera1)] });
    const capture = poseByRig({ files, imagePaths: ['a.jpg'] }, sensors)!;
    expect(placeSensors(capture, sensors, GIVEN).warnings).toEqual([
      'a.jpg is not named in the calibration: that of other.jpg is used.',
    ]);
  });

  it('are not posed where a photo, a lens or the sensor is missing', () => {
    expect(poseByRig(photos, sensorsOf({}, rig))).toBeNull();
    expect(poseByRig(photos, sensorsOf({ radar: cloudOf() }, rig))).toBeNull();
    expect(poseByRig(photos, sensorsOf({ lidar: cloudOf() }, { lidar: [rig.lidar[0]!] }))).toBeNull();
    const open = { lidar: [rig.lidar[0]!, placementOf('b.jpg', camera2)] };
    expect(poseByRig(photos, sensorsOf({ lidar: cloudOf() }, open))).toBeNull();
  });
});

describe('a rig beside a capture’s own cameras', () => {
  /** The sensor's world is twice the capture's: a camera's centre is −Rᵀ t, so t doubles. */
  const doubled = ({ rotation, translation }: RigidTransform): RigidTransform => ({
    rotation,
    translation: translation.map((v) => 2 * v) as Vec3,
  });
  const [sensor1, sensor2] = [doubled(camera1), doubled(camera2)];

  it('gives scale 2 by the distance of the cameras, and each photo its own placement', () => {
    const rig = { lidar: [placementOf('a.jpg', sensor1), placementOf('b.jpg', sensor2)] };
    const placed = placeSensors(CAPTURE, sensorsOf({ lidar: cloudOf() }, rig), GIVEN);
    expect(placed.warnings).toEqual([]);
    placed.capture.views.forEach(({ camera }, i) => expectTransform(camera.cameraFromWorld, [sensor1, sensor2][i]!));
    const [a] = placed.capture.views;
    expectTransform(placed.cameraFromSensor('lidar', 'a.jpg', a!.camera), sensor1);
    expect(placed.cameraFromSensor('radar', 'a.jpg', a!.camera)).toBeNull();
  });

  it('that names one photo is carried to the others by their cameras, and the unit is said to be taken', () => {
    const rig = { lidar: [placementOf('a.jpg', sensor1)] };
    const placed = placeSensors(CAPTURE, sensorsOf({ lidar: cloudOf() }, rig), GIVEN);
    expect(placed.warnings).toHaveLength(1);
    expect(placed.warnings[0]).toContain('one photo of the capture only');
    const worldFromSensor = composeRigid(invertRigid(camera1), sensor1);
    const [, b] = placed.capture.views;
    expectTransform(placed.cameraFromSensor('lidar', 'b.jpg', b!.camera), composeRigid(camera2, worldFromSensor));
  });

  it.each([
    ['other photos', { lidar: [placementOf('x.jpg', camera1)] }, /names none of the photos/],
    ['one sensor and no photo of the other', { lidar: [placementOf('a.jpg', camera1)], radar: [placementOf('x.jpg', camera1)] }, /radar names none/], // prettier-ignore
  ])('for %s is refused', (_, rig, message) => {
    const radar = 'radar' in rig ? cloudOf() : null;
    const place = () => placeSensors(CAPTURE, sensorsOf({ lidar: cloudOf(), radar }, rig), GIVEN);
    expect(place).toThrow(ImportError);
    expect(place).toThrow(message);
  });

  it('for another sensor is refused', () => {
    const rig = { radar: [placementOf('a.jpg', camera1)] };
    expect(() => placeSensors(CAPTURE, sensorsOf({ lidar: cloudOf() }, rig), GIVEN)).toThrow(/nothing of the LiDAR/);
  });
});

describe('clouds without a calibration', () => {
  it('are in the capture’s frame, which is said', () => {
    const placed = placeSensors(CAPTURE, sensorsOf({ lidar: cloudOf() }), GIVEN);
    expect(placed.capture).toBe(CAPTURE);
    expect(placed.warnings).toHaveLength(1);
    expect(placed.warnings[0]).toContain('LiDAR');
    expectTransform(placed.cameraFromSensor('lidar', 'b.jpg', CAPTURE.views[1]!.camera), camera2);
  });

  it('are in the coordinates of its file, where the capture is counted from near its cameras', () => {
    const far = { ...CAPTURE, origin: [636_000, 4_848_900, 400] as Vec3 };
    const placed = placeSensors(far, sensorsOf({ lidar: cloudOf() }), GIVEN);
    const cameraFromSensor = placed.cameraFromSensor('lidar', 'b.jpg', far.views[1]!.camera)!;
    const seen = transformPoint(cameraFromSensor, [636_001, 4_848_902, 403]);
    transformPoint(camera2, [1, 2, 3]).forEach((value, axis) => expect(seen[axis]).toBeCloseTo(value, 6));
  });

  it('may be the LiDAR’s alone: the radar has its own, and nothing is scaled', () => {
    const radarAt: RigidTransform = { rotation: rotationOfVector([0, 0.2, 0]), translation: [5, 0, 0] };
    const rig = { radar: [placementOf('a.jpg', radarAt), placementOf('b.jpg', camera2)] };
    const placed = placeSensors(CAPTURE, sensorsOf({ lidar: cloudOf(), radar: cloudOf() }, rig), GIVEN);
    expect(placed.capture).toBe(CAPTURE);
    const [a] = CAPTURE.views;
    expectTransform(placed.cameraFromSensor('lidar', 'a.jpg', a!.camera), camera1);
    expectTransform(placed.cameraFromSensor('radar', 'a.jpg', a!.camera), radarAt);
  });
});

describe('cameras that were found in this run', () => {
  const TRUTH: Similarity = { scale: 3.7, rotation: rotationOfVector([0, 0, 2.1]), translation: [4, -7, 2] };
  const room = boxScene(ROOM, null);
  const scan = (options: Partial<typeof LIDAR_64>, at: Vec3, seed: number) =>
    simulateLidar(room, { ...HERE, translation: at }, { ...LIDAR_64, ...options }, createRandom(seed)).points;
  const cloud = scan({ elevationDeg: [-50, 40], azimuthDeg: [-180, 180], azimuthStepDeg: 3 }, [0, 0, 0], 1);
  /** What photos would have made of part of the room, in a world of their own. */
  const seen = scan({ rings: 24, elevationDeg: [-30, 20], azimuthDeg: [-100, 100], azimuthStepDeg: 5 }, [0.4, 0.3, 0.2], 2); // prettier-ignore
  const random = createRandom(3);
  const back = transposeMat(TRUTH.rotation);
  const found = new Float64Array(3 * seen.count);
  for (let i = 0; i < seen.count; i++) {
    const shifted = [0, 1, 2].map(
      (k) => (seen.positions[3 * i + k]! + [0.4, 0.3, 0.2][k]! + 0.02 * normal(random) - TRUTH.translation[k]!) / TRUTH.scale, // prettier-ignore
    ) as Vec3;
    found.set(transformPoint({ rotation: back, translation: [0, 0, 0] }, shifted), 3 * i);
  }
  const model = { lenses: [], photos: [], points: { count: seen.count, positions: found } } as unknown as SparseModel;
  const options = { model, isUpright: true, seed: 1 };

  it('come to the cloud by its shape, scale 3.7, and a calibrated radar with them', () => {
    const radarAt: RigidTransform = { rotation: HERE.rotation, translation: [0, 0, 1] };
    const rig = { radar: [placementOf('a.jpg', radarAt)] };
    const placed = placeSensors(CAPTURE, sensorsOf({ lidar: cloud, radar: cloudOf() }, rig), options);
    expect(placed.warnings[0]).toContain('by its shape');
    const [a, b] = placed.capture.views;
    const centre = (c: Camera) => invertRigid(c.cameraFromWorld).translation;
    const expected = transformBySimilarity(TRUTH, centre(CAPTURE.views[0]!.camera));
    centre(a!.camera).forEach((v, k) => expect(Math.abs(v - expected[k]!)).toBeLessThan(0.4));
    const apart = (x: Vec3, y: Vec3) => Math.hypot(...x.map((v, k) => v - y[k]!));
    const before = apart(centre(CAPTURE.views[0]!.camera), centre(CAPTURE.views[1]!.camera));
    expect(apart(centre(a!.camera), centre(b!.camera)) / before / 3.7).toBeCloseTo(1, 1);
    expectTransform(placed.cameraFromSensor('lidar', 'a.jpg', a!.camera), a!.camera.cameraFromWorld);
    expectTransform(placed.cameraFromSensor('radar', 'a.jpg', a!.camera), radarAt);
  }, 30_000);

  it('are counted from near them where the cloud’s coordinates are large, and see what they would see', () => {
    const origin: Vec3 = [636_040, 4_848_960, 380];
    const near = placeSensors(CAPTURE, sensorsOf({ lidar: cloud }), options);
    const far = placeSensors(CAPTURE, sensorsOf({ lidar: { ...cloud, origin } }), options);
    expect(far.capture.origin).toEqual([636_000, 4_849_000, 400]);
    expect(far.warnings.join(' ')).toContain('(636000, 4849000, 400)');
    const seenBy = ({ capture, cameraFromSensor }: typeof near, point: Vec3) =>
      transformPoint(cameraFromSensor('lidar', 'a.jpg', capture.views[0]!.camera)!, point);
    const there = seenBy(far, [636_041, 4_848_962, 383]);
    seenBy(near, [1, 2, 3]).forEach((value, axis) => expect(there[axis]).toBeCloseTo(value, 4));
    for (const { camera } of far.capture.views)
      expect(Math.max(...invertRigid(camera.cameraFromWorld).translation.map(Math.abs))).toBeLessThan(200);
  }, 30_000);

  it('leave out a radar that nothing places, and say so; a radar alone is refused', () => {
    const both = placeSensors(CAPTURE, sensorsOf({ lidar: cloud, radar: cloudOf() }), options);
    expect(both.warnings.join(' ')).toContain('left out');
    expect(both.cameraFromSensor('radar', 'a.jpg', both.capture.views[0]!.camera)).toBeNull();
    expect(() => placeSensors(CAPTURE, sensorsOf({ radar: cloudOf() }), options)).toThrow(ImportError);
  }, 30_000);

  it('are refused where the shape says nothing', () => {
    expect(() => placeSensors(CAPTURE, sensorsOf({ lidar: cloudOf() }), options)).toThrow(/by its shape/);
  });
});
