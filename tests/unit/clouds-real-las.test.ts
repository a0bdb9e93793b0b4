/**
 * LAS and LAZ files of other programs. Expected numbers are those of independent readers: of LAS, NumPy over the records
 * (struct offsets of the specification); of LAZ, laz-perf 0.0.7, the other implementation of LASzip, record by record.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import { listLasRecords, readLasRecord } from '../../engine/formats/las-records.js';
import { readLasHeader } from '../../engine/formats/las-header.js';
import { readLazChunks } from '../../engine/formats/laz-chunks.js';
import type { CloudHeader } from '../../engine/formats/cloud-reader.js';
import { openCloudFile } from '../../host/clouds/open-cloud-file.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';
import type { WholeCloud } from '../fixtures/clouds/read-whole.js';
import { boundsOfPositions, readWhole, sumOf } from '../fixtures/clouds/read-whole.js';

const DATA = fileURLToPath(new URL('../../../shared/data/clouds', import.meta.url));
const isThere = existsSync(DATA);
if (!isThere) console.log(`SKIPPED: reading other programs' LAS and LAZ files: ${DATA} is not there`);

type ReadCloud = WholeCloud & { readonly header: CloudHeader };
const alreadyRead = new Map<string, Promise<ReadCloud>>();

function read(name: string): Promise<ReadCloud> {
  const known = alreadyRead.get(name) ?? readFresh(name);
  alreadyRead.set(name, known);
  return known;
}

async function readFresh(name: string): Promise<ReadCloud> {
  const { reader, close } = await openCloudFile(join(DATA, name));
  try {
    return { ...(await readWhole(reader)), header: reader.header };
  } finally {
    await close();
  }
}

/** Points, bounds, and sums of intensity, classification and return numbers. */
type Row = readonly [string, number, readonly number[], readonly number[], readonly [number, number, number]];
const ONE = [470_692.44, 4_602_888.9, 16];
const AUTZEN = [
  [635_619.85, 848_899.7, 406.59],
  [638_982.55, 853_535.43, 586.38],
] as const;
const TRIMMED = [
  [636_001.76, 848_935.2, 406.26],
  [637_179.22, 849_497.9, 520.51],
] as const;
const UTM = [
  [289_814.15, 4_320_978.61, 170.58],
  [289_818.5, 4_320_980.59, 170.76],
] as const;

const ROWS: readonly Row[] = [
  ...['1.0_0', '1.0_1', '1.1_0', '1.1_1', '1.2_0', '1.2_1', '1.2_2', '1.2_3'].map((name): Row => [
    `las/${name}.las`,
    1,
    ONE,
    ONE,
    [0, 2, 2],
  ]),
  ...['las/1.2-with-color.las', 'las/simple.las', 'las/interesting.las', 'las/extrabytes.las', 'laz/simple.laz'].map(
    (name): Row => [name, 1065, ...AUTZEN, [81_361, 1341, 1236]],
  ),
  ['laz/1.2-with-color.copc.laz', 1065, ...AUTZEN, [81_361, 1341, 1236]],
  ['las/100-points.las', 100, [635_717.85, 848_953.74, 409.19], [638_944.95, 853_483.3, 530.61], [7322, 127, 112]],
  ...['las/autzen_trim_7.las', 'laz/autzen_trim.laz'].map((name): Row => [
    name,
    110_000,
    ...TRIMMED,
    [11_220_547, 136_107, 122_564],
  ]),
  ...['las/utm17.las', 'las/bad_vlr_count.las'].map((name): Row => [name, 10, ...UTM, [2660, 20, 0]]),
  ['las/gps-time-nan.las', 1, [0, 0, 0], [0, 0, 0], [0, 0, 0]],
  [
    'las/test1_4.las',
    1000,
    [1_694_038.4456, 1_816_492.7063, 5592.7499],
    [1_694_539.677, 1_816_497.9763, 5599.0697],
    [38_007, 2000, 1030],
  ],
];

describe.skipIf(!isThere)("other programs' LAS and LAZ files", () => {
  it.each(ROWS)('%s: %i points', async (name, count, min, max, sums) => {
    const { header, positions, summary, fields } = await read(name);
    expect([header.points, summary]).toEqual([count, { points: count, leftOut: 0 }]);
    const bounds = boundsOfPositions(positions);
    for (let axis = 0; axis < 3; axis++) {
      expect(bounds.min[axis]).toBeCloseTo(min[axis]!, 4);
      expect(bounds.max[axis]).toBeCloseTo(max[axis]!, 4);
    }
    expect(['intensity', 'classification', 'returnNumber'].map((field) => sumOf(fields[field]!))).toEqual(sums);
  });

  it('ellipsoid-1.4.laz: sums of 100,000 points as laz-perf has them', async () => {
    const { positions, fields, header } = await read('laz/ellipsoid-1.4.laz');
    const axes = [0, 1, 2].map((axis) => sumOf(positions.filter((_, i) => i % 3 === axis)) * 100);
    [-82_425_960_000_200, 49_666_060_000_000, 0].forEach((sum, axis) => expect(axes[axis]! - sum).toBeCloseTo(0, -1));
    expect(sumOf(fields['intensity']!)).toBe(4_915_100_000);
    expect(sumOf(fields['classification']!)).toBe(1_098_884);
    expect(sumOf(fields['InvertedIntensity']!)).toBe(4_915_100_000);
    expect(sumOf(fields['time']!)).toBeCloseTo(4_249_999.5, 3);
    expect([header.format, header.hasColors, header.frame.unit]).toEqual(['laz', true, 'metre']);
  });

  it.each([
    ['las/simple.las', 'laz/simple.laz'],
    ['las/autzen_trim_7.las', 'laz/autzen_trim.laz'],
  ])('%s and its compressed twin have the same points in the same order', async (plain, packed) => {
    const [a, b] = [await read(plain), await read(packed)];
    expect(b.positions.every((value, i) => Math.abs(value - a.positions[i]!) < 1e-9)).toBe(true);
    expect(b.colors?.every((value, i) => value === a.colors![i])).toBe(true);
    for (const [name, values] of Object.entries(a.fields))
      expect(
        values.every((value, i) => value === b.fields[name]![i]),
        name,
      ).toBe(true);
  });

  it('COPC has the points of the file that it was made of, in its own order', async () => {
    const keys = ({ positions, fields }: WholeCloud): string[] =>
      fields['time']!.map(
        (time, i) =>
          `${time} ${positions
            .slice(i * 3, i * 3 + 3)
            .map((v) => v.toFixed(2))
            .join(' ')}`,
      ).sort();
    const [las, copc] = [await read('las/1.2-with-color.las'), await read('laz/1.2-with-color.copc.laz')];
    expect(copc.header.format).toBe('copc');
    expect(keys(copc)).toEqual(keys(las));
    expect(sumOf(copc.colors!)).toBe(129_567 + 118_582 + 134_764);
  });

  it("COPC's chunk table agrees with its own hierarchy, which lists the same chunks uncompressed", async () => {
    const name = join(DATA, 'laz/1.2-with-color.copc.laz');
    const source = bytesAsSource(new Uint8Array(readFileSync(name)), name);
    const header = await readLasHeader(source);
    const records = await listLasRecords(source, header);
    const { starts, points } = await readLazChunks(source, header, records);
    const hierarchy = await readLasRecord(source, records, ['copc', 1000], 1 << 20);
    // Entries of 32 bytes: key (4 int32), offset (uint64), bytes (int32), points (int32).
    const view = new DataView(hierarchy!.buffer, hierarchy!.byteOffset, hierarchy!.byteLength);
    const listed = Array.from({ length: hierarchy!.length / 32 }, (_, i) => [
      Number(view.getBigUint64(i * 32 + 16, true)),
      view.getInt32(i * 32 + 24, true),
      view.getInt32(i * 32 + 28, true),
    ])
      .filter(([, bytes]) => bytes! > 0)
      .sort((a, b) => a[0]! - b[0]!);
    expect(listed.length).toBeGreaterThan(1);
    expect([...points].map((count, i) => [starts[i], starts[i + 1]! - starts[i]!, count])).toEqual(listed);
  });

  it.each([
    ['las/1.0_0.las', 'EPSG:26915', 'metre'],
    ['las/utm17.las', 'EPSG:32617', 'metre'],
    ['las/autzen_trim_7.las', 'NAD_1983_HARN_Lambert', 'foot'],
    ['laz/autzen_trim.laz', 'NAD_1983_HARN_Lambert', 'foot'],
    ['las/interesting.las', 'Oregon_Statewide_Lambert_Feet_Intl', 'foot'],
    ['las/test1_4.las', 'New Mexico Central (ftUS)', 'us-survey-foot'],
    ['laz/1.2-with-color.copc.laz', 'NAD83 / Oregon LCC (m)', 'metre'],
    ['las/simple.las', null, 'unknown'],
  ])('%s lives in %s, %s', async (name, crs, unit) => {
    const { frame } = (await read(name)).header;
    expect([frame.unit, frame.upAxis]).toEqual([unit, 'z']);
    if (crs === null) expect(frame.crs).toBeNull();
    else expect(frame.crs).toContain(crs);
  });

  it('extrabytes.las: its extra fields repeat colours, intensity and whole seconds', async () => {
    const { fields, colors } = await read('las/extrabytes.las');
    expect(fields['Intensity']).toEqual(fields['intensity']);
    expect(fields['Time']).toEqual(fields['time']!.map(Math.floor));
    expect(fields['Colors[1]']).toEqual(colors!.filter((_, i) => i % 3 === 1));
  });

  it('the damaged ones: cut off, without points, with a count of records that is too high, with a time that is none', async () => {
    const cut = await expectImportError('truncated', () => read('las/garbage_nVariableLength.las'));
    expect(cut.where).toBe('byte 14587');
    expect((await expectImportError('truncated', () => read('las/1.2-no-points.las'))).where).toBe('byte 229');
    expect((await read('las/no-points.las')).summary.points).toBe(0);
    expect((await read('las/bad_vlr_count.las')).header.warnings.join()).toContain(
      'announces 3 variable-length records; 2',
    );
    expect((await read('las/gps-time-nan.las')).fields['time']).toEqual([NaN]);
  });
});
