import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readColmapPointsBinary } from '../../engine/formats/read-colmap-points.js';
import { PointTree } from '../../engine/math/point-tree.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../../engine/math/rigid-transform.js';
import { createRandom } from '../../engine/math/random.js';
import { rotationAngle, rotationOfVector } from '../../engine/math/rotation-vector.js';
import type { Similarity } from '../../engine/poses/align-similarity.js';
import { transformBySimilarity } from '../../engine/poses/align-similarity.js';
import { prepareCloud } from '../../engine/poses/cloud-normals.js';
import { refineRegistration } from '../../engine/poses/refine-registration.js';
import { registerCloud } from '../../engine/poses/register-cloud.js';
import { similarityFromPicks } from '../../engine/poses/similarity-from-picks.js';
import type { LidarOptions, RangeScene } from '../fixtures/sensors/simulate-sensors.js';
import { LIDAR_64, normal, simulateLidar } from '../fixtures/sensors/simulate-sensors.js';
import { boxScene, ROOM, STREET, STREET_GROUND } from '../fixtures/sensors/street-scene.js';

/** The source's world: another scale, turn and place. */
const TRUTH: Similarity = {
  scale: 3.7,
  rotation: rotationOfVector([0, 0, 2.1]),
  translation: [4, -7, 2],
};

/** The inverse of {@link TRUTH}, applied to target points. */
function toSource(point: Vec3): Vec3 {
  const back = point.map((v, k) => (v - TRUTH.translation[k]!) / TRUTH.scale) as Vec3;
  const r = transposeMat(TRUTH.rotation);
  return [0, 1, 2].map((k) => r[3 * k]! * back[0] + r[3 * k + 1]! * back[1] + r[3 * k + 2]! * back[2]) as Vec3;
}

const HERE: RigidTransform = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };
const street = boxScene(STREET, STREET_GROUND);
const room = boxScene(ROOM, null);
const scan = (scene: RangeScene, elevationDeg: readonly [number, number], azimuthDeg: readonly [number, number]) =>
  simulateLidar(scene, HERE, { ...LIDAR_64, elevationDeg, azimuthDeg, azimuthStepDeg: 1.5 }, createRandom(1)).points
    .positions;
const streetCloud = scan(street, [-24, 12], [-60, 60]);
const roomCloud = scan(room, [-50, 40], [-180, 180]);

/** What photos would have made of part of a scene: other points from elsewhere, noise, outliers. */
function sparsePoints(scene: RangeScene, seed: number, { outliers = 0, noise = 0.05, spanDeg = 90 }): number[] {
  const random = createRandom(seed);
  const options: LidarOptions = {
    ...LIDAR_64,
    rings: 24,
    elevationDeg: [-30, 20],
    azimuthDeg: [-spanDeg / 2, spanDeg / 2],
    azimuthStepDeg: spanDeg / 40,
    maxRange: 45,
  };
  const { points } = simulateLidar(scene, { ...HERE, translation: [0.4, 0.3, 0.2] }, options, random);
  const list: number[] = [];
  for (let i = 0; i < points.count; i++) {
    const place = [...points.positions.subarray(3 * i, 3 * i + 3)];
    const world = place.map((v, k) => v + [0.4, 0.3, 0.2][k]!);
    const sigma = random.next() < outliers ? 20 * noise : noise;
    list.push(...toSource(world.map((v) => v + sigma * normal(random)) as Vec3));
  }
  return list;
}

function expectNear(found: Similarity | null, degrees: number, scaleShare: number): void {
  expect(found).not.toBeNull();
  const turn = rotationAngle(multiplyMat(transposeMat(TRUTH.rotation), found!.rotation));
  expect((turn * 180) / Math.PI).toBeLessThan(degrees);
  expect(Math.abs(found!.scale / TRUTH.scale - 1)).toBeLessThan(scaleShare);
}

describe('nearest points', () => {
  it('are those of a plain search', () => {
    const random = createRandom(9);
    const positions = Float64Array.from({ length: 900 }, () => random.next());
    const tree = new PointTree(positions);
    for (let k = 0; k < 40; k++) {
      const point: Vec3 = [random.next(), random.next(), random.next()];
      const all = Array.from({ length: 300 }, (_, i) => ({
        i,
        d: point.reduce((sum, v, a) => sum + (v - positions[3 * i + a]!) ** 2, 0),
      }));
      const expected = all.sort((a, b) => a.d - b.d).slice(0, 5);
      expect(tree.nearest(point, 5).map(({ index }) => index)).toEqual(expected.map(({ i }) => i));
      const within = expected.filter(({ d }) => d <= 0.01).length;
      expect(tree.nearest(point, 5, 0.1)).toHaveLength(within);
      const [closest] = expected;
      expect(tree.hasWithin(point, Math.sqrt(closest!.d) * 1.001)).toBe(true);
      expect(tree.hasWithin(point, Math.sqrt(closest!.d) * 0.999)).toBe(false);
    }
    expect(tree.nearest([NaN, 0, 0], 3)).toHaveLength(0);
    expect(new PointTree([]).nearest([0, 0, 0], 1)).toHaveLength(0);
    expect(new PointTree(new Float64Array(300)).nearest([0, 0, 0], 4)).toHaveLength(4);
  });
});

describe('a similarity from picked points', () => {
  const pick = (x: number, y: number, z: number) => ({ target: [x, y, z] as Vec3, source: toSource([x, y, z]) });

  it('two with up axes, three without', () => {
    const up = { source: [0, 0, 1] as Vec3, target: [0, 0, 1] as Vec3 };
    for (const [pairs, axes] of [
      [[pick(0, 0, 0), pick(5, 3, 1)], up],
      [[pick(0, 0, 0), pick(5, 3, 1), pick(-2, 4, 7)], null],
    ] as const) {
      const found = similarityFromPicks(pairs, axes);
      if (found.kind !== 'found') throw new Error(found.reason);
      expect(found.targetFromSource.scale).toBeCloseTo(3.7, 9);
      expect(Math.max(...found.errors)).toBeLessThan(1e-9);
      expectNear(found.targetFromSource, 1e-6, 1e-9);
    }
  });

  it('shows by its errors that a pick is wrong', () => {
    const wrong = { ...pick(8, -3, 2), target: [8, -3, 5] as Vec3 };
    const found = similarityFromPicks([pick(0, 0, 0), pick(5, 3, 1), pick(-2, 4, 7), wrong], null);
    expect(found.kind === 'found' && Math.max(...found.errors)).toBeGreaterThan(0.5);
  });

  it.each([
    ['one pick', [pick(0, 0, 0)], 'too-few'],
    ['two without up', [pick(0, 0, 0), pick(1, 0, 0)], 'too-few'],
    ['three on a line', [pick(0, 0, 0), pick(1, 1, 1), pick(2, 2, 2)], 'degenerate'],
    ['a pick that is no place', [pick(0, 0, 0), pick(NaN, 0, 0)], 'too-few'],
  ])('refuses %s', (_, pairs, reason) => {
    expect(similarityFromPicks(pairs, null)).toEqual({ kind: 'failed', reason });
  });

  it('refuses two above each other, which tell no turn', () => {
    const up = { source: [0, 0, 1] as Vec3, target: [0, 0, 1] as Vec3 };
    expect(similarityFromPicks([pick(0, 0, 0), pick(0, 0, 4)], up)).toEqual({ kind: 'failed', reason: 'degenerate' });
  });
});

describe('refinement', () => {
  it('finds scale, turn and shift from 4° and 8 % off', () => {
    const source = prepareCloud(sparsePoints(street, 2, {}), 900)!;
    const target = prepareCloud(streetCloud, 6000)!;
    const start: Similarity = {
      scale: TRUTH.scale * 1.08,
      rotation: multiplyMat(rotationOfVector([0.02, -0.03, 0.06]), TRUTH.rotation),
      translation: TRUTH.translation.map((v) => v + 0.3) as Vec3,
    };
    const refined = refineRegistration(source, target, start, { rounds: 30, reach: [4, 0.5] });
    expectNear(refined, 0.5, 0.01);
    const moved = transformBySimilarity(refined, toSource([10, 2, 0]));
    expect(Math.hypot(moved[0] - 10, moved[1] - 2, moved[2])).toBeLessThan(0.2);
  });
});

describe('registration', () => {
  const up = { source: [0, 0, 1] as Vec3, target: [0, 0, 1] as Vec3 };
  const inRoom = sparsePoints(room, 2, { outliers: 0.1, noise: 0.02, spanDeg: 200 });

  it('of a room is found with up axes, a tenth of the points being wrong', () => {
    const found = registerCloud(inRoom, roomCloud, { up });
    expectNear(found.cloudFromPhotos, 2, 0.03);
    expect(found.verdict).toBe('found');
    expect(found.inlierShare).toBeGreaterThan(found.chanceShare + 0.2);
  });

  it('of a room without up axes is never wrongly certain', () => {
    const found = registerCloud(inRoom, roomCloud, { up: null });
    if (found.verdict === 'found') expectNear(found.cloudFromPhotos, 3, 0.05);
    else expect(['ambiguous', 'failed']).toContain(found.verdict);
  });

  it('of a street, where all slides along the walls, tells turn and scale and asks for the rest', () => {
    const found = registerCloud(sparsePoints(street, 2, {}), streetCloud, { up });
    expectNear(found.cloudFromPhotos, 2, 0.03);
    const moved = transformBySimilarity(found.cloudFromPhotos!, toSource([10, 2, 0]));
    if (found.verdict === 'found') expect(Math.hypot(moved[0] - 10, moved[1] - 2, moved[2])).toBeLessThan(0.5);
    else expect(found.verdict).toBe('ambiguous');
  });

  it('fails where the cloud shows something else', () => {
    const random = createRandom(8);
    const ball = Array.from({ length: 3000 }, () => {
      const v = [normal(random), normal(random), normal(random)];
      return v.map((c) => (20 * c) / Math.hypot(...v));
    }).flat();
    expect(registerCloud(inRoom, ball, { up }).verdict).not.toBe('found');
  });

  it('says that one wall alone is ambiguous, or fits nothing for certain', () => {
    const random = createRandom(8);
    const wall = (count: number): number[] =>
      Array.from({ length: count }, () => [40 * random.next(), 0.02 * normal(random), 10 * random.next()]).flat();
    const part = wall(400).map((v) => 0.3 * v);
    expect(registerCloud(part, wall(1500), { up }).verdict).not.toBe('found');
  });

  it('is the same for the same seed', () => {
    const few = inRoom.slice(0, 900);
    expect(registerCloud(few, inRoom, { up })).toEqual(registerCloud(few, inRoom, { up }));
  });

  it('refuses a handful of points', () => {
    expect(registerCloud([0, 0, 0, 1, 1, 1], roomCloud, { up })).toMatchObject({
      verdict: 'failed',
      cloudFromPhotos: null,
    });
  });
});

const SPARSE = fileURLToPath(new URL('../../../shared/data/colmap-sample', import.meta.url));
const POINTS = ['sparse/0/points3D.bin', 'sparse/points3D.bin', 'points3D.bin']
  .map((p) => `${SPARSE}/${p}`)
  .find(existsSync);
if (POINTS === undefined)
  console.log('SKIPPED: registration of colmap-sample’s points (shared/data/colmap-sample is absent)');
describe.skipIf(POINTS === undefined)('registration of a real sparse model with a moved and scaled copy', () => {
  it('is never wrongly certain', () => {
    const bytes = readFileSync(POINTS!);
    const { positions } = readColmapPointsBinary(bytes, 'points3D.bin');
    const random = createRandom(5);
    const target: number[] = [];
    for (let i = 0; i + 2 < positions.length; i += 3) {
      const moved = transformBySimilarity(TRUTH, [positions[i]!, positions[i + 1]!, positions[i + 2]!]);
      target.push(...moved.map((v) => v + 0.02 * normal(random)));
    }
    const found = registerCloud(positions, target, { up: null });
    if (found.verdict === 'found') expectNear(found.cloudFromPhotos, 3, 0.05);
    expect(found.inlierShare).toBeGreaterThan(found.chanceShare);
  });
});
