import { describe, expect, it } from 'vitest';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import { openPlyCloud } from '../../engine/formats/read-ply-cloud.js';
import { ImportError } from '../../engine/scene/errors.js';
import { Bytes } from '../fixtures/captures/encode-formats.js';
import { collectCloud } from '../fixtures/clouds/collect-cloud.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

async function read(bytes: Uint8Array | string) {
  const reader = await openPlyCloud(bytesAsSource(typeof bytes === 'string' ? encode(bytes) : bytes, 'made.ply'));
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

const headerOf = (encoding: string, ...elements: readonly string[]): string =>
  `ply\nformat ${encoding} 1.0\n${elements.join('\n')}\nend_header\n`;
const VERTEX = ['property float x', 'property double y', 'property float z'];
const MESH = [
  ...['element camera 2', 'property list uchar float ray', 'property int id'],
  ...['element vertex 2', ...VERTEX, 'property list uint8 int16 near', 'property char red', 'property char green'],
  ...['property char blue', 'property short label', 'element face 2', 'property list uchar int vertex_indices'],
];

/** MESH's data in one byte order; every number by hand. */
function meshData(littleEndian: boolean): Uint8Array {
  const parts: number[] = [];
  const put = (size: number, write: (view: DataView) => void): void => {
    const view = new DataView(new ArrayBuffer(size));
    write(view);
    parts.push(...new Uint8Array(view.buffer));
  };
  const byte = (value: number): void => void parts.push(value & 255);
  const short = (value: number): void => put(2, (view) => view.setInt16(0, value, littleEndian));
  const int = (value: number): void => put(4, (view) => view.setInt32(0, value, littleEndian));
  const float = (value: number): void => put(4, (view) => view.setFloat32(0, value, littleEndian));
  const double = (value: number): void => put(8, (view) => view.setFloat64(0, value, littleEndian));
  for (const [items, id] of [
    [3, 1],
    [0, 2],
  ] as const) {
    byte(items);
    for (let i = 0; i < items; i++) float(i);
    int(id);
  }
  for (const [x, y, z, near] of [
    [1, 1 / 3, 2, [5, 6]],
    [-1, 1e10, 0.5, []],
  ] as const) {
    float(x);
    double(y);
    float(z);
    byte(near.length);
    near.forEach(short);
    [255, 128, 7].forEach(byte);
    short(-300);
  }
  for (const corners of [
    [0, 1, 0],
    [1, 0, 1, 0],
  ]) {
    byte(corners.length);
    corners.forEach(int);
  }
  return Uint8Array.from(parts);
}

describe('PLY clouds', () => {
  it.each([
    ['binary_little_endian', true],
    ['binary_big_endian', false],
  ])('%s: lists before, in and after the vertices are passed over', async (encoding, littleEndian) => {
    const whole = joined(encode(headerOf(encoding, ...MESH)), meshData(littleEndian));
    const cloud = await read(whole);
    expect(cloud.positions).toEqual([1, 1 / 3, 2, -1, 1e10, 0.5]);
    // Signed bytes in which colours were meant.
    expect(cloud.colors).toEqual([255, 128, 7, 255, 128, 7]);
    expect([...cloud.fields]).toEqual([['label', [-300, -300]]]);
    expect(cloud.header.warnings).toHaveLength(2);
    const start = whole.length - meshData(littleEndian).length;
    for (let length = 0; length < whole.length; length++) {
      const { code } = await refusal(whole.subarray(0, length));
      expect(code).toBe(length < start ? 'malformed' : 'truncated');
    }
  });

  it('ascii: the same', async () => {
    const data = '3 0 1 2 1\n0 2\n\n1 0.25 2 2 5 6 255 128 7 -300\n-1 1e10 .5 0 255 128 7 -300\n3 0 1 0\n4 1 0 1 0';
    const header = headerOf('ascii', ...MESH);
    const cloud = await read(header + data);
    expect(cloud.positions).toEqual([1, 0.25, 2, -1, 1e10, 0.5]);
    expect(cloud.colors).toEqual([255, 128, 7, 255, 128, 7]);
    for (let length = header.length; length < header.length + data.length; length++)
      expect(['truncated', 'malformed']).toContain((await refusal((header + data).slice(0, length))).code);
  });

  it.each([
    ['uchar red', 'uchar green', 'uchar blue', '255 0 1', [255, 0, 1]],
    ['float red', 'float green', 'float blue', '1 0.2 0', [255, 51, 0]],
    ['uchar diffuse_red', 'uchar diffuse_green', 'uchar diffuse_blue', '9 8 7', [9, 8, 7]],
    ['ushort red', 'ushort green', 'ushort blue', '65535 0 257', [255, 0, 1]],
  ])('colours: %s, %s, %s as %s', async (red, green, blue, written, colors) => {
    const header = headerOf(
      'ascii',
      'element vertex 1',
      ...VERTEX,
      ...[red, green, blue].map((one) => `property ${one}`),
    );
    expect((await read(`${header}1 2 3 ${written}\n`)).colors).toEqual(colors);
  });

  it('names that code asks for, among them those of CloudCompare; NaN places are left out', async () => {
    const header = headerOf(
      'ascii',
      'element vertex 2',
      ...VERTEX,
      'property float scalar_Intensity',
      'property double GpsTime',
    );
    const cloud = await read(`${header}1 2 3 4 5\nnan 2 3 4 5\n`);
    expect([...cloud.fields]).toEqual([
      ['intensity', [4]],
      ['time', [5]],
    ]);
    expect(cloud.summary).toEqual({ points: 1, leftOut: 1 });
  });

  it('counts that do not fit are refused before anything is allocated or walked', async () => {
    const cases = [
      headerOf('binary_little_endian', 'element vertex 1000000000000000', ...VERTEX),
      headerOf('ascii', 'element vertex 1000000000000000', ...VERTEX),
      headerOf(
        'binary_little_endian',
        'element vertex 0',
        ...VERTEX,
        'element face 1000000000000',
        'property list uchar int i',
      ),
    ];
    for (const text of cases) expect((await refusal(text)).code).toBe('truncated');
    // An element without properties has no records in the file, however many it announces.
    const hollow = headerOf('ascii', 'element hollow 1000000000000000', 'element vertex 1', ...VERTEX);
    expect((await read(`${hollow}1 2 3\n`)).count).toBe(1);
    const list = headerOf(
      'binary_little_endian',
      'element face 1',
      'property list int int i',
      'element vertex 0',
      ...VERTEX,
    );
    expect((await refusal(joined(encode(list), new Bytes().u32(0xfffffff0).done()))).code).toBe('malformed');
    expect((await refusal(joined(encode(list), new Bytes().u32(0x7ffffff0).done()))).code).toBe('truncated');
  });

  it('a line that is wrong is named', async () => {
    const header = headerOf('ascii', 'element vertex 2', ...VERTEX);
    const { code, where } = await refusal(`${header}1 2 3\n1 two 3\n`);
    expect([code, where]).toEqual(['malformed', 'line 9']);
    expect((await refusal(`${header}1 2 3\n1 2 3 4\n`)).where).toBe('line 9');
  });
});
