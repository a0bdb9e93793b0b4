import { describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import { readColmapCamerasBinary, readColmapImagesBinary } from '../../engine/formats/read-colmap-binary.js';
import { readColmapPointsBinary, readColmapPointsText } from '../../engine/formats/read-colmap-points.js';
import { readColmapCamerasText, readColmapImagesText } from '../../engine/formats/read-colmap-text.js';
import { colmapIntrinsics } from '../../engine/formats/colmap-model.js';
import type { ColmapImageRecord } from '../fixtures/captures/encode-formats.js';
import {
  Bytes,
  encodeColmapCamerasBinary,
  encodeColmapCamerasText,
  encodeColmapImagesBinary,
  encodeColmapImagesText,
} from '../fixtures/captures/encode-formats.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';
import { KNOWN_CAPTURES } from '../fixtures/captures/known-cameras.js';
import { memoryCapture } from '../fixtures/captures/memory-capture.js';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const AT = { file: 'cameras.bin', where: 'camera' };
const camera = (modelNumber: number, model: string, parameters: number[]) => ({
  ...{ id: 1, modelNumber, model, width: 100, height: 80, parameters },
});
const NO_DISTORTION = { k1: 0, k2: 0, p1: 0, p2: 0, k3: 0, k4: 0, k5: 0, k6: 0 };

describe('COLMAP camera models', () => {
  const size = { width: 100, height: 80 };
  it.each([
    [0, 'SIMPLE_PINHOLE', [90, 50, 40], { fx: 90, fy: 90, cx: 50, cy: 40, ...size }, null],
    [1, 'PINHOLE', [90, 91, 50, 40], { fx: 90, fy: 91, cx: 50, cy: 40, ...size }, null],
    [2, 'SIMPLE_RADIAL', [90, 50, 40, 0.1], { fx: 90, fy: 90, cx: 50, cy: 40, ...size }, { k1: 0.1 }],
    [3, 'RADIAL', [90, 50, 40, 0.1, 0.2], { fx: 90, fy: 90, cx: 50, cy: 40, ...size }, { k1: 0.1, k2: 0.2 }],
    [
      ...[4, 'OPENCV', [90, 91, 50, 40, 0.1, 0.2, 0.3, 0.4]],
      { fx: 90, fy: 91, cx: 50, cy: 40, ...size },
      { k1: 0.1, k2: 0.2, p1: 0.3, p2: 0.4 },
    ],
    [
      ...[6, 'FULL_OPENCV', [90, 91, 50, 40, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]],
      { fx: 90, fy: 91, cx: 50, cy: 40, ...size },
      { k1: 0.1, k2: 0.2, p1: 0.3, p2: 0.4, k3: 0.5, k4: 0.6, k5: 0.7, k6: 0.8 },
    ],
  ] as [number, string, number[], object, object | null][])(
    'model %i (%s), binary and text',
    (number, name, parameters, intrinsics, distortion) => {
      const record = camera(number, name, parameters);
      const read = [
        readColmapCamerasBinary(encodeColmapCamerasBinary([record]), 'cameras.bin').get(1),
        readColmapCamerasText(utf8(encodeColmapCamerasText([record])), 'cameras.txt').get(1),
      ];
      for (const found of read) {
        const complete = distortion === null ? null : { ...NO_DISTORTION, ...distortion };
        expect(colmapIntrinsics(found as NonNullable<typeof found>, AT)).toEqual({ intrinsics, distortion: complete });
      }
    },
  );

  it.each([
    [5, 'OPENCV_FISHEYE', 8],
    [7, 'FOV', 5],
    [8, 'SIMPLE_RADIAL_FISHEYE', 4],
    [10, 'THIN_PRISM_FISHEYE', 12],
  ])('model %i (%s) is refused, with advice', async (number, name, parameterCount) => {
    const record = camera(number, name, Array<number>(parameterCount).fill(0.5));
    const found = readColmapCamerasBinary(encodeColmapCamerasBinary([record]), 'cameras.bin').get(1);
    const error = await expectImportError('unsupported', () =>
      colmapIntrinsics(found as NonNullable<typeof found>, AT),
    );
    expect(error.message).toContain(name);
    expect(error.hint).toContain('image_undistorter');
  });

  it('refuses model names that every object has, and numbers that cannot be a camera', async () => {
    await expectImportError('unsupported', () => colmapIntrinsics(camera(1, 'constructor', [1]), AT));
    await expectImportError('malformed', () => colmapIntrinsics(camera(1, 'PINHOLE', [90, 90, 50]), AT));
    await expectImportError('malformed', () => colmapIntrinsics(camera(1, 'PINHOLE', [NaN, 90, 50, 40]), AT));
    await expectImportError('malformed', () => colmapIntrinsics(camera(1, 'PINHOLE', [-90, 90, 50, 40]), AT));
    await expectImportError('malformed', () =>
      colmapIntrinsics({ ...camera(1, 'PINHOLE', [90, 90, 50, 40]), width: 2 ** 40 }, AT),
    );
  });
});

const IMAGES: ColmapImageRecord[] = [
  {
    id: 3,
    cameraId: 1,
    name: 'a b/写真 1.jpg',
    pose: [1, 0, 0, 0, 1, 2, 3],
    keypoints: [
      [1, 2, 5],
      [3, 4, -1],
    ],
  },
  { id: 4, cameraId: 1, name: 'c.jpg', pose: [0, 1, 0, 0, -1, 0, 0.5], keypoints: [] },
];

describe('COLMAP images', () => {
  it('gives the same from binary and text, with names that hold spaces and keypoint lines that are empty', () => {
    const expected = [
      {
        ...{ id: 3, cameraId: 1, name: 'a b/写真 1.jpg', quaternion: [1, 0, 0, 0], translation: [1, 2, 3] },
        keypointsPx: Float64Array.of(1, 2, 3, 4),
      },
      {
        ...{ id: 4, cameraId: 1, name: 'c.jpg', quaternion: [0, 1, 0, 0], translation: [-1, 0, 0.5] },
        keypointsPx: new Float64Array(0),
      },
    ];
    expect(readColmapImagesBinary(encodeColmapImagesBinary(IMAGES), 'images.bin', true)).toEqual(expected);
    expect(readColmapImagesText(utf8(encodeColmapImagesText(IMAGES)), 'images.txt', true)).toEqual(expected);
  });

  it('reads text files with CR LF, without keypoint lines, and without a final line break', () => {
    const lines = ['# images', '1 1 0 0 0 0 0 0 1 a.jpg', '2 1 0 0 0 1 0 0 1 b c.jpg', '3 1 0 0 0 2 0 0 1 0003.jpg'];
    const images = readColmapImagesText(utf8(lines.join('\r\n')), 'images.txt');
    expect(images.map(({ name, translation }) => [name, translation[0]])).toEqual([
      ['a.jpg', 0],
      ['b c.jpg', 1],
      ['0003.jpg', 2],
    ]);
  });

  it('says where a text file is wrong', async () => {
    const read = (text: string) => () => readColmapImagesText(utf8(text), 'images.txt', true);
    expect((await expectImportError('malformed', read('# x\n\n1 1 0 0'))).where).toBe('line 3');
    expect((await expectImportError('malformed', read('1 1 0 0 nan 0 0 0 1 a.jpg\n\n'))).where).toBe('line 1');
    expect((await expectImportError('malformed', read('1 1 0 0 0 0 0 0 1 a.jpg\n1 2\n'))).where).toBe('line 2');
    await expectImportError('malformed', () => readColmapCamerasText(Uint8Array.of(0, 1, 2), 'cameras.txt'));
    await expectImportError('malformed', () => readColmapCamerasText(utf8('1 PINHOLE 0x10 5 1 1 1 1'), 'cameras.txt'));
  });

  it('refuses every truncation of a binary file, and counts that cannot be true', async () => {
    const whole = encodeColmapImagesBinary(IMAGES);
    for (let length = 0; length < whole.length; length++)
      await expectImportError('truncated', () => readColmapImagesBinary(whole.subarray(0, length), 'images.bin', true));
    const claimsMuch = whole.slice();
    claimsMuch.fill(255, 0, 8);
    await expectImportError('truncated', () => readColmapImagesBinary(claimsMuch, 'images.bin', true));
    await expectImportError('malformed', () => readColmapImagesBinary(Uint8Array.from([...whole, 0]), 'images.bin'));
  });

  it('reads a file that begins in the middle of a buffer', () => {
    const whole = encodeColmapImagesBinary(IMAGES);
    const shifted = Uint8Array.from([1, 2, 3, ...whole]).subarray(3);
    expect(readColmapImagesBinary(shifted, 'images.bin')).toEqual(readColmapImagesBinary(whole, 'images.bin'));
  });
});

describe('COLMAP points', () => {
  it('gives the same from binary and text', () => {
    const bytes = new Bytes().u64(2);
    bytes.u64(9).f64(1, 2, 3).u8(10, 20, 30).f64(0.5).u64(2).u32(3, 0, 4, 1);
    bytes.u64(12).f64(-1, 0, 4).u8(255, 0, 1).f64(0.25).u64(1).u32(4, 7);
    const text = '# points\n9 1 2 3 10 20 30 0.5 3 0 4 1\n12 -1 0 4 255 0 1 0.25 4 7\n';
    const expected = {
      count: 2,
      positions: Float64Array.of(1, 2, 3, -1, 0, 4),
      colours: Uint8Array.of(10, 20, 30, 255, 0, 1),
      errorsPx: Float64Array.of(0.5, 0.25),
      trackStarts: Uint32Array.of(0, 2, 3),
      trackImageIds: Uint32Array.of(3, 4, 4),
      trackKeypoints: Uint32Array.of(0, 1, 7),
    };
    expect(readColmapPointsBinary(bytes.done(), 'points3D.bin')).toEqual(expected);
    expect(readColmapPointsText(utf8(text), 'points3D.txt')).toEqual(expected);
  });

  it('refuses truncations', async () => {
    const bytes = new Bytes().u64(1).u64(9).f64(1, 2, 3).u8(10, 20, 30).f64(0.5).u64(1).u32(3, 0).done();
    for (let length = 0; length < bytes.length; length++)
      await expectImportError('truncated', () => readColmapPointsBinary(bytes.subarray(0, length), 'points3D.bin'));
    await expectImportError('malformed', () => readColmapPointsText(utf8('1 2 3'), 'points3D.txt'));
  });
});

describe('COLMAP captures', () => {
  const knownFiles = (): Record<string, Uint8Array | string> =>
    (KNOWN_CAPTURES['colmap-binary'] as () => object)() as never;
  const withImages = (images: ColmapImageRecord[]) =>
    memoryCapture({ ...knownFiles(), 'sparse/0/images.bin': encodeColmapImagesBinary(images) });
  const good = (name: string, id: number): ColmapImageRecord => ({
    id,
    cameraId: 7,
    name,
    pose: [1, 0, 0, 0, id, 0, 0],
  });

  it('names what is wrong with an image', async () => {
    const bad = (change: Partial<ColmapImageRecord>) => () =>
      importCapture(withImages([good('a.png', 1), { ...good('b.png', 2), ...change }]));
    const zero = await expectImportError('singular-matrix', bad({ pose: [0, 0, 0, 0, 0, 0, 0] }));
    expect([zero.file, zero.where]).toEqual(['sparse/0/images.bin', 'image 2 (b.png)']);
    await expectImportError('singular-matrix', bad({ pose: [NaN, 0, 0, 0, 0, 0, 0] }));
    await expectImportError('malformed', bad({ pose: [1, 0, 0, 0, NaN, 0, 0] }));
    await expectImportError('malformed', bad({ pose: [1, 0, 0, 0, Infinity, 0, 0] }));
    await expectImportError('malformed', bad({ cameraId: 99 }));
    await expectImportError('outside-capture', bad({ name: '../../secret.png' }));
    await expectImportError('outside-capture', bad({ name: '/etc/passwd' }));
    await expectImportError('malformed', bad({ name: '' }));
    await expectImportError('malformed', bad({ name: 'x\u001b[2J.png' }));
  });

  it('looks for the photos in a folder that the user names', async () => {
    const files = Object.fromEntries(
      Object.entries(knownFiles()).map(([path, f]) => [path.replace('images/', 'other/x/'), f]),
    );
    await expectImportError('too-few-views', () => importCapture(memoryCapture(files)));
    const capture = await importCapture(memoryCapture(files), null, { imagesFolder: 'other/x' });
    expect(capture.views.map(({ imagePath }) => imagePath)).toEqual([
      'other/x/a.png',
      'other/x/b.png',
      'other/x/c.png',
    ]);
  });

  it('takes a model that the user names by one of its files', async () => {
    const files = Object.fromEntries(
      Object.entries(knownFiles()).map(([path, f]) => [path.replace('sparse/0', 'sparse/3'), f]),
    );
    await expectImportError('not-found', () => importCapture(memoryCapture(files)));
    expect((await importCapture(memoryCapture(files), 'sparse/3/cameras.bin')).views).toHaveLength(3);
  });
});
