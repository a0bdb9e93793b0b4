import { describe, expect, it } from 'vitest';
import { estimateEgoMotion } from '../../engine/depth/radar-ego-motion.js';
import { radarRays, returnPosition } from '../../engine/depth/radar-returns.js';
import { splitRadarMotion } from '../../engine/depth/split-radar-motion.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { createRandom } from '../../engine/math/random.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import { isInBox, readVodLabels, readVodRadar, VOD_FRAMES, VOD_IS_THERE } from '../fixtures/sensors/read-vod.js';

interface Made {
  readonly velocity: Vec3;
  readonly count?: number;
  readonly movers?: number;
  readonly noise?: number;
  /** Degrees by which the reported direction differs from the true one. */
  readonly angleNoiseDeg?: number;
  readonly spanDeg?: number;
}

/** Returns around a sensor; the last `movers` of them move at 6 m/s of their own along their rays. */
function makeReturns({ velocity, count = 200, movers = 0, noise = 0, angleNoiseDeg = 0, spanDeg = 140 }: Made) {
  const random = createRandom(7);
  const normal = (): number => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random.next();
    return sum;
  };
  const positions = new Float32Array(3 * count);
  const radialSpeed = new Float32Array(count);
  const compensated = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const azimuth = ((random.next() - 0.5) * spanDeg * Math.PI) / 180;
    const elevation = ((random.next() - 0.5) * 20 * Math.PI) / 180;
    const range = 5 + 40 * random.next();
    const d = [Math.cos(elevation) * Math.cos(azimuth), Math.cos(elevation) * Math.sin(azimuth), Math.sin(elevation)];
    const own = i >= count - movers ? 6 : 0;
    radialSpeed[i] = own - d[0]! * velocity[0] - d[1]! * velocity[1] - d[2]! * velocity[2] + noise * normal();
    compensated[i] = own;
    const seen = azimuth + (angleNoiseDeg * normal() * Math.PI) / 180;
    positions.set(
      [Math.cos(elevation) * Math.cos(seen) * range, Math.cos(elevation) * Math.sin(seen) * range, d[2]! * range],
      3 * i,
    );
  }
  const points: SensorPoints = {
    count,
    origin: [0, 0, 0],
    positions,
    colors: null,
    fields: new Map([['radialSpeed', radialSpeed]]),
    frame: { unit: 'metre', upAxis: 'z', crs: null },
  };
  return { points, radialSpeed, compensated, directions: radarRays(points).directions };
}

function withFields(points: SensorPoints, fields: Record<string, Float32Array>): SensorPoints {
  return { ...points, fields: new Map(Object.entries(fields)) };
}

const estimate = (made: ReturnType<typeof makeReturns>) =>
  estimateEgoMotion({ directions: made.directions, radialSpeed: Float64Array.from(made.radialSpeed) });

describe('ego-motion from Doppler', () => {
  it('by hand: ahead approaches at the speed, abeam stands still', () => {
    // 10 m/s along x: v_r is −10 ahead, 0 abeam, −10 cos 60° = −5 at 60°, on either side.
    const angles = [0, 0, 90, -90, 60, -60, 60, -60, 0, 90].map((deg) => (deg * Math.PI) / 180);
    const directions = Float64Array.from(angles.flatMap((a) => [Math.cos(a), Math.sin(a), 0]));
    const radialSpeed = Float64Array.from([-10, -10, 0, 0, -5, -5, -5, -5, -10, 0]);
    const found = estimateEgoMotion({ directions, radialSpeed });
    expect(found.kind).toBe('found');
    if (found.kind !== 'found') return;
    expect(found.velocity[0]).toBeCloseTo(10, 6);
    expect(found.velocity[1]).toBeCloseTo(0, 6);
    expect(found.velocity[2]).toBeCloseTo(0, 6);
    expect(found.staticShare).toBe(1);
  });

  it('is found under 45 % movers that agree among themselves', () => {
    const found = estimate(makeReturns({ velocity: [12, -1, 0], movers: 90, noise: 0.05 }));
    expect(found).toMatchObject({ kind: 'found' });
    if (found.kind !== 'found') return;
    expect(Math.hypot(found.velocity[0] - 12, found.velocity[1] + 1)).toBeLessThan(0.05);
    expect(found.staticCount).toBeGreaterThanOrEqual(105);
  });

  it('has a covariance that says how far it is off: uncertain across a narrow view', () => {
    const wide = estimate(makeReturns({ velocity: [5, 0, 0], noise: 0.1 }));
    const narrow = estimate(makeReturns({ velocity: [5, 0, 0], noise: 0.1, spanDeg: 30 }));
    if (wide.kind !== 'found' || narrow.kind !== 'found') throw new Error('not found');
    const across = (found: typeof wide): number => Math.sqrt(found.covariance[4]);
    // Σ sin² over ±15° is about 1/25 of that over ±70°.
    expect(across(narrow) / across(wide)).toBeGreaterThan(3);
    expect(Math.abs(narrow.velocity[1])).toBeLessThan(4 * across(narrow));
    expect(Math.abs(wide.velocity[1])).toBeLessThan(4 * across(wide));
  });

  it.each([
    ['too few returns', { velocity: [5, 0, 0] as Vec3, count: 7 }, 'too-few'],
    ['all in one direction', { velocity: [5, 0, 0] as Vec3, spanDeg: 0.5 }, 'undetermined'],
  ])('says so: %s', (_, made, reason) => {
    expect(estimate(makeReturns(made))).toMatchObject({ kind: 'failed', reason });
  });

  it('says so when most returns agree on nothing', () => {
    const made = makeReturns({ velocity: [5, 0, 0] });
    const random = createRandom(3);
    made.radialSpeed.forEach((_, i) => {
      if (i % 5 !== 0) made.radialSpeed[i] = 40 * (random.next() - 0.5);
    });
    expect(estimate(made)).toMatchObject({ kind: 'failed', reason: 'no-majority' });
  });

  it('leaves out what is not a number, and returns at the sensor itself', () => {
    const made = makeReturns({ velocity: [5, 1, 0] });
    made.radialSpeed[0] = NaN;
    made.radialSpeed[1] = Infinity;
    made.points.positions.set([NaN, 1, 1, 0, 0, 0], 6);
    const motion = splitRadarMotion(made.points);
    expect(motion.egoMotion).toMatchObject({ kind: 'found', staticCount: 196 });
    expect([...motion.moving.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
  });
});

describe('the split into static and moving', () => {
  it('takes directions’ errors into account: at 30 m/s a degree abeam is half a metre a second', () => {
    const made = makeReturns({ velocity: [30, 0, 0], movers: 40, noise: 0.05, angleNoiseDeg: 0.5, count: 400 });
    const { moving, source } = splitRadarMotion(made.points);
    expect(source).toBe('doppler');
    const falselyMoving = moving.subarray(0, 360).reduce((sum, m) => sum + m, 0);
    expect(falselyMoving).toBeLessThan(8);
    expect(moving.subarray(360).every((m) => m === 1)).toBe(true);
  });

  it('knows files that count approaching as positive by their compensated speeds', () => {
    const made = makeReturns({ velocity: [8, 0, 0], movers: 30 });
    const flipped = made.radialSpeed.map((v) => -v);
    const asIs = withFields(made.points, { radialSpeed: made.radialSpeed, compensatedRadialSpeed: made.compensated });
    const other = withFields(made.points, { radialSpeed: flipped, compensatedRadialSpeed: made.compensated });
    for (const [points, sign] of [
      [asIs, 'receding'],
      [other, 'approaching'],
    ] as const) {
      const motion = splitRadarMotion(points);
      expect(motion).toMatchObject({ sign, signFrom: 'compensated-speeds', source: 'file', movesBackward: false });
      expect(motion.agreement?.splitAgreement).toBe(1);
      expect(motion.agreement?.p90Difference).toBeLessThan(1e-3);
    }
  });

  it('knows them by a known velocity, and without either only hints', () => {
    const made = makeReturns({ velocity: [8, 0, 0], movers: 30 });
    const other = withFields(made.points, { radialSpeed: made.radialSpeed.map((v) => -v) });
    const known = splitRadarMotion(other, { knownVelocity: [8.1, 0, 0] });
    expect(known).toMatchObject({ sign: 'approaching', signFrom: 'known-velocity', source: 'known-velocity' });
    expect(known.velocityDisagreement).toBeCloseTo(0.1, 2);
    expect(splitRadarMotion(other)).toMatchObject({ signFrom: 'assumed', movesBackward: true });
    expect(splitRadarMotion(other, { sign: 'approaching' })).toMatchObject({
      signFrom: 'option',
      movesBackward: false,
    });
  });

  it('calls nothing moving where nothing tells', () => {
    const made = makeReturns({ velocity: [8, 0, 0], count: 5 });
    const motion = splitRadarMotion(made.points);
    expect(motion.source).toBe('none');
    expect(motion.moving.some((m) => m === 1)).toBe(false);
    expect(motion.compensatedRadialSpeed.every(Number.isNaN)).toBe(true);
  });
});

if (!VOD_IS_THERE) console.log('SKIPPED: ego-motion on View-of-Delft (shared/data/vod is absent)');
describe.skipIf(!VOD_IS_THERE)('View-of-Delft', () => {
  it.each(VOD_FRAMES)(
    '%s: velocity from Doppler alone meets what compensated speeds and standing objects imply',
    (frame) => {
      const points = readVodRadar(frame);
      const raw = points.fields.get('radialSpeed')!;
      const given = points.fields.get('compensatedRadialSpeed')!;
      const { directions } = radarRays(points);
      const found = estimateEgoMotion({ directions, radialSpeed: Float64Array.from(raw) });
      if (found.kind !== 'found') throw new Error(found.reason);
      // v_r − v_compensated is the sensor's own part: plain normal equations in the plane, over all returns.
      const fitLevel = (speed: (i: number) => number, use: (i: number) => boolean): [number, number] => {
        let [xx, xy, yy, xs, ys] = [0, 0, 0, 0, 0];
        for (let i = 0; i < points.count; i++) {
          if (!use(i)) continue;
          const [x, y] = [directions[3 * i]!, directions[3 * i + 1]!];
          xx += x * x;
          xy += x * y;
          yy += y * y;
          xs -= x * speed(i);
          ys -= y * speed(i);
        }
        const determinant = xx * yy - xy * xy;
        return [(yy * xs - xy * ys) / determinant, (xx * ys - xy * xs) / determinant];
      };
      const implied = fitLevel(
        (i) => raw[i]! - given[i]!,
        () => true,
      );
      expect(Math.hypot(found.velocity[0] - implied[0], found.velocity[1] - implied[1])).toBeLessThan(0.05);
      const boxes = readVodLabels(frame);
      const isStanding = (i: number): boolean => {
        const hit = boxes.filter((box) => isInBox(box, returnPosition(points, i), 0.3, 0.5));
        return hit.length > 0 && hit.every(({ isMoving }) => !isMoving) && Math.abs(given[i]!) < 0.5;
      };
      const labelled = fitLevel((i) => raw[i]!, isStanding);
      expect(Math.hypot(found.velocity[0] - labelled[0], found.velocity[1] - labelled[1])).toBeLessThan(0.3);
    },
  );

  it.each(VOD_FRAMES)('%s: without the file’s compensated speeds the split is the same', (frame) => {
    const points = readVodRadar(frame);
    const full = splitRadarMotion(points);
    expect(full).toMatchObject({ sign: 'receding', signFrom: 'compensated-speeds', movesBackward: false });
    expect(full.agreement!.medianDifference).toBeLessThan(0.02);
    expect(full.agreement!.splitAgreement).toBeGreaterThan(0.99);
    const alone = splitRadarMotion(
      withFields(points, { radialSpeed: points.fields.get('radialSpeed') as Float32Array }),
    );
    const differing = alone.moving.filter((m, i) => m !== full.moving[i]).length;
    expect(differing).toBeLessThanOrEqual(3);
  });
});
