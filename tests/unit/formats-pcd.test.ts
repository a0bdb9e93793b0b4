import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import { decompressLzf } from '../../engine/formats/lzf.js';
import { openPcd } from '../../engine/formats/read-pcd.js';
import { ImportError } from '../../engine/scene/errors.js';
import { Bytes } from '../fixtures/captures/encode-formats.js';
import { collectCloud } from '../fixtures/clouds/collect-cloud.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

async function read(bytes: Uint8Array | string) {
  const reader = await openPcd(bytesAsSource(typeof bytes === 'string' ? encode(bytes) : bytes, 'made.pcd'));
  return { header: reader.header, ...(await collectCloud(reader)) };
}

async function refusal(bytes: Uint8Array | string): Promise<ImportError> {
  try {
    await read(bytes);
  } catch (error) {
    if (error instanceof ImportError) return error;
    throw error;
  }
  throw new Error('was read');
}

interface Layout {
  readonly fields: string;
  readonly sizes: string;
  readonly types: string;
  readonly counts: string;
}

const headerOf = (
  { fields, sizes, types, counts }: Layout,
  points: number,
  data: string,
  viewpoint = '0 0 0 1 0 0 0',
) =>
  `# .PCD v0.7\nVERSION 0.7\nFIELDS ${fields}\nSIZE ${sizes}\nTYPE ${types}\nCOUNT ${counts}\nWIDTH ${points}\nHEIGHT 1\n` +
  `VIEWPOINT ${viewpoint}\nPOINTS ${points}\nDATA ${data}\n`;

const XYZ = { fields: 'x y z', sizes: '4 4 4', types: 'F F F', counts: '1 1 1' };
/** 1 + 4 + 8 + 2 · 2 + 4 + 4 + 1 bytes: nothing is aligned. */
const MIXED = {
  fields: '_ x y label z rgb ring',
  sizes: '1 4 8 2 4 4 1',
  types: 'U F F I F F U',
  counts: '1 1 1 2 1 1 1',
};

function mixedRecord(x: number, y: number, z: number): Bytes {
  const labels = [0xfe, 0xff, 0x2a, 0x00];
  // 0xRRGGBB, little-endian.
  return new Bytes()
    .u8(9)
    .f32(x)
    .f64(y)
    .u8(...labels)
    .f32(z)
    .u8(30, 20, 10, 0)
    .u8(200);
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** LZF with literals only. */
function storeLzf(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at += 32) {
    const piece = bytes.subarray(at, at + 32);
    out.push(piece.length - 1, ...piece);
  }
  return Uint8Array.from(out);
}

const compressed = (layout: Layout, points: number, columns: Uint8Array, packed = storeLzf(columns)): Uint8Array =>
  joined(
    encode(headerOf(layout, points, 'binary_compressed')),
    new Bytes().u32(packed.length, columns.length).done(),
    packed,
  );

describe('PCD', () => {
  it('binary: unaligned fields, several numbers a field, packed colours, padding', async () => {
    const data = joined(mixedRecord(1, -1e7 - 0.125, 3).done(), mixedRecord(4, 5, 6).done());
    const cloud = await read(joined(encode(headerOf(MIXED, 2, 'binary')), data));
    expect(cloud.positions).toEqual([1, -1e7 - 0.125, 3, 4, 5, 6]);
    expect(cloud.colors).toEqual([10, 20, 30, 10, 20, 30]);
    expect([...cloud.fields]).toEqual([
      ['label_0', [-2, -2]],
      ['label_1', [42, 42]],
      ['ring', [200, 200]],
    ]);
  });

  it('binary_compressed: each field by itself', async () => {
    const columns = new Bytes().u8(9, 9).f32(1, 4).f64(2, 5).u8(0xfe, 0xff, 1, 0, 3, 0, 2, 0).f32(3, 6);
    const whole = columns.u8(30, 20, 10, 0, 33, 22, 11, 0).u8(200, 201).done();
    const cloud = await read(compressed(MIXED, 2, whole));
    expect(cloud.positions).toEqual([1, 2, 3, 4, 5, 6]);
    expect(cloud.colors).toEqual([10, 20, 30, 11, 22, 33]);
    expect([...cloud.fields]).toEqual([
      ['label_0', [-2, 3]],
      ['label_1', [1, 2]],
      ['ring', [200, 201]],
    ]);
  });

  it('LZF: copies near and far, over themselves, and none that leave the output', () => {
    // "abc", then 9 bytes from distance 3: length 7 + 0 + 2, distance 2 + 1.
    expect(decompressLzf(Uint8Array.of(2, 97, 98, 99, 0xe0, 0, 2), 12)).toEqual(encode('abcabcabcabc'));
    // A short copy: length 1 + 2, distance 1.
    expect(decompressLzf(Uint8Array.of(0, 97, 0x20, 0), 4)).toEqual(encode('aaaa'));
    const far = joined(storeLzf(new Uint8Array(300).map((_, i) => i & 255)), Uint8Array.of(0x21, 0x2b));
    // Distance (1 << 8) + 43 + 1 = 300.
    expect((decompressLzf(far, 303) as Uint8Array).slice(300)).toEqual(Uint8Array.of(0, 1, 2));
    for (const [input, length] of [
      [[0, 97, 0x20, 1], 4],
      [[5, 97], 6],
      [[0, 97, 0x20], 4],
      [[0, 97, 0xe0], 10],
      [[0, 97], 2],
      [[0, 97, 0x20, 0], 3],
    ] as const)
      expect(decompressLzf(Uint8Array.from(input), length)).toHaveProperty('badOffset');
  });

  it('ascii: NaN is left out, colours as decimals of a float and as integers', async () => {
    const layout = { fields: 'x y z rgb', sizes: '4 4 4 4', types: 'F F F F', counts: '1 1 1 1' };
    const bits = new DataView(new ArrayBuffer(4));
    bits.setUint32(0, 0x00_64_96_c8);
    const text = bits.getFloat32(0).toPrecision(9);
    const cloud = await read(`${headerOf(layout, 3, 'ascii')}1 2 3 ${text}\r\nnan nan nan 0\n4 5 -6e-1 ${text}\n`);
    expect(cloud.summary).toEqual({ points: 2, leftOut: 1 });
    expect(cloud.positions).toEqual([1, 2, 3, 4, 5, -0.6]);
    expect(cloud.colors).toEqual([100, 150, 200, 100, 150, 200]);
    const integers = await read(`${headerOf({ ...layout, types: 'F F F U' }, 1, 'ascii')}1 2 3 6592200\n`);
    expect(integers.colors).toEqual([100, 150, 200]);
  });

  it('what version 0.5 leaves out has defaults, and a viewpoint does not move points', async () => {
    const old = await read('VERSION .5\nFIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nPOINTS 1\nDATA ascii\n1 2 3\n');
    expect([old.positions, old.header.sensorOrigins, old.header.variant]).toEqual([[1, 2, 3], [], 'PCD 0.5 ascii']);
    const seen = await read(`${headerOf(XYZ, 1, 'ascii', '7 8 9 0 1 0 0')}1 2 3\n`);
    expect([seen.positions, seen.header.sensorOrigins]).toEqual([[1, 2, 3], [[7, 8, 9]]]);
  });

  it("nuScenes' radar: speeds along the horizontal ray, own names kept", async () => {
    const layout = {
      fields: 'x y z rcs vx vy vx_comp vy_comp',
      sizes: '4 4 4 4 4 4 4 4',
      types: 'F F F F F F F F',
      counts: '1 1 1 1 1 1 1 1',
    };
    // The ray is (3, 4)/5: (6·3 + 8·4)/5 = 10 and (−3·3 − 4·4)/5 = −5. At the sensor there is no ray.
    const data = new Bytes().f32(3, 4, 1, 12.5, -3, -4, 6, 8, 0, 0, 0, 1, 2, 3, 4, 5).done();
    const cloud = await read(joined(encode(headerOf(layout, 2, 'binary')), data));
    expect(cloud.fields.get('rcs')).toEqual([12.5, 1]);
    expect(cloud.fields.get('vx_comp')).toEqual([6, 4]);
    expect(cloud.fields.get('radialSpeed')).toEqual([-5, 0]);
    expect(cloud.fields.get('compensatedRadialSpeed')).toEqual([10, 0]);
  });

  it('colours of 16 bits and of 8 in 16 are told apart', async () => {
    const layout = {
      fields: 'x y z red green blue',
      sizes: '4 4 4 2 2 2',
      types: 'F F F U U U',
      counts: '1 1 1 1 1 1',
    };
    const colorsOf = async (line: string) => (await read(`${headerOf(layout, 1, 'ascii')}1 2 3 ${line}\n`)).colors;
    expect(await colorsOf('65535 257 0')).toEqual([255, 1, 0]);
    expect(await colorsOf('255 128 0')).toEqual([255, 128, 0]);
  });

  it('cut off anywhere, it is refused', async () => {
    const columns = new Bytes().f32(1, 4, 2, 5, 3, 6).done();
    const whole = [
      joined(encode(headerOf(XYZ, 2, 'binary')), columns),
      compressed(XYZ, 2, columns),
      encode(`${headerOf(XYZ, 2, 'ascii')}1 2 3\n4 5 6`),
    ];
    for (const bytes of whole)
      for (let length = 0; length < bytes.length; length++) {
        expect(['truncated', 'malformed']).toContain((await refusal(bytes.subarray(0, length))).code);
      }
  });

  it.each([
    ['malformed', `${headerOf(XYZ, 2, 'ascii')}1 2 3\n4 5.25\n`, 'line 13'],
    ['malformed', `${headerOf(XYZ, 1, 'ascii')}1 2 three\n`, 'line 12'],
    ['malformed', `${headerOf(XYZ, 1, 'ascii')}1,5 2,5 3,5\n`, 'line 12'],
    ['truncated', headerOf(XYZ, 1e14, 'ascii'), 'byte 160'],
    ['truncated', headerOf(XYZ, 1e14, 'binary'), 'byte 161'],
    ['malformed', headerOf(XYZ, 2, 'ascii').replace('WIDTH 2', 'WIDTH 3'), 'line 10'],
    ['malformed', headerOf(XYZ, 1, 'ascii').replace('FIELDS x y z', 'FIELDS x y w') + '1 2 3', 'header'],
    ['malformed', headerOf(XYZ, 1, 'ascii').replace('COUNT 1 1 1', 'COUNT 1 1'), 'line 6'],
    ['unsupported', headerOf(XYZ, 1, 'ascii').replace('SIZE 4', 'SIZE 3'), 'header'],
    ['unsupported', headerOf(XYZ, 1, 'zip'), 'line 11'],
    ['unsupported', headerOf(XYZ, 1, 'binary').replace('COUNT 1', 'COUNT 99999'), 'header'],
    ['malformed', 'VERSION 0.7\nCOLOUR red\n', 'line 2'],
    ['malformed', 'VERSION 0.7\nVERSION 0.7\n', 'line 2'],
    ['truncated', 'VERSION 0.7\n', 'header'],
  ])('%s: %j', async (code, text, where) => {
    const error = await refusal(text);
    expect([error.code, error.where]).toEqual([code, where]);
  });

  it('compressed sizes that cannot be are refused before anything is allocated', async () => {
    const huge = joined(
      encode(headerOf(XYZ, 300_000_000, 'binary_compressed')),
      new Bytes().u32(9, 3_600_000_000).done(),
    );
    expect((await refusal(joined(huge, new Uint8Array(9)))).code).toBe('too-large');
    const tall = joined(encode(headerOf(XYZ, 1000, 'binary_compressed')), new Bytes().u32(9, 12_000).done());
    expect((await refusal(joined(tall, new Uint8Array(9)))).code).toBe('malformed');
    const other = joined(encode(headerOf(XYZ, 2, 'binary_compressed')), new Bytes().u32(25, 23).done());
    expect((await refusal(joined(other, new Uint8Array(25)))).code).toBe('malformed');
  });
});
