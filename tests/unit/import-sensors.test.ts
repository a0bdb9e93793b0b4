/** What a drop says of clouds and calibrations: which files are some, whose they are, and which texts are neither. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { classifyDrop } from '../../electron/service/import/classify-drop.js';
import { mergeSensors } from '../../electron/service/import/merge-sensors.js';
import { kindInPath } from '../../electron/service/import/sensor-files.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vantage sensors é '));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function put(path: string, content: string | Uint8Array): Promise<string> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
const rows = (count: number, row: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => row(i)).join('\n');
const CALIB_TXT = `P2: 700 0 600 0 0 700 180 0 0 0 1 0\nR0_rect: 1 0 0 0 1 0 0 0 1\nTr_velo_to_cam: 0 -1 0 0 0 0 -1 0 1 0 0 0\n`;
const OWN = JSON.stringify({
  sensors: [{ sensor: 'lidar', cameraFromSensor: { quaternion: [1, 0, 0, 0], translation: [0, 0, 0] } }],
});

async function dropped(): Promise<{ clouds: string[]; calibrations: string[]; others: string[] }> {
  const plan = await classifyDrop([join(root, 'd')]);
  const names = (files: readonly { shownPath: string }[]): string[] =>
    files.map(({ shownPath }) => shownPath.slice(2)).sort();
  return {
    clouds: names(plan.clouds),
    calibrations: names(plan.calibrations),
    others: plan.problems.map(({ kind, file }) => `${kind} ${file.slice(2)}`).sort(),
  };
}

describe('sensors in a drop', () => {
  it('are told by name where the name promises a cloud, and by content where it does not', async () => {
    for (const name of ['a.las', 'b.LAZ', 'c.e57', 'd.pcd', 'e.pts', 'f.xyz']) await put(`d/${name}`, 'x');
    await put('d/points.ply', 'ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1\n');
    await put('d/000008.bin', floats(1, 2, 3, 0.5, 4, 5, 6, 0.25));
    await put('d/lidar/odd.bin', 'cut off');
    await put('d/radar.csv', `x,y,z,rcs\n1,2,3,4\n5,6,7,8\n`);
    await put(
      'd/scan.txt',
      rows(20, (i) => `${i} ${i} 0.5`),
    );
    expect(await dropped()).toMatchObject({
      clouds: [
        '000008.bin',
        'a.las',
        'b.LAZ',
        'c.e57',
        'd.pcd',
        'e.pts',
        'f.xyz',
        'lidar/odd.bin',
        'points.ply',
        'radar.csv',
        'scan.txt',
      ].sort(),
      calibrations: [],
      others: [],
    });
  });

  it('are not made of matrices, lists of poses, notes, buffers of meshes or what pose files need', async () => {
    await put('d/K.txt', '2905.9 0 1416\n0 2905.9 1064\n0 0 1\n');
    await put(
      'd/poses.txt',
      rows(40, (i) => `1 0 0 ${i} 0 1 0 0 0 0 1 0`),
    );
    await put(
      'd/times.txt',
      rows(40, (i) => `${i * 0.1}`),
    );
    await put('d/README.txt', 'x and y are the range\nof what the azimuth says\n');
    await put('d/labels.csv', 'name,count\ncar,3\nbus,1\n');
    await put('d/buffer.bin', new Uint8Array(64).fill(0xff));
    await put('d/sparse/0/points3D.bin', floats(1, 2, 3, 4));
    expect(await dropped()).toMatchObject({ clouds: [], calibrations: [] });
  });

  it('that are empty, or scans of closed formats, are named with what helps', async () => {
    await put('d/empty.las', '');
    await put('d/scan.rcp', 'x');
    expect((await dropped()).others).toEqual(['empty empty.las', 'unsupported scan.rcp']);
  });

  it('come with calibrations of every kind; one of no known kind is named', async () => {
    await put('d/calib/000008.txt', CALIB_TXT);
    await put('d/rig.json', OWN);
    await put('d/nuscenes.json', JSON.stringify({ images: { CAM_FRONT: { cam2img: [[1]] } } }));
    await put('d/calib_odd.txt', 'a: b\n');
    expect(await dropped()).toEqual({
      clouds: [],
      calibrations: ['calib/000008.txt', 'nuscenes.json', 'rig.json'],
      others: ['unsupported calib_odd.txt'],
    });
  });

  it('the word nearest to the file says whose it is', () => {
    expect(kindInPath('vod/lidar/training/velodyne/1.bin')).toBe('lidar');
    expect(kindInPath('lidar-session/radar/calib/1.txt')).toBe('radar');
    expect(kindInPath('scans/house.e57')).toBeNull();
  });
});

describe('taking them in', () => {
  const cloud = (name: string, bytes = 10) => ({
    name,
    shownPath: `d/${name}`,
    absolutePath: `/there/${name}`,
    bytes,
    kind: null,
  });

  it('the same file twice is one, also when an upload has put it elsewhere', () => {
    const first = mergeSensors({ sensors: [], calibrations: [] }, { clouds: [cloud('a.las')], calibrations: [] });
    const again = mergeSensors(first, {
      clouds: [cloud('a.las'), { ...cloud('a.las'), absolutePath: '/upload/2/a.las' }, cloud('b.las')],
      calibrations: [],
    });
    expect(again.sensors.map(({ name }) => name)).toEqual(['a.las', 'b.las']);
    expect(again.problems.map(({ kind }) => kind)).toEqual(['duplicate', 'duplicate']);
    expect(again.sensors[0]).toMatchObject({ kind: 'lidar', isKindSaid: false, isUsed: true, placement: null });
  });

  it('more than a project holds are left out, with one word on them', () => {
    const clouds = Array.from({ length: 40 }, (_, i) => cloud(`${i}.las`));
    const { sensors, problems } = mergeSensors({ sensors: [], calibrations: [] }, { clouds, calibrations: [] });
    expect([sensors.length, problems.length, problems[0]?.kind]).toEqual([24, 1, 'limit']);
  });
});
