import { describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import { readLlff } from '../../engine/formats/read-llff.js';
import { readMiddlebury } from '../../engine/formats/read-middlebury.js';
import { readNpy } from '../../engine/formats/read-npy.js';
import { Bytes, encodeNpy } from '../fixtures/captures/encode-formats.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';
import { KNOWN_CAMERAS, llffRows, middleburyText } from '../fixtures/captures/known-cameras.js';
import { memoryCapture } from '../fixtures/captures/memory-capture.js';

describe('.npy', () => {
  it.each(['<f8', '>f8', '<f4', '>f4'])('reads %s', (descr) => {
    expect(readNpy(encodeNpy([2, 3], [1, 2, 3, 4, 5, -0.5], { descr }), 'x.npy')).toEqual({
      shape: [2, 3],
      data: Float64Array.of(1, 2, 3, 4, 5, -0.5),
    });
  });

  it.each([1, 2, 3] as const)('reads version %i, one dimension, and a buffer that begins elsewhere', (version) => {
    const bytes = encodeNpy([3], [1, 2, 3], { version });
    expect(readNpy(Uint8Array.from([9, ...bytes]).subarray(1), 'x.npy').data).toEqual(Float64Array.of(1, 2, 3));
  });

  it('brings Fortran order into row-major order', () => {
    // Stored column by column: [[1, 2, 3], [4, 5, 6]], and a cube whose entry (i, j, k) is 100 i + 10 j + k.
    expect(readNpy(encodeNpy([2, 3], [1, 4, 2, 5, 3, 6], { fortranOrder: true }), 'x.npy').data).toEqual(
      Float64Array.of(1, 2, 3, 4, 5, 6),
    );
    const stored: number[] = [];
    for (const k of [0, 1]) for (const j of [0, 1, 2]) for (const i of [0, 1]) stored.push(100 * i + 10 * j + k);
    expect([...readNpy(encodeNpy([2, 3, 2], stored, { fortranOrder: true }), 'x.npy').data]).toEqual(
      [0, 1, 10, 11, 20, 21].flatMap((v) => [v]).concat([100, 101, 110, 111, 120, 121]),
    );
  });

  it('refuses what it cannot read, without unpacking or allocating', async () => {
    const good = encodeNpy([2, 2], [1, 2, 3, 4]);
    for (let length = 1; length < good.length; length++)
      expect(['truncated', 'malformed']).toContain(
        (await expectAny(() => readNpy(good.subarray(0, length), 'x.npy'))).code,
      );
    await expectImportError('truncated', () => readNpy(new Uint8Array(0), 'x.npy'));
    await expectImportError('malformed', () => readNpy(new TextEncoder().encode('PK\x03\x04 a zip'), 'x.npz'));
    await expectImportError('unsupported', () => readNpy(encodeNpy([1], [1], { descr: '|O8' }), 'x.npy'));
    await expectImportError('unsupported', () => readNpy(encodeNpy([1], [1], { descr: '<i8' }), 'x.npy'));
    await expectImportError('unsupported', () => readNpy(encodeNpy([1], [1], { version: 4 as 3 }), 'x.npy'));
    await expectImportError('truncated', () => readNpy(encodeNpy([1e9, 1e9], [1]), 'x.npy'));
    await expectImportError('size-mismatch', () => readNpy(encodeNpy([1], [1, 2]), 'x.npy'));
    const records = new Bytes().u8(0x93).text('NUMPY').u8(1, 0, 60, 0);
    records.text("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}".slice(0, 60)).done();
    await expectAny(() => readNpy(records.done(), 'x.npy'));
  });

  const expectAny = async (action: () => unknown) => {
    try {
      action();
    } catch (error) {
      return error as { code: string };
    }
    throw new Error('nothing was thrown');
  };
});

describe('LLFF', () => {
  const capture = (rows: number[][], photos: string[]) =>
    memoryCapture({
      'poses_bounds.npy': encodeNpy([rows.length, rows[0]?.length ?? 17], rows.flat()),
      ...Object.fromEntries(photos.map((path) => [path, ''])),
    });
  const names = KNOWN_CAMERAS.map(({ name }) => name);
  const folder = (path: string): string[] => names.map((name) => `${path}${name}`);

  it('gives row i to the i-th sorted name, and skips what is no photo', async () => {
    const photos = [
      'images/b.png',
      'images/c.png',
      'images/a.png',
      'images/.DS_Store',
      'images/._a.png',
      'images/notes.txt',
    ];
    const { views } = await importCapture(capture(llffRows(), photos));
    expect(views.map(({ name, camera }) => [name, camera.cameraFromWorld.translation[0]])).toEqual([
      ['a.png', -1],
      ['b.png', 6],
      ['c.png', 8],
    ]);
  });

  it('offers the smallest photos, or the smallest that are as wide as asked', async () => {
    const photos = [...folder('images/'), ...folder('images_2/'), ...folder('images_8/')];
    const chosen = async (widthPx: number | null) =>
      (await importCapture(capture(llffRows(), photos), null, { widthPx })).views[0]?.imagePath;
    expect(await chosen(null)).toBe('images_8/a.png');
    expect(await chosen(8)).toBe('images_8/a.png');
    expect(await chosen(9)).toBe('images_2/a.png');
    expect(await chosen(33)).toBe('images/a.png');
    expect(await chosen(1000)).toBe('images/a.png');
  });

  it('refuses a number of photos that disagrees, and no photos at all', async () => {
    const error = await expectImportError('size-mismatch', () =>
      importCapture(capture(llffRows(), folder('images/').slice(1))),
    );
    expect(error.message).toContain('2 in images');
    await expectImportError('not-found', () => importCapture(capture(llffRows(), [])));
    // Another folder with the right number is taken.
    const photos = [...folder('images/').slice(1), ...folder('images_8/')];
    expect((await importCapture(capture(llffRows(), photos))).views).toHaveLength(3);
  });

  it('refuses bad rows, by row', async () => {
    const changed = (column: number, value: number): Uint8Array => {
      const rows = llffRows();
      (rows[1] as number[])[column] = value;
      return encodeNpy([3, 17], rows.flat());
    };
    const read = (bytes: Uint8Array) => () => readLlff(bytes, 'poses_bounds.npy');
    expect((await expectImportError('malformed', read(changed(3, NaN)))).where).toBe('row 1');
    await expectImportError('malformed', read(changed(4, NaN)));
    await expectImportError('malformed', read(changed(9, Infinity)));
    await expectImportError('malformed', read(changed(14, -5)));
    await expectImportError('singular-matrix', read(changed(1, 0.9)));
    await expectImportError('malformed', read(encodeNpy([3, 16], new Array(48).fill(1) as number[])));
    await expectImportError('malformed', read(encodeNpy([51], llffRows().flat())));
  });
});

describe('Middlebury', () => {
  const read = (text: string) => readMiddlebury(new TextEncoder().encode(text), 'x_par.txt');

  it('reads names with spaces and a K that is scaled', () => {
    const line = 'my photo.png 200 0 64 0 200 48 0 0 2 1 0 0 0 1 0 0 0 1 0 0 0';
    const [photo] = read(`1\r\n${line}\r\n`);
    expect(photo?.name).toBe('my photo.png');
    expect(photo?.camera.intrinsics).toEqual({ fx: 100, fy: 100, cx: 32, cy: 24, width: 0, height: 0 });
  });

  it('refuses what is wrong, with the line', async () => {
    const lines = middleburyText().trim().split('\n');
    const withLine = (line: string) => () => read([lines[0], lines[1], line, lines[3]].join('\n'));
    await expectImportError('malformed', () => read(''));
    await expectImportError('malformed', () => read(lines.slice(1).join('\n')));
    await expectImportError('truncated', () => read(lines.slice(0, 3).join('\n')));
    await expectImportError('size-mismatch', () => read([...lines, lines[3]].join('\n')));
    expect((await expectImportError('malformed', withLine('b.png 1 2 3'))).where).toBe('line 3');
    const words = (lines[2] as string).split(' ');
    const bad = (index: number, word: string) => withLine(words.map((old, i) => (i === index ? word : old)).join(' '));
    await expectImportError('malformed', bad(1, 'nan'));
    await expectImportError('malformed', bad(9, '0'));
    await expectImportError('malformed', bad(1, '-100'));
    await expectImportError('unsupported', bad(2, '5'));
    await expectImportError('singular-matrix', bad(11, '0.3'));
    await expectImportError('malformed', bad(20, '1e400'));
  });
});
