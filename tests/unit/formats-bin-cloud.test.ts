import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import { CLOUD_FORMATS } from '../../engine/formats/cloud-formats.js';
import type { BinCloudOptions } from '../../engine/formats/read-bin-cloud.js';
import { openBinCloud } from '../../engine/formats/read-bin-cloud.js';
import { ImportError } from '../../engine/scene/errors.js';
import { Bytes } from '../fixtures/captures/encode-formats.js';
import { collectCloud } from '../fixtures/clouds/collect-cloud.js';

async function read(values: readonly number[], options?: BinCloudOptions) {
  const reader = await openBinCloud(bytesAsSource(new Bytes().f32(...values).done(), 'made.bin'), options);
  return { header: reader.header, ...(await collectCloud(reader)) };
}

async function refusal(values: readonly number[], options?: BinCloudOptions): Promise<ImportError> {
  try {
    await read(values, options);
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('was read');
}

/** Values of 140 floats: whole records of 4, 5 and 7. */
const repeat = (record: readonly number[]): number[] =>
  Array.from({ length: 140 }, (_, i) => record[i % record.length]!);
const KITTI = repeat([-10.5, 20.25, -1.5, 0.5]);
const NUSCENES = repeat([-10.5, -20.25, -1.5, 17, 31]);
const RADAR = repeat([10.5, -20.25, -1.5, -12.5, -3.25, 0.25, -2]);

describe('headerless floats', () => {
  it('are told apart where the size fits all layouts', async () => {
    expect([...(await read(KITTI)).fields.keys()]).toEqual(['intensity']);
    const nuscenes = await read(NUSCENES);
    expect([nuscenes.count, nuscenes.fields.get('ring')![0], nuscenes.fields.get('intensity')![0]]).toEqual([
      28, 31, 17,
    ]);
    const radar = await read(RADAR);
    expect(radar.positions.slice(0, 3)).toEqual([10.5, -20.25, -1.5]);
    expect([...radar.fields].map(([name, values]) => [name, values[0]])).toEqual([
      ['rcs', -12.5],
      ['radialSpeed', -3.25],
      ['compensatedRadialSpeed', 0.25],
      ['time', -2],
    ]);
  });

  it('are never guessed where several layouts are plausible, and read where one is named', async () => {
    const zeroes = repeat([0]);
    const error = await refusal(zeroes);
    expect([error.code, error.hint]).toEqual(['unsupported', 'Name the layout.']);
    expect(error.problem).toContain('kitti-lidar');
    expect((await read(zeroes, { layout: 'nuscenes-lidar' })).count).toBe(28);
    expect((await read(zeroes, { sensor: 'radar' })).count).toBe(20);
    expect((await refusal(zeroes, { sensor: 'lidar' })).code).toBe('unsupported');
  });

  it.each([
    ['a coordinate beyond sight', repeat([2e4, 1, 1, 0.5])],
    ['NaN', [...KITTI.slice(0, 136), NaN, 0, 0, 0]],
    ['no numbers of this world', repeat([1e30, -1e30, 5, -7])],
  ])('%s is no layout', async (_, values) => {
    expect((await refusal(values)).code).toBe('malformed');
  });

  it('must be a whole number of records', async () => {
    expect((await refusal(KITTI.slice(0, 139))).code).toBe('size-mismatch');
    expect((await refusal(KITTI.slice(0, 138), { layout: 'kitti-lidar' })).code).toBe('size-mismatch');
    const odd = bytesAsSource(new Uint8Array(561), 'made.bin');
    await expect(openBinCloud(odd)).rejects.toMatchObject({ code: 'size-mismatch', where: 'byte 561' });
    await expect(openBinCloud(bytesAsSource(new Uint8Array(0), 'made.bin'))).rejects.toMatchObject({
      code: 'malformed',
    });
  });

  it('of a named layout: what is not finite is left out, what is implausible gets a word', async () => {
    const cloud = await read([...KITTI.slice(0, 136), NaN, 0, 0, 0], { layout: 'kitti-lidar' });
    expect(cloud.summary).toEqual({ points: 34, leftOut: 1 });
    expect(cloud.header.warnings).toEqual(['The record at byte 544 looks like no x y z intensity.']);
  });

  it('of an inferred layout are held against it to the end, with the byte', async () => {
    // More records than the first look takes, a bad one last.
    const records = 20_000;
    const bytes = new Float32Array(records * 4);
    for (let i = 0; i < records; i++) bytes.set([-1, -2, -3, 0.25], i * 4);
    bytes[(records - 1) * 4] = NaN;
    const reader = await openBinCloud(bytesAsSource(new Uint8Array(bytes.buffer), 'made.bin'));
    await expect(collectCloud(reader)).rejects.toMatchObject({
      code: 'malformed',
      where: `byte ${(records - 1) * 16}`,
    });
  });
});

describe('formats by their first bytes', () => {
  const found = (text: string): string[] =>
    CLOUD_FORMATS.filter(({ matches }) => matches?.(new TextEncoder().encode(text)) === true).map(
      ({ format }) => format,
    );

  it.each([
    ['LASF\0\0\0\0', 'las'],
    ['ASTM-E57\x01\0\0\0', 'e57'],
    ['# .PCD v0.7\n\nVERSION 0.7\nFIELDS x y z\n', 'pcd'],
    ['ply\r\nformat ascii 1.0\n', 'ply'],
    ['12\n1 2 3\n', 'pts'],
    ['1.5 2 3 -200 1 2 3\n', 'pts'],
    ['x,y,z\n1,2,3\n', 'csv'],
    ['Range [m];Azimuth [deg];RCS\n1;2;3\n', 'csv'],
  ])('%j', (text, format) => {
    expect(found(text)).toEqual([format]);
  });

  it('of other files fit none', () => {
    for (const text of ['', '\0\0\0\0', 'PK\x03\x04', '{"x": 1}', 'hello world\n', '\n'.repeat(500)])
      expect(found(text)).toEqual([]);
  });
});
