import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import type { CloudFormatEntry, OpenCloudOptions } from '../../engine/formats/cloud-formats.js';
import { CLOUD_FORMATS } from '../../engine/formats/cloud-formats.js';
import { openBinCloud } from '../../engine/formats/read-bin-cloud.js';
import type { CloudReader } from '../../engine/formats/cloud-reader.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { CollectedCloud } from '../fixtures/clouds/collect-cloud.js';
import { collectCloud, coordinateSums } from '../fixtures/clouds/collect-cloud.js';

const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** Real files are not part of the project; where they are absent the tests say so. */
function describeReal(name: string, body: (folder: string) => void): void {
  const folder = join(DATA, name);
  const isThere = existsSync(folder);
  if (!isThere) console.log(`SKIPPED: reading the real clouds ${name}: ${folder} is not there`);
  describe.skipIf(!isThere)(`the real clouds ${name}`, () => body(folder));
}

function entryOf(file: string): CloudFormatEntry {
  return CLOUD_FORMATS.find(({ extensions }) => extensions.some((extension) => file.endsWith(extension)))!;
}

async function open(path: string, options?: OpenCloudOptions): Promise<CloudReader> {
  return entryOf(path).open(bytesAsSource(readFileSync(path), path), options);
}

async function readAll(path: string): Promise<CollectedCloud & { readonly reader: CloudReader }> {
  const reader = await open(path);
  return { reader, ...(await collectCloud(reader)) };
}

async function refusal(read: () => Promise<unknown>): Promise<ImportError> {
  try {
    await read();
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('was read');
}

/** The sums that another implementation found, to nine digits. */
function expectSums(cloud: CollectedCloud, expected: readonly number[]): void {
  coordinateSums(cloud).forEach((sum, axis) => expect(sum / expected[axis]!).toBeCloseTo(1, 9));
}

// Sums and single points below were found with NumPy by a separate decoding of each file.
describeReal('clouds/e57', (folder) => {
  it('holds the same bunny in floats and in 19-bit integers', async () => {
    const floats = await readAll(join(folder, 'bunnyFloat.e57'));
    const integers = await readAll(join(folder, 'bunnyInt19.e57'));
    expect([floats.count, integers.count]).toEqual([30571, 30571]);
    expectSums(floats, [-841.09329777, 3151.19874185, 264.24397204]);
    expectSums(integers, [-841.093298, 3151.198742, 264.243972]);
    const worst = floats.positions.reduce((most, x, i) => Math.max(most, Math.abs(x - integers.positions[i]!)), 0);
    expect(worst).toBeCloseTo(7.450103756134752e-9, 15);
    expect(integers.positions.slice(3 * 15000, 3 * 15001)).toEqual([
      -0.049762999999999995, 0.132774, 0.028052999999999998,
    ]);
    expect(floats.reader.header.bounds?.max).toEqual([0.061008999999999994, 0.187321, 0.058799]);
    expect(floats.reader.header.frame.unit).toBe('metre');
  });

  it('has colours beside float coordinates', async () => {
    const cloud = await readAll(join(folder, 'tinyCartesianFloatRgb.e57'));
    expect(cloud.count).toBe(2090);
    expectSums(cloud, [-16812.26233053, 12566.19443846, 620734.60562134]);
    const sums = [0, 1, 2].map((channel) => cloud.colors!.filter((_, i) => i % 3 === channel).reduce((a, b) => a + b));
    expect(sums).toEqual([273804, 253408, 236424]);
    expect(cloud.colors!.slice(-3)).toEqual([222, 222, 235]);
  });

  it('has spherical coordinates, of which those marked invalid are left out', async () => {
    const cloud = await readAll(join(folder, 'tiny_spherical.e57'));
    expect(cloud.summary).toEqual({ points: 180, leftOut: 180 });
    const expected = [89.9543567, 0.000869021544, 114.645905];
    coordinateSums(cloud).forEach((sum, axis) => expect(sum).toBeCloseTo(expected[axis]!, 6));
    cloud.positions.slice(3, 6).forEach((value, axis) => {
      expect(value).toBeCloseTo([0.9996957222246887, 0.017440905663028396, 0.017443559708706372][axis]!, 12);
    });
  });

  it('has images, which are passed over with a word, and a file without points', async () => {
    const withImages = await readAll(join(folder, 'tiny_pc_and_images.e57'));
    expect(withImages.positions).toEqual([0, 0, 0, 1, 1, 1]);
    expect(withImages.reader.header.warnings).toEqual(['4 images in the file are passed over.']);
    const empty = await readAll(join(folder, 'empty_pc.e57'));
    expect([empty.reader.header.points, empty.count]).toEqual([0, 0]);
  });

  it('has a file with a wrong checksum, which is refused with its page', async () => {
    const error = await refusal(() => readAll(join(folder, 'corrupt_crc.e57')));
    expect([error.code, error.where]).toEqual(['malformed', 'byte 33792']);
    expect(error.problem).toContain('checksum');
  });
});

describeReal('clouds/pcd', (folder) => {
  it('holds binary records, also of mixed sizes, and passes over what follows them', async () => {
    const zaghetto = await readAll(join(folder, 'Zaghetto.pcd'));
    expect(zaghetto.count).toBe(59750);
    expectSums(zaghetto, [25496.040616944432, 38947.478350400925, 35412.40092498064]);
    expect(zaghetto.reader.header.warnings).toEqual(['3924 bytes after the last point are passed over.']);
    const autzen = await readAll(join(folder, 'autzen-utm.pcd'));
    expect(autzen.count).toBe(1065);
    expectSums(autzen, [526636816.6400003, 5195213595.259997, 140913.34000000005]);
    expect(autzen.colors!.slice(-3)).toEqual([138, 107, 136]);
    expect(autzen.fields.get('intensity')!.reduce((a, b) => a + b)).toBe(81361);
    expect(autzen.fields.get('time')!.at(-1)).toBe(249773.20172406783);
    expect(autzen.fields.get('classification')!.at(-1)).toBe(1);
    expect(autzen.fields.get('PointSourceId')!.at(-1)).toBe(7334);
  });

  it('holds a compressed one', async () => {
    const cloud = await readAll(join(folder, 'samp11-utm.pcd'));
    expect([cloud.count, cloud.reader.header.variant]).toEqual([38010, 'PCD 0.7 binary_compressed']);
    expectSums(cloud, [19490274071.9375, 205394925512, 13538076.189849854]);
    expect(cloud.positions.slice(3 * 20000, 3 * 20001)).toEqual([512770.375, 5403786, 383.80999755859375]);
  });

  it.each(['comma', 'space', 'tab'])('holds text with %ss between the numbers', async (separator) => {
    const cloud = await readAll(join(folder, `utm17_${separator}.pcd`));
    expect(cloud.count).toBe(10);
    expect(cloud.positions.slice(0, 6)).toEqual([289814.15, 4320978.61, 170.76, 289814.64, 4320978.84, 170.76]);
  });

  it('has a file without a header, which is refused', async () => {
    const error = await refusal(() => readAll(join(folder, 'missingheader.pcd')));
    expect([error.code, error.where]).toEqual(['malformed', 'line 1']);
  });
});

describeReal('clouds/ply', (folder) => {
  it.each([
    ['simple_text.ply', [-1, 0, 0, 0, 1, 0, 1, 0, 0]],
    ['simple_binary.ply', [-1, 0, 0, 0, 1, 0, 1, 0, 0]],
    ['mesh.ply', [1, 1, 0, 2, 1, 0, 1, 2, 0, 2, 2, 2]],
    ['mesh_fixed.ply', [1, 1, 0, 2, 1, 0, 1, 2, 0, 2, 2, 2]],
    ['issue_2421.ply', [1.23457, 12345.6789, 1234567890.12345]],
  ])('%s', async (file, positions) => {
    expect((await readAll(join(folder, file))).positions).toEqual(positions);
  });

  it('has colours and further fields', async () => {
    const cloud = await readAll(join(folder, 'text_extradim.ply'));
    expect(cloud.colors).toEqual([63, 200, 64]);
    expect([...cloud.fields.keys()]).toEqual(['nx', 'ny', 'nz', 'alpha', 'omg']);
    expect([cloud.fields.get('omg'), cloud.fields.get('alpha')]).toEqual([[1234], [255]]);
  });

  it.each(['no_vertex.ply', 'sized_dims.ply', 'unsized_dims.ply'])('%s has no points in space', async (file) => {
    expect((await refusal(() => readAll(join(folder, file)))).code).toBe('malformed');
  });
});

describeReal('clouds/pts', (folder) => {
  it('holds coordinates, intensities and colours', async () => {
    const autzen = await readAll(join(folder, 'autzen.pts'));
    expect(autzen.count).toBe(10);
    expect(autzen.positions.slice(0, 3)).toEqual([636110.300003, 849345.050003, 512.139999]);
    expect(autzen.fields.get('intensity')!.slice(0, 2)).toEqual([-1613, -1998]);
    expect(autzen.colors!.slice(-3)).toEqual([114, 127, 100]);
    expect((await readAll(join(folder, 'test.pts'))).count).toBe(19);
    const site = await readAll(join(folder, 'site_56_8.pts'));
    expect([site.count, site.colors, site.fields.get('intensity')!.at(-1)]).toEqual([8, null, -1207]);
  });

  it('has a file with one point more than it states, none of which is lost', async () => {
    const cloud = await readAll(join(folder, 'bunny_8.pts'));
    expect(cloud.count).toBe(9);
    expect(cloud.positions.slice(-3)).toEqual([-0.025508, 0.112568, 0.036676]);
  });
});

describeReal('kitti', (folder) => {
  it('is known by its values as x y z intensity', async () => {
    const cloud = await readAll(join(folder, '000008.bin'));
    expect([cloud.count, cloud.reader.header.variant]).toEqual([17238, 'kitti-lidar, float32 × 4']);
    expect(cloud.positions.slice(0, 3)).toEqual([21.554, 0.028, 0.938].map(Math.fround));
    expect([cloud.reader.header.frame.unit, cloud.reader.header.frame.upAxis]).toEqual(['metre', 'z']);
    const bytes = readFileSync(join(folder, '000008.bin'));
    // Also where the number of points fits the other layouts: 35 points of 4 are 28 of 5 and 20 of 7.
    for (const points of [35, 350, 35 * 490]) {
      const reader = await openBinCloud(bytesAsSource(bytes.subarray(0, points * 16), 'part.bin'));
      expect(reader.header.variant).toBe('kitti-lidar, float32 × 4');
    }
    expect(cloud.positions.at(-1)).toBe(bytes.readFloatLE(bytes.length - 8));
  });
});

describeReal('nuscenes', (folder) => {
  it('is known by its values as x y z intensity ring, though its name says PCD', async () => {
    const file = readdirSync(folder).find((name) => name.endsWith('.pcd.bin'))!;
    const cloud = await readAll(join(folder, file));
    expect([cloud.count, cloud.reader.header.variant]).toEqual([34688, 'nuscenes-lidar, float32 × 5']);
    expect(new Set(cloud.fields.get('ring'))).toEqual(new Set(Array.from({ length: 32 }, (_, ring) => ring)));
    const asPcd = CLOUD_FORMATS.find(({ format }) => format === 'pcd')!;
    const error = await refusal(() => asPcd.open(bytesAsSource(readFileSync(join(folder, file)), file)));
    expect(error.code).toBe('malformed');
  });
});

describeReal('vod', (folder) => {
  it.each([
    ['00549', 167772, 322],
    ['01047', 189088, 352],
  ])('frame %s: LiDAR and radar are told apart by their values', async (frame, lidarPoints, radarPoints) => {
    const lidar = await readAll(join(folder, frame, 'lidar.bin'));
    const radar = await readAll(join(folder, frame, 'radar.bin'));
    expect([lidar.count, [...lidar.fields.keys()]]).toEqual([lidarPoints, ['intensity']]);
    expect(radar.count).toBe(radarPoints);
    expect([...radar.fields.keys()]).toEqual(['rcs', 'radialSpeed', 'compensatedRadialSpeed', 'time']);
    // Each layout refuses the other's file also where the caller says which sensor it is.
    const path = join(folder, frame, 'lidar.bin');
    expect(['malformed', 'size-mismatch']).toContain((await refusal(() => open(path, { sensor: 'radar' }))).code);
  });

  it('its radar points are those of the nuScenes layout that was derived from them', async () => {
    for (const frame of ['00549', '01047']) {
      const file = join(DATA, 'radar', `vod_${frame}_as_nuscenes_radar.pcd`);
      if (!existsSync(file)) return;
      const [own, derived] = [await readAll(join(folder, frame, 'radar.bin')), await readAll(file)];
      expect(derived.positions).toEqual(own.positions);
      expect(derived.fields.get('rcs')).toEqual(own.fields.get('rcs'));
      expect(derived.reader.header.fieldNames).toContain('vx_comp');
      // The layout splits the speed into x and y in float32; put together again it is what was measured, to its rounding.
      for (const name of ['radialSpeed', 'compensatedRadialSpeed'])
        derived.fields.get(name)!.forEach((speed, i) => expect(speed).toBeCloseTo(own.fields.get(name)![i]!, 5));
    }
  });
});
