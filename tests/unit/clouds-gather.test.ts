/** Clouds into memory: nothing lost without thinning, one measured point a voxel with it, and a bound that holds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloudReader, PointBatch } from '../../engine/formats/cloud-reader.js';
import type { GatherOptions } from '../../engine/formats/gather-points.js';
import { gatherPoints } from '../../engine/formats/gather-points.js';

type Triple = readonly [number, number, number];

interface StandIn {
  readonly bounds?: { readonly min: readonly number[]; readonly max: readonly number[] } | null;
  readonly batchSize?: number;
  readonly stated?: number | null;
}

/** A reader over points in memory; `id` is a field that tells them apart. */
function readerOf(points: readonly Triple[], { bounds = null, batchSize = 100, stated }: StandIn = {}): CloudReader {
  return {
    header: {
      format: 'csv',
      variant: 'test',
      points: stated === undefined ? points.length : stated,
      hasColors: true,
      fieldNames: ['id'],
      bounds,
      frame: { unit: 'metre', upAxis: 'z', crs: null },
      sensorOrigins: [],
      warnings: [],
    },
    async *batches(signal) {
      for (let first = 0; first < points.length; first += batchSize) {
        signal?.throwIfAborted();
        const part = points.slice(first, first + batchSize);
        const batch: PointBatch = {
          count: part.length,
          positions: Float64Array.from(part.flat()),
          colors: Uint8Array.from(part.flatMap((_, i) => [(first + i) % 256, 7, 9])),
          fields: new Map([['id', Float64Array.from(part, (_, i) => first + i)]]),
        };
        yield batch;
      }
      return { points: points.length, leftOut: 0 };
    },
  };
}

async function gather(points: readonly Triple[], options: GatherOptions = {}, standIn: StandIn = {}) {
  const gathered = await gatherPoints(readerOf(points, standIn), options);
  const { positions, origin, fields, colors, count } = gathered.points;
  const ids = [...(fields.get('id') ?? [])];
  const triples = ids.map((_, i) => [0, 1, 2].map((axis) => positions[i * 3 + axis]! + origin[axis]!));
  return { ...gathered, ids, triples, colors: [...(colors ?? [])], count, origin };
}

// −0 is 0 once an origin was taken off it and added again.
const coordinate = fc.double({ min: -1000, max: 1000, noNaN: true }).map((value) => Math.fround(value) + 0);
const cloud = fc.array(fc.tuple(coordinate, coordinate, coordinate), { maxLength: 400 });

describe('gathering a cloud', () => {
  it('without thinning keeps every point, with its colour and fields, in the order of the file', async () => {
    await fc.assert(
      fc.asyncProperty(cloud, fc.integer({ min: 1, max: 150 }), async (points, batchSize) => {
        const { ids, triples, colors, read, voxelSize } = await gather(points, { voxelSize: 0 }, { batchSize });
        expect([read, voxelSize]).toEqual([points.length, 0]);
        expect(ids).toEqual(points.map((_, i) => i));
        expect(colors.filter((_, i) => i % 3 === 0)).toEqual(points.map((_, i) => i % 256));
        triples.forEach((triple, i) => expect(triple).toEqual(points[i]!.map(Math.fround)));
      }),
      { numRuns: 50, seed: 6 },
    );
  });

  it('with voxels keeps the point nearest to the centre of each, found by brute force', async () => {
    await fc.assert(
      fc.asyncProperty(cloud, fc.double({ min: 1, max: 900, noNaN: true }), async (points, size) => {
        const { ids } = await gather(points, { voxelSize: size });
        const best = new Map<string, { id: number; off: number }>();
        points.forEach((point, id) => {
          const rounded = point.map(Math.fround);
          const voxel = rounded.map((value) => Math.floor(value / size));
          const off = rounded.reduce((sum, value, axis) => sum + (value - (voxel[axis]! + 0.5) * size) ** 2, 0);
          // −0 and 0 are one voxel.
          const key = voxel.map((value) => value + 0).join();
          if (off < (best.get(key)?.off ?? Infinity)) best.set(key, { id, off });
        });
        const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
        expect(sorted(ids)).toEqual(sorted([...best.values()].map(({ id }) => id)));
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('never keeps more than its bound, and only points that were there, one a voxel of the size that it tells', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 65, maxLength: 600 }),
        async (points) => {
          const { ids, triples, voxelSize, count, read } = await gather(points, { maxPoints: 64 });
          expect(read).toBe(points.length);
          expect(count).toBeLessThanOrEqual(64);
          expect(count).toBeGreaterThan(0);
          expect(voxelSize).toBeGreaterThan(0);
          expect(new Set(ids).size).toBe(count);
          triples.forEach((triple, i) => expect(triple).toEqual(points[ids[i]!]!.map(Math.fround)));
          const voxels = triples.map((triple) => triple.map((value) => Math.floor(value / voxelSize) + 0).join());
          expect(new Set(voxels).size).toBe(count);
        },
      ),
      { numRuns: 60, seed: 8 },
    );
  });

  it('thins a plane evenly: no large hole is left', async () => {
    const points = Array.from({ length: 40_000 }, (_, i): Triple => [(i % 200) / 10, Math.floor(i / 200) / 10, 0]);
    const { triples, count } = await gather(points, { maxPoints: 2000 }, { batchSize: 5000 });
    expect(count).toBeGreaterThan(250);
    // 20 × 20 metres in cells of 2 metres: each has points.
    expect(new Set(triples.map(([x, y]) => `${Math.floor(x! / 2)},${Math.floor(y! / 2)}`)).size).toBe(100);
  });

  it('takes points that all are one', async () => {
    const { count } = await gather(
      Array.from({ length: 500 }, (): Triple => [5, 5, 5]),
      { maxPoints: 100 },
    );
    expect(count).toBe(1);
  });

  it('keeps millimetres of map coordinates by an origin of its own', async () => {
    const points: Triple[] = [
      [470_692.441, 4_602_888.902, 16.003],
      [470_792.442, 4_602_988.903, 18.004],
    ];
    const { triples, origin } = await gather(points);
    triples.forEach((triple, i) => triple.forEach((value, axis) => expect(value).toBeCloseTo(points[i]![axis]!, 4)));
    expect(origin).toEqual([470_792, 4_602_989, 18]);
    // The header's bounds where the points lie in them; not those of a header that knows nothing.
    const bounds = { min: [470_000, 4_602_000, 0], max: [471_000, 4_604_000, 100] };
    expect((await gather(points, {}, { bounds })).origin).toEqual([470_500, 4_603_000, 50]);
    expect((await gather(points, {}, { bounds: { min: [0, 0, 0], max: [1, 1, 1] } })).origin).toEqual(origin);
    expect((await gather([[1, 2, 3]])).origin).toEqual([0, 0, 0]);
  });

  it('lets no stray point take the millimetres of the others', async () => {
    const points: Triple[] = Array.from({ length: 99 }, (_, i) => [470_692 + i / 1000, 4_602_888 + i / 1000, 16]);
    points.push([0, 0, 0]);
    const { triples } = await gather(points, {}, { bounds: { min: [0, 0, 0], max: [470_692.1, 4_602_888.1, 16] } });
    triples.slice(0, 99).forEach((triple, i) => expect(triple[1]).toBeCloseTo(points[i]![1], 5));
    expect(triples[99]![1]).toBeCloseTo(0, 0);
  });

  it('leaves out what float32 cannot hold, and counts it', async () => {
    const { count, leftOut } = await gather(
      [
        [1, 2, 3],
        [1e39, 0, 0],
        [4, 5, 6],
      ],
      {},
      { bounds: { min: [0, 0, 0], max: [9, 9, 9] } },
    );
    expect([count, leftOut]).toEqual([2, 1]);
  });

  it('of no points is empty, with the columns that were announced', async () => {
    const { points } = await gatherPoints(readerOf([]));
    expect([points.count, points.positions.length, points.colors?.length, [...points.fields.keys()]]).toEqual([
      0,
      0,
      0,
      ['id'],
    ]);
  });

  it('tells its progress and stops when asked to', async () => {
    const points = Array.from({ length: 1000 }, (_, i): Triple => [i, 0, 0]);
    const fractions: number[] = [];
    await gatherPoints(readerOf(points), {}, { onProgress: (fraction) => fractions.push(fraction) });
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
    const controller = new AbortController();
    const reason = new Error('enough');
    const context = { signal: controller.signal, onProgress: () => controller.abort(reason) };
    await expect(gatherPoints(readerOf(points), {}, context)).rejects.toBe(reason);
  });
});
