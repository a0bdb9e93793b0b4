/** A look into a cloud, its points as bytes and in another frame, and several clouds as one file: held against values by hand. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeSensorPoints, encodeSensorPoints } from '../../engine/scene/encode-sensor-points.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import { transformSensorPoints } from '../../engine/scene/transform-sensor-points.js';
import { fuseClouds } from '../../host/clouds/fuse-clouds.js';
import { inspectCloud } from '../../host/clouds/inspect-cloud.js';
import { loadSensorPoints } from '../../host/clouds/load-sensor-points.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vantage-inspect-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const cloud = (changes: Partial<SensorPoints> = {}): SensorPoints => ({
  count: 2,
  origin: [500_000, 4_000_000, 100],
  positions: Float32Array.of(1, 2, 3, -4, -5, -6),
  colors: Uint8Array.of(1, 2, 3, 4, 5, 6),
  fields: new Map([['intensity', Float32Array.of(0.5, NaN)]]),
  frame: { unit: 'metre', upAxis: 'z', crs: 'EPSG:25832 Übersee' },
  ...changes,
});

describe('points as bytes', () => {
  it('come back as they were', () => {
    for (const points of [cloud(), cloud({ colors: null, fields: new Map() })])
      expect(decodeSensorPoints(encodeSensorPoints(points).buffer)).toEqual(points);
  });

  it('are refused when they are cut off, longer, or something else', () => {
    const bytes = encodeSensorPoints(cloud());
    for (const length of [0, 3, 7, 8, 20, bytes.length - 1])
      expect(decodeSensorPoints(bytes.slice(0, length).buffer), `${length} bytes`).toBeNull();
    expect(decodeSensorPoints(new Uint8Array([...bytes, 0]).buffer)).toBeNull();
    const wrong = bytes.slice();
    wrong[0] = 0;
    expect(decodeSensorPoints(wrong.buffer)).toBeNull();
  });

  it('do not promise more points than there are bytes', () => {
    const text = JSON.stringify({ count: 1e9, origin: [0, 0, 0], hasColors: false, fields: [], frame: {} }).padEnd(80);
    const bytes = new Uint8Array(8 + 80);
    bytes.set(encodeSensorPoints(cloud()).subarray(0, 4));
    new DataView(bytes.buffer).setUint32(4, 80, true);
    bytes.set(new TextEncoder().encode(text), 8);
    expect(decodeSensorPoints(bytes.buffer)).toBeNull();
  });
});

describe('points in another frame', () => {
  // A quarter turn about z: (x, y, z) goes to (−y, x, z).
  const turn = [0, -1, 0, 1, 0, 0, 0, 0, 1] as const;
  const frame = { unit: 'unknown', upAxis: 'unknown', crs: null } as const;

  it('are turned, scaled and shifted; map coordinates keep their millimetres', () => {
    const shift: [number, number, number] = [8_000_000, -1_000_000, -200];
    const moved = transformSensorPoints(cloud(), { scale: 2, rotation: [...turn], translation: shift }, frame);
    // 2·(−(4000000 + 2), 500000 + 1, 103) + shift = (−4, 2, 6)
    expect(moved.origin).toEqual([0, 0, 0]);
    expect([...moved.positions]).toEqual([-4, 2, 6, 10, -8, -12]);
    expect([moved.frame, moved.fields.get('intensity')?.[0]]).toEqual([frame, 0.5]);
    const far = transformSensorPoints(cloud(), { scale: 1, rotation: [...turn], translation: [0, 0, 0.25] }, frame);
    expect(far.origin).toEqual([-4_000_000, 500_000, 100.25]);
    expect([...far.positions]).toEqual([-2, 1, 3, 5, -4, -6]);
  });

  it('need a scale', () => {
    for (const scale of [0, -1, NaN, Infinity])
      expect(() =>
        transformSensorPoints(cloud(), { scale, rotation: [...turn], translation: [0, 0, 0] }, frame),
      ).toThrow(/scale/);
  });
});

describe('a look into a cloud', () => {
  const many = (count: number): string =>
    `x,y,z,intensity,label\n${Array.from({ length: count }, (_, i) => `${i},${-i},${i % 7},${i % 5},9`).join('\n')}\n`;

  it('measures all points, draws few, and keeps only what is drawn by', async () => {
    const file = join(root, 'a.csv');
    await writeFile(file, many(5000));
    const fractions: number[] = [];
    const onProgress = (fraction: number): number => fractions.push(fraction);
    const { points, bounds, picture, header } = await inspectCloud(
      file,
      { sensor: 'lidar', maxPoints: 1000 },
      { onProgress },
    );
    expect([points, bounds]).toEqual([5000, { min: [0, -4999, 0], max: [4999, 0, 6] }]);
    expect(picture.count).toBeLessThanOrEqual(1000);
    expect(picture.count).toBeGreaterThan(200);
    expect([...picture.fields.keys()]).toEqual(['intensity']);
    expect(picture.fields.get('intensity')?.length).toBe(picture.count);
    expect(header.fieldNames).toContain('label');
    expect(fractions.at(-1)).toBe(1);
  });

  it('stops when it is told to, and says what is wrong with a file', async () => {
    const file = join(root, 'a.csv');
    await writeFile(file, many(10));
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(inspectCloud(file, { sensor: 'lidar', maxPoints: 1000 }, { signal: aborted })).rejects.toThrow(
      'enough',
    );
    await writeFile(file, 'x,y,z\n1,2\n');
    await expect(inspectCloud(file, { sensor: 'lidar', maxPoints: 1000 })).rejects.toMatchObject({ file });
  });
});

describe('clouds as one file', () => {
  it('each is moved into the common frame, and what all have stays', async () => {
    const [a, b, output] = ['a.csv', 'b.csv', 'out.ply'].map((name) => join(root, name)) as [string, string, string];
    await writeFile(a, 'x,y,z,intensity\n1,0,0,7\n2,0,0,8\n');
    await writeFile(b, 'x,y,z,intensity,rcs\n0,1,0,9,-3\n');
    const shared = { unit: null, upAxis: null, sensor: 'lidar' } as const;
    const turned = { scale: 2, rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1], translation: [0, 0, 1] } as const;
    const still = { scale: 1, rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] } as const;
    const place = (transform: typeof turned | typeof still) => ({
      scale: transform.scale,
      rotation: [...transform.rotation] as [number, number, number, number, number, number, number, number, number],
      translation: [...transform.translation] as [number, number, number],
    });
    const { count, bytes } = await fuseClouds(
      [
        { file: a, ...shared, worldFromSensor: place(turned) },
        { file: b, ...shared, worldFromSensor: place(still) },
      ],
      { outputFile: output, frame: { unit: 'metre', upAxis: 'unknown', crs: null }, generator: 'test 1' },
    );
    expect([count, (await readFile(output)).length]).toEqual([3, bytes]);
    const written = await loadSensorPoints(output, { sensor: 'lidar', maxPoints: 100 });
    expect([...written.positions]).toEqual([0, 2, 1, 0, 4, 1, 0, 1, 0]);
    expect([...(written.fields.get('intensity') ?? [])]).toEqual([7, 8, 9]);
    expect(written.fields.has('rcs')).toBe(false);
    expect([...(written.fields.get('sensor') ?? [])]).toEqual([0, 0, 0]);
    expect(await readFile(output, 'latin1')).toContain('comment Unit: metre');
  });

  it('a lone cloud keeps its own frame, with what the user said of it', async () => {
    const [file, output] = [join(root, 'a.csv'), join(root, 'out.ply')];
    await writeFile(file, 'x,y,z\n1,2,3\n');
    await fuseClouds([{ file, sensor: 'lidar', unit: 'foot', upAxis: 'y', worldFromSensor: null }], {
      outputFile: output,
      frame: { unit: 'metre', upAxis: 'unknown', crs: null },
      generator: 'test 1',
    });
    const text = await readFile(output, 'latin1');
    expect(text).toContain('comment Vertical axis: y');
    expect([...(await loadSensorPoints(output, { sensor: 'lidar', maxPoints: 100 })).positions]).toEqual([1, 2, 3]);
  });
});
