/** LAS files made by hand: every point format, every version, and what a damaged one is told. */
import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import type { CloudReader } from '../../engine/formats/cloud-reader.js';
import { openLas } from '../../engine/formats/read-las.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { LasPoint, LasSpec } from '../fixtures/clouds/make-las.js';
import { extraByteRecord, makeLas } from '../fixtures/clouds/make-las.js';
import { readWhole } from '../fixtures/clouds/read-whole.js';

const open = (spec: LasSpec): Promise<CloudReader> => openLas(bytesAsSource(makeLas(spec), 'hand.las'));

const POINTS: readonly LasPoint[] = [
  {
    xyz: [100, -200, 300],
    intensity: 7,
    returnNumber: 2,
    classification: 6,
    time: 12.5,
    rgb: [65_535, 0x1234, 0],
    nir: 9,
  },
  { xyz: [-2_147_483_648, 2_147_483_647, 0], intensity: 65_535, returnNumber: 1, classification: 2, time: 1.5e9 },
];

const FORMATS = Array.from({ length: 11 }, (_, format) => format);
const HAS_TIME = new Set([1, 3, 4, 5, 6, 7, 8, 9, 10]);
const HAS_COLOR = new Set([2, 3, 5, 7, 8, 10]);
const HAS_NIR = new Set([8, 10]);

async function refusal(work: Promise<unknown>): Promise<ImportError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ImportError);
  return error as ImportError;
}

describe('LAS points', () => {
  it.each(FORMATS)('of format %i have their coordinates, colours and fields', async (format) => {
    const minor = format >= 6 ? 4 : 3;
    const reader = await open({ minor, format, points: POINTS, scale: [0.01, 0.1, 1], offset: [1000, -5, 0.5] });
    expect(reader.header).toMatchObject({ format: 'las', points: 2, hasColors: HAS_COLOR.has(format) });
    expect(reader.header.variant).toBe(`LAS 1.${minor}, point format ${format}`);
    const { positions, colors, fields, summary } = await readWhole(reader);
    expect(summary).toEqual({ points: 2, leftOut: 0 });
    // stored · scale + offset, by hand.
    const expected = [1001, -25, 300.5, -21_473_836.48, 214_748_359.7, 0.5];
    positions.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
    expect(colors).toEqual(HAS_COLOR.has(format) ? [255, 0x12, 0, 0, 0, 0] : null);
    expect(fields).toEqual({
      intensity: [7, 65_535],
      classification: [6, 2],
      returnNumber: [2, 1],
      ...(HAS_TIME.has(format) ? { time: [12.5, 1.5e9] } : {}),
      ...(HAS_NIR.has(format) ? { nir: [9, 0] } : {}),
    });
    expect(reader.header.fieldNames).toEqual(Object.keys(fields));
  });

  it.each([0, 1, 2, 3, 4])('are read from version 1.%i, in another pass too', async (minor) => {
    const reader = await open({ minor, format: 1, points: POINTS });
    const first = await readWhole(reader);
    expect(first.positions).toHaveLength(6);
    expect(await readWhole(reader)).toEqual(first);
  });

  it('come in batches of at most 65,536, in order', async () => {
    const points = Array.from({ length: 70_000 }, (_, i): LasPoint => ({ xyz: [i, 0, 0] }));
    const { positions, batches } = await readWhole(await open({ minor: 2, format: 0, points, scale: [1, 1, 1] }));
    expect(batches).toBe(2);
    expect(positions.filter((_, i) => i % 3 === 0)).toEqual(points.map(({ xyz }) => xyz[0]));
  });

  it('stay when their GPS time is not a number, and go when their place is none', async () => {
    const points: LasPoint[] = [{ xyz: [1, 2, 3], time: NaN }, { xyz: [0, 0, 0] }, { xyz: [2_000_000_000, 0, 0] }];
    const whole = await readWhole(
      await open({ minor: 2, format: 1, points, scale: [1e300, 1, 1], min: [0, 0, 0], max: [1, 1, 1] }),
    );
    expect(whole.summary).toEqual({ points: 2, leftOut: 1 });
    expect(whole.positions).toEqual([1e300, 2, 3, 0, 0, 0]);
    expect(whole.fields['time']).toEqual([NaN, 0]);
  });
});

describe('LAS colours', () => {
  const colored = (...rgb: [number, number, number][]): LasSpec => ({
    minor: 2,
    format: 2,
    points: rgb.map((value, i): LasPoint => ({ xyz: [i, 0, 0], rgb: value })),
  });

  it('of 16 bits are their high bytes, whether a writer multiplied by 256 or by 257', async () => {
    const reader = await open(colored([255 * 256, 255 * 257, 128 * 256], [77 * 257, 1, 0]));
    expect((await readWhole(reader)).colors).toEqual([255, 255, 128, 77, 0, 0]);
    expect(reader.header.warnings).toEqual([]);
  });

  it('that never exceed 255 are taken as they are, and it is said', async () => {
    const reader = await open(colored([255, 12, 234], [0, 0, 1]));
    expect((await readWhole(reader)).colors).toEqual([255, 12, 234, 0, 0, 1]);
    expect(reader.header.warnings.join()).toContain('0 to 255');
  });

  it('are judged from all over the file: one bright point at its end tells', async () => {
    const points = Array.from({ length: 9000 }, (_, i): LasPoint => ({ xyz: [i, 0, 0], rgb: [200, 0, 0] }));
    points[8999] = { xyz: [0, 0, 0], rgb: [60_000, 0, 0] };
    const { colors } = await readWhole(await open({ minor: 2, format: 2, points }));
    expect(colors?.slice(0, 3)).toEqual([0, 0, 0]);
    expect(colors?.at(-3)).toBe(60_000 >> 8);
  });

  it('that are zero throughout are no colours', async () => {
    const reader = await open(colored([0, 0, 0], [0, 0, 0]));
    expect(reader.header.hasColors).toBe(false);
    expect((await readWhole(reader)).colors).toBeNull();
  });
});

describe('extra bytes', () => {
  it('have their names, scales, offsets and missing values', async () => {
    // u16 5 → 5·0.5 + 1 = 3.5; i8 −1 is "no data"; u16 pair (258, 3); float 1.5.
    const extra = [5, 0, 0xff, 2, 1, 3, 0, 0, 0, 0xc0, 0x3f];
    const reader = await open({
      minor: 4,
      format: 6,
      points: [{ xyz: [0, 0, 0], extra }],
      records: [
        extraByteRecord([
          { name: 'Amplitude', type: 3, options: 8 | 16, scale: 0.5, offset: 1 },
          { name: 'Quality', type: 2, options: 1, noData: -1 },
          { name: 'Pair', type: 13 },
          { name: 'intensity', type: 9 },
        ]),
      ],
    });
    const { fields } = await readWhole(reader);
    expect(fields).toMatchObject({ Amplitude: [3.5], Quality: [NaN], 'Pair[0]': [258], 'Pair[1]': [3] });
    // A name that is taken keeps the format's own field.
    expect([fields['intensity'], fields['intensity (2)']]).toEqual([[0], [1.5]]);
  });

  it('that are described beyond the record are passed over with a warning; undescribed ones silently', async () => {
    const points: LasPoint[] = [{ xyz: [1, 2, 3], extra: [1, 2] }];
    const described = await open({ minor: 4, format: 0, points, records: [extraByteRecord([{ name: 'a', type: 5 }])] });
    expect(described.header.fieldNames).toEqual(['intensity', 'classification', 'returnNumber']);
    expect(described.header.warnings.join()).toContain('more extra bytes');
    const { header } = await open({ minor: 2, format: 0, points });
    expect([header.fieldNames.length, header.warnings]).toEqual([3, []]);
  });

  it('are found after the points too', async () => {
    const points: LasPoint[] = [{ xyz: [1, 2, 3], extra: [42] }];
    const reader = await open({
      minor: 4,
      format: 6,
      points,
      extendedRecords: [extraByteRecord([{ name: 'late', type: 1 }])],
    });
    expect((await readWhole(reader)).fields['late']).toEqual([42]);
  });
});

describe('what a LAS header says', () => {
  it('counts points in 64 bits, and in the old field where both are there and differ', async () => {
    const points: LasPoint[] = [{ xyz: [0, 0, 0] }, { xyz: [1, 1, 1] }];
    const differing = await open({ minor: 4, format: 1, points, damage: (v) => v.setUint32(107, 1, true) });
    expect([differing.header.points, differing.header.warnings.length]).toEqual([1, 1]);
    const huge = (v: DataView): void => {
      v.setUint32(107, 0, true);
      v.setBigUint64(247, 5_000_000_000n, true);
    };
    const error = await refusal(open({ minor: 4, format: 6, points, damage: huge }));
    expect([error.code, error.problem]).toEqual(['truncated', expect.stringContaining('5000000000 points')]);
  });

  it('of no points is an empty cloud', async () => {
    const reader = await open({ minor: 2, format: 3, points: [] });
    expect([reader.header.points, reader.header.bounds]).toEqual([0, null]);
    expect((await readWhole(reader)).summary).toEqual({ points: 0, leftOut: 0 });
  });

  const damages: [string, (v: DataView) => void, string, RegExp][] = [
    ['another beginning', (v) => v.setUint8(0, 0x58), 'malformed', /byte 0$/],
    ['a version of the future', (v) => v.setUint8(25, 7), 'unsupported', /byte 24/],
    ['a header that is too short', (v) => v.setUint16(94, 100, true), 'malformed', /byte 94/],
    ['points within the header', (v) => v.setUint32(96, 10, true), 'malformed', /byte 96/],
    ['points beyond the end', (v) => v.setUint32(96, 4e9, true), 'truncated', /byte 96/],
    ['an unknown point format', (v) => v.setUint8(104, 11), 'unsupported', /byte 104/],
    ['records shorter than their format', (v) => v.setUint16(105, 19, true), 'malformed', /byte 105/],
    ['one point too many', (v) => v.setUint32(107, 3, true), 'truncated', /byte 267/],
    ['a scale of zero', (v) => v.setFloat64(139, 0, true), 'malformed', /byte 139/],
    ['a scale that is no number', (v) => v.setFloat64(131, NaN, true), 'malformed', /byte 131/],
    ['an infinite offset', (v) => v.setFloat64(171, Infinity, true), 'malformed', /byte 171/],
    ['compression that nobody can undo here', (v) => v.setUint8(104, 0x80), 'malformed', /byte/],
  ];
  it.each(damages)('with %s is refused with its byte', async (_name, damage, code, where) => {
    const points: LasPoint[] = [{ xyz: [0, 0, 0] }, { xyz: [1, 1, 1] }];
    const error = await refusal(open({ minor: 2, format: 0, points, damage }));
    expect(error.code).toBe(code);
    expect(error.where).toMatch(where);
    expect(error.hint).not.toBe('');
  });

  it('is refused where the file ends within it', async () => {
    const bytes = makeLas({ minor: 4, format: 6, points: [{ xyz: [0, 0, 0] }] });
    for (const length of [0, 3, 4, 100, 226, 227, 374, 375, 404]) {
      const error = await refusal(openLas(bytesAsSource(bytes.slice(0, length), 'cut.las')));
      expect(['malformed', 'truncated']).toContain(error.code);
    }
  });

  it('with records that are not there is believed about its points, with a warning', async () => {
    const points: LasPoint[] = [{ xyz: [3, 4, 5] }];
    const reader = await open({ minor: 2, format: 0, points, damage: (v) => v.setUint32(100, 4_000_000_000, true) });
    expect(reader.header.warnings.join()).toContain('4000000000 variable-length records; 0 are there');
    expect((await readWhole(reader)).positions).toEqual([0.03, 0.04, 0.05]);
  });
});
