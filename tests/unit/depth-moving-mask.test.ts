import { describe, expect, it } from 'vitest';
import { clusterMovingReturns } from '../../engine/depth/cluster-moving-returns.js';
import { maskMovingRegions } from '../../engine/depth/moving-mask.js';
import { RADAR_SIGMAS } from '../../engine/depth/project-radar.js';
import { splitRadarMotion } from '../../engine/depth/split-radar-motion.js';
import { createRandom } from '../../engine/math/random.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import { RADAR_4D, simulateRadar } from '../fixtures/sensors/simulate-sensors.js';
import { boxScene, STREET, STREET_GROUND } from '../fixtures/sensors/street-scene.js';

const HERE: RigidTransform = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };
const intrinsics = { fx: 200, fy: 200, cx: 160, cy: 90, width: 320, height: 200 };
const geometry = {
  cameraFromSensor: { rotation: [0, -1, 0, 0, 0, -1, 1, 0, 0], translation: [0, 0.8, 0] } as RigidTransform,
  intrinsics,
  stance: { up: [0, 0, 1] as Vec3, groundHeight: STREET_GROUND },
  sigmas: RADAR_SIGMAS,
};

function cloud(rows: readonly (readonly [x: number, y: number, z: number, speed: number])[]): SensorPoints {
  return {
    count: rows.length,
    origin: [0, 0, 0],
    positions: Float32Array.from(rows.flatMap(([x, y, z]) => [x, y, z])),
    colors: null,
    fields: new Map([['compensatedRadialSpeed', Float32Array.from(rows, ([, , , speed]) => speed)]]),
    frame: { unit: 'metre', upAxis: 'z', crs: null },
  };
}

const cluster = (rows: Parameters<typeof cloud>[0]) => {
  const points = cloud(rows);
  return clusterMovingReturns(points, splitRadarMotion(points));
};

describe('clusters of moving returns', () => {
  it('by hand: near and alike in speed go together, height does not count, singles are noise', () => {
    const clusters = cluster([
      [10, 0, 0, 3],
      [11, 0, 2.5, 3.2],
      [12, 0, -1, 2.9],
      [11, 0.5, 0, -4],
      [11.5, 0.5, 0, -4.2],
      [40, 5, 0, 3],
      [10.5, 0, 0, 0.1],
    ]);
    expect(clusters.map(({ indices }) => indices)).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(clusters[0]!.radialSpeed).toBeCloseTo(3, 5);
    expect(clusters[0]!.centre[0]).toBeCloseTo(11, 5);
    // Levels 10, 11 and 12 about 11: 1 and 1 apart; of three, the one at 80 % is the second.
    expect(clusters[0]!.halfExtent).toBeCloseTo(1, 5);
  });

  it('a chain of neighbours is one thing; nothing moving is no cluster', () => {
    expect(cluster(Array.from({ length: 9 }, (_, i) => [10 + 1.4 * i, 0, 0, 5] as const))).toHaveLength(1);
    expect(cluster([[10, 0, 0, 0]])).toEqual([]);
    expect(
      cluster([
        [NaN, 0, 0, 5],
        [NaN, 0, 0, 5],
      ]),
    ).toEqual([]);
  });
});

describe('the mask of what moved', () => {
  const street = boxScene(STREET, STREET_GROUND);
  const { width, height, fx, fy, cx, cy } = intrinsics;
  const depth = new Float32Array(width * height);
  const isMover = new Uint8Array(width * height);
  const data = new Float32Array(3 * width * height);
  for (let i = 0; i < depth.length; i++) {
    const [x, y] = [((i % width) + 0.5 - cx) / fx, (Math.floor(i / width) + 0.5 - cy) / fy];
    const length = Math.hypot(x, y, 1);
    const hit = street.trace([0, 0, 0.8], [1 / length, -x / length, -y / length]);
    depth[i] = hit ? hit.distance / length : 0;
    isMover[i] = hit && Math.hypot(...hit.velocity) > 0 ? 1 : 0;
    data.fill(isMover[i] === 1 ? 0.8 : 0.4, 3 * i, 3 * i + 3);
  }
  const image = { width, height, data };
  const { points } = simulateRadar(street, HERE, { ...RADAR_4D, ghosts: 0 }, createRandom(3));
  const clusters = clusterMovingReturns(points, splitRadarMotion(points));

  const compare = (mask: Uint8Array) => {
    let [both, either, moved] = [0, 0, 0];
    mask.forEach((m, i) => {
      if (m === 0 && isMover[i] === 1) both++;
      if (m === 0 || isMover[i] === 1) either++;
      if (isMover[i] === 1) moved++;
    });
    return { covered: both / moved, overlap: both / either };
  };

  it('covers the cars that drive and little else, where the depth shows them', () => {
    const { mask, regions } = maskMovingRegions(clusters, { image, depth }, geometry);
    expect(regions.some(({ method }) => method === 'grown')).toBe(true);
    const { covered, overlap } = compare(mask);
    expect(covered).toBeGreaterThan(0.95);
    expect(overlap).toBeGreaterThan(0.6);
  });

  it('takes boxes where it does not', () => {
    const { mask, regions } = maskMovingRegions(clusters, { image, depth: null }, geometry);
    expect(regions.length).toBeGreaterThan(0);
    expect(regions.every(({ method }) => method === 'box')).toBe(true);
    expect(compare(mask).covered).toBeGreaterThan(0.5);
  });

  it('leaves the photo alone where nothing moves, or what moves is behind', () => {
    expect(maskMovingRegions([], { image, depth }, geometry).mask.every((m) => m === 1)).toBe(true);
    const behind = { indices: [0, 1], centre: [-10, 0, 0] as Vec3, halfExtent: 0.5, radialSpeed: 3 };
    const { mask, regions } = maskMovingRegions([behind], { image, depth }, geometry);
    expect(regions).toEqual([]);
    expect(mask.every((m) => m === 1)).toBe(true);
  });

  it('refuses sizes that do not fit', () => {
    const wrong = { image: { width: 2, height: 2, data: new Float32Array(12) }, depth: null };
    expect(() => maskMovingRegions([], wrong, geometry)).toThrow(/differ in size/);
  });
});
