/** `vantage info` of clouds: what it says, and what it says of damaged ones. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeCloud, isCloudFile } from '../../cli/describe-cloud.js';
import { openFileSource } from '../../host/clouds/file-source.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';
import { geoKeyRecord, makeLas } from '../fixtures/clouds/make-las.js';

let folder = '';
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'vantage-info-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const LAS = makeLas({
  minor: 2,
  format: 3,
  points: [
    { xyz: [100, 200, 300], rgb: [65_535, 0, 0], time: 1 },
    { xyz: [-100, 250, 310], rgb: [0, 257, 0], time: 2 },
  ],
  // The header's bounds are wrong on purpose: those of the points are shown.
  max: [10, 10, 10],
  min: [0, 0, 0],
  records: [geoKeyRecord({ 1024: 1, 3072: 26_915 })],
});

describe('vantage info of a cloud', () => {
  it('tells points, bounds of the points, fields, unit, up axis and reference system', async () => {
    const path = await put('two.las', LAS);
    const { data, lines } = await describeCloud(path);
    expect(data).toEqual({
      kind: 'cloud',
      file: path,
      format: 'las',
      variant: 'LAS 1.2, point format 3',
      points: 2,
      leftOut: 0,
      bounds: { min: [-1, 2, 3], max: [1, 2.5, 3.1] },
      hasColors: true,
      fields: ['intensity', 'classification', 'returnNumber', 'time'],
      unit: 'metre',
      upAxis: 'z',
      crs: 'EPSG:26915',
      scans: 0,
      warnings: ['Points lie outside the bounds that its header states.'],
    });
    expect(lines[0]).toBe(`${path}: 2 points (LAS 1.2, point format 3)`);
    expect(lines).toContain('bounds      (-1, 2, 3) to (1, 2.5, 3.1)');
    expect(lines).toContain('CRS         EPSG:26915');
  });

  it('of a cut one is an error with the byte', async () => {
    const path = await put('cut.las', LAS.slice(0, LAS.length - 1));
    const error = await expectImportError('truncated', () => describeCloud(path));
    expect([error.file, error.where]).toEqual([path, `byte ${LAS.length - 34}`]);
  });

  it('knows clouds by their first bytes before their names, and splats and photos as none', async () => {
    expect(await isCloudFile(await put('no-name', LAS))).toBe(true);
    expect(await isCloudFile(await put('broken.laz', 'nothing'))).toBe(true);
    expect(await isCloudFile(await put('photo.jpg', Uint8Array.of(0xff, 0xd8, 0xff)))).toBe(false);
    const splats =
      'ply\nformat binary_little_endian 1.0\nelement vertex 0\nproperty float x\nproperty float f_dc_0\nend_header\n';
    expect(await isCloudFile(await put('splats.ply', splats))).toBe(false);
    expect(await isCloudFile(await put('empty', ''))).toBe(false);
  });
});

describe('a file that is read in pieces', () => {
  it('gives exactly what is asked for, and an error for what it does not hold', async () => {
    const source = await openFileSource(await put('bytes', Uint8Array.of(1, 2, 3, 4, 5)));
    expect(source.sizeBytes).toBe(5);
    expect([...(await source.read(1, 3))]).toEqual([2, 3, 4]);
    expect((await source.read(5, 0)).length).toBe(0);
    for (const [offset, length] of [
      [3, 3],
      [-1, 1],
      [0.5, 1],
      [0, NaN],
      [6, 0],
    ] as const)
      await expectImportError('truncated', () => source.read(offset, length));
    await source.close();
  });

  it('that is not there, or a folder, is told of', async () => {
    await expectImportError('not-found', () => openFileSource(join(folder, 'nowhere.las')));
    await expectImportError('unreadable', () => openFileSource(folder));
  });

  it('that shrinks while it is open ends in an error', async () => {
    const path = await put('shrinking', new Uint8Array(100));
    const source = await openFileSource(path);
    await writeFile(path, new Uint8Array(10));
    await expectImportError('truncated', () => source.read(0, 50));
    await source.close();
  });
});
