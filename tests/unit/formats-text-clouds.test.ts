import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import { openCsvCloud } from '../../engine/formats/read-csv-cloud.js';
import { openPts } from '../../engine/formats/read-pts.js';
import { MAX_LINE_BYTES, readLines } from '../../engine/formats/text-lines.js';
import { ImportError } from '../../engine/scene/errors.js';
import { collectCloud } from '../fixtures/clouds/collect-cloud.js';

const sourceOf = (text: string) => bytesAsSource(new TextEncoder().encode(text), 'made.txt');

async function read(open: typeof openCsvCloud, text: string) {
  const reader = await open(sourceOf(text));
  return { header: reader.header, ...(await collectCloud(reader)) };
}

async function refusal(open: typeof openCsvCloud, text: string): Promise<ImportError> {
  try {
    await read(open, text);
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('was read');
}

const csv = (text: string) => read(openCsvCloud, text);
const pts = (text: string) => read(openPts, text);

describe('lines of text', () => {
  const linesOf = async (text: string): Promise<string[]> => {
    const all: string[] = [];
    for await (const { lines, firstNumber } of readLines(sourceOf(text), { offset: 0, number: 1 })) {
      expect(firstNumber).toBe(all.length + 1);
      all.push(...lines);
    }
    return all;
  };

  it('are the same whatever ends them and wherever blocks end', async () => {
    expect(await linesOf('a\nb\r\nc\rd')).toEqual(['a', 'b', 'c', 'd']);
    expect(await linesOf('a\n\nb\n')).toEqual(['a', '', 'b']);
    // Blocks are 2¹⁸ bytes: CR LF falls on either side of their ends.
    for (const shift of [0, 1, 2, 3]) {
      const line = 'x'.repeat(1021);
      const text = 'y'.repeat(shift) + '\r\n' + `${line}ä\r\n`.repeat(600);
      const expected = ['y'.repeat(shift), ...new Array<string>(600).fill(`${line}ä`)];
      expect((await linesOf(text)).join('|') === expected.join('|')).toBe(true);
    }
  });

  it('that are too long, or no text, are refused', async () => {
    await expect(linesOf('x'.repeat(MAX_LINE_BYTES + 1))).rejects.toThrow(ImportError);
    await expect(linesOf('x'.repeat(600_000))).rejects.toThrow(ImportError);
    await expect(linesOf('1 2 3\n1 \0 3\n')).rejects.toMatchObject({ code: 'malformed', where: 'byte 8' });
  });
});

describe('PTS', () => {
  it('may have intensities, colours, neither or both, with a count or without, and several scans', async () => {
    expect((await pts('2\n1 2 3\n4 5 6\n')).positions).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await pts('1 2 3 -2048\r\n')).fields.get('intensity')).toEqual([-2048]);
    expect((await pts('1 2 3 10 20 30\n')).colors).toEqual([10, 20, 30]);
    const both = await pts('1\n1 2 3 255 10 20 30\n2\n4 5 6 0 1 2 3\n7 8 9 0 1 2 3\n');
    expect([both.count, both.colors, both.fields.get('intensity')]).toEqual([
      3,
      [10, 20, 30, 1, 2, 3, 1, 2, 3],
      [255, 0, 0],
    ]);
    expect((await pts('0\n')).count).toBe(0);
  });

  it.each([
    ['truncated', '3\n1 2 3\n4 5 6\n', 'byte 14'],
    ['truncated', '3\n1 2 3\n2\n4 5 6\n4 5 6\n', 'line 3'],
    ['malformed', '1 2 3\n4 5 6 7\n', 'line 2'],
    ['malformed', '1 2 3 4 5\n', 'line 1'],
    ['malformed', '1 2 3\n4 five 6\n', 'line 2'],
    ['malformed', '1,5 2,5 3,5\n', 'line 1'],
    ['malformed', 'x y z\n', 'line 1'],
    ['malformed', '\n\n', ''],
  ])('%s: %j', async (code, text, where) => {
    const error = await refusal(openPts, text);
    expect([error.code, error.where]).toEqual([code, where]);
  });
});

describe('CSV', () => {
  it.each([
    ['x,y,z,rcs,v_r,v_r_comp\n', ','],
    ['X;Y;Z;RCS;vr;vr_compensated\n', ';'],
    ['x\ty\tz\tRCS [dBsm]\tDoppler\tv_r_compensated\n', '\t'],
    ['//x y z rcs_dbsm radial_velocity v_rad_comp\n', ' '],
    ['"x","y","z","rcs","range_rate","doppler_compensated"\n', ','],
  ])('%j', async (header, separator) => {
    const cloud = await csv(`${header}${['1', '2', '-3e0', '12.5', '-4', '0.5'].join(separator)}\n`);
    expect(cloud.positions).toEqual([1, 2, -3]);
    expect([...cloud.fields]).toEqual([
      ['rcs', [12.5]],
      ['radialSpeed', [-4]],
      ['compensatedRadialSpeed', [0.5]],
    ]);
  });

  it('polar places in degrees and radians', async () => {
    const degrees = await csv('range [m],azimuth_deg,elevation (°),v_r [km/h]\n2,90,30,36\n');
    [0, Math.sqrt(3), 1].forEach((value, i) => expect(degrees.positions[i]).toBeCloseTo(value, 12));
    expect(degrees.fields.get('radialSpeed')![0]).toBeCloseTo(10, 12);
    expect([degrees.header.frame.unit, degrees.header.frame.upAxis]).toEqual(['metre', 'z']);
    const radians = await csv(`r,az_rad,el_rad\n2,${Math.PI},${Math.PI / 2}\n`);
    [0, 0, 2].forEach((value, i) => expect(radians.positions[i]).toBeCloseTo(value, 12));
    expect(radians.header.frame.unit).toBe('unknown');
    const flat = await csv('range_m;azimuth_deg\n1;0\n');
    expect([flat.positions, flat.header.warnings.length]).toEqual([[1, 0, 0], 1]);
  });

  it('units of length are brought to metres or told', async () => {
    expect((await csv('x_mm,y_mm,z_mm\n1000,2000,3000\n')).positions).toEqual([1, 2, 3]);
    expect((await csv('x [ft],y [ft],z [ft]\n1,2,3\n')).header.frame.unit).toBe('foot');
    expect((await refusal(openCsvCloud, 'x [ft],y [m],z [m]\n1,2,3\n')).code).toBe('unsupported');
  });

  it('quotes, blanks, empty values, words, separators at the end, colours', async () => {
    const text =
      'name, x, y, z, red, green, blue, intensity, comment\n"a ""b"", c", 1, "2", 3, 255, 0, 7,, x\n\nd,,2,3,1,1,1,5,y\n';
    const cloud = await csv(text);
    expect(cloud.positions).toEqual([1, 2, 3]);
    expect(cloud.summary).toEqual({ points: 1, leftOut: 1 });
    expect([cloud.colors, [...cloud.fields]]).toEqual([[255, 0, 7], [['intensity', [NaN]]]]);
    expect(cloud.header.warnings).toEqual(['2 columns that hold no numbers are passed over.']);
    expect((await csv('x,y,z,\n1,2,3,\n4,5,6,\n')).count).toBe(2);
    expect((await csv('x,y,z\n')).count).toBe(0);
  });

  it.each([
    ['malformed', '1,2,3\n4,5,6\n', 'line 1', 'column names'],
    ['malformed', 'a,b,c\n1,2,3\n', 'header', 'x, y, z'],
    ['malformed', 'x,y,z\n1,2,3\n4,5\n', 'line 3', 'cut off'],
    ['malformed', 'x,y,z\n1,2,3\n4,5,six\n', 'line 3', 'Correct'],
    ['malformed', 'x;y;z\n1,5;2,5;3,5\n', 'line 2', 'decimal points'],
    ['malformed', 'x;y;z\n1;2;3\n1;2,5;3\n', 'line 3', 'decimal points'],
    ['malformed', 'x,y,z\n1,5,2,5,3,5\n', 'line 2', 'decimal points'],
    ['unsupported', 'range,azimuth,elevation\n1,2,3\n', 'header', 'azimuth_deg or azimuth_rad'],
    ['malformed', '', '', 'header line'],
  ])('%s: %j', async (code, text, where, hint) => {
    const error = await refusal(openCsvCloud, text);
    expect([error.code, error.where]).toEqual([code, where]);
    expect(error.hint).toContain(hint);
  });
});
