import { describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import { readTransformsJson } from '../../engine/formats/read-transforms-json.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';
import { transformsJson } from '../fixtures/captures/known-cameras.js';
import { memoryCapture } from '../fixtures/captures/memory-capture.js';

const POSE = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];
const withRow = (rows: number[][], index: number, row: number[]) => rows.map((old, i) => (i === index ? row : old));
const read = (value: unknown) =>
  readTransformsJson(
    new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
    'transforms.json',
  );
const oneFrame = (shared: object, frame: object = {}) => ({
  ...shared,
  frames: [{ file_path: 'a.png', transform_matrix: POSE, ...frame }],
});

describe('intrinsics in transforms.json', () => {
  it('prefers focal lengths to angles of view, and the frame to the file', () => {
    const [frame] = read(
      oneFrame(
        { fl_x: 10, fl_y: 11, camera_angle_x: 1, cx: 5, cy: 6, w: 20.0, h: 30, k1: 0.5 },
        { fl_x: 12, w: 22, k1: 0.25 },
      ),
    );
    expect(frame?.camera.intrinsics).toEqual({ fx: 12, fy: 11, cx: 5, cy: 6, width: 22, height: 30 });
    expect(frame?.distortion).toMatchObject({ k1: 0.25, k2: 0, p1: 0 });
    expect(frame?.openIntrinsics).toBeNull();
  });

  it('turns angles of view into focal lengths by the size: 90° makes f half a side', () => {
    const [frame] = read(oneFrame({ camera_angle_x: Math.PI / 2, camera_angle_y: Math.PI / 2, w: 40, h: 30 }));
    const { fx, fy, cx, cy } = frame?.camera.intrinsics ?? { fx: 0, fy: 0, cx: 0, cy: 0 };
    expect([fx, fy, cx, cy].map((value) => Number(value.toFixed(9)))).toEqual([20, 15, 20, 15]);
    const [square] = read(oneFrame({ x_fov: 90, w: 40, h: 30 }));
    expect(square?.camera.intrinsics.fy).toBeCloseTo(20, 9);
  });

  it('leaves to the photo what only its size can tell', () => {
    const [angle] = read(oneFrame({ camera_angle_x: 0.7 }));
    expect(angle?.openIntrinsics).toEqual({ angleXRad: 0.7, angleYRad: null, centred: true });
    const [focal] = read(oneFrame({ fl_x: 50 }));
    expect(focal?.openIntrinsics).toEqual({ angleXRad: null, angleYRad: null, centred: true });
    const [complete] = read(oneFrame({ fl_x: 50, cx: 20, cy: 10 }));
    expect(complete?.openIntrinsics).toBeNull();
    expect(complete?.camera.intrinsics).toEqual({ fx: 50, fy: 50, cx: 20, cy: 10, width: 0, height: 0 });
  });

  it('reads all eight coefficients of the rational model', () => {
    const k = { k1: 1, k2: 2, k3: 3, k4: 4, k5: 5, k6: 6, p1: 7, p2: 8 };
    expect(read(oneFrame({ camera_model: 'FULL_OPENCV', fl_x: 5, cx: 1, cy: 1, ...k }))[0]?.distortion).toEqual(k);
  });

  it('ignores applied_transform and unknown fields', () => {
    const applied = {
      applied_transform: [
        [0, 1, 0, 0],
        [1, 0, 0, 0],
        [0, 0, -1, 5],
      ],
      aabb_scale: 4,
      constructor: 3,
    };
    expect(read(oneFrame({ fl_x: 5, cx: 1, cy: 1, ...applied }))).toEqual(read(oneFrame({ fl_x: 5, cx: 1, cy: 1 })));
  });
});

describe('a bad transforms.json', () => {
  const intrinsics = { fl_x: 5, cx: 1, cy: 1 };
  it.each([
    ['empty', '', 'truncated'],
    ['cut off', '{"frames": [{"file_path": "a', 'truncated'],
    ['not JSON', 'hello', 'malformed'],
    ['NaN as Python writes it', '{"fl_x": NaN, "frames": []}', 'malformed'],
    ['a list', '[]', 'malformed'],
    ['no frames', {}, 'malformed'],
    ['frames that are no list', { frames: { length: 3 } }, 'malformed'],
    ['a frame that is no object', { ...intrinsics, frames: [null] }, 'malformed'],
    ['no file path', { ...intrinsics, frames: [{ transform_matrix: POSE }] }, 'malformed'],
    ['no matrix', oneFrame(intrinsics, { transform_matrix: undefined }), 'malformed'],
    [
      'a matrix with a hole',
      oneFrame(intrinsics, { transform_matrix: [...POSE.slice(0, 2), [0, 0, null, 0], [0, 0, 0, 1]] }),
      'malformed',
    ],
    ['a matrix of 2 rows', oneFrame(intrinsics, { transform_matrix: POSE.slice(0, 2) }), 'malformed'],
    [
      'a projective last row',
      oneFrame(intrinsics, { transform_matrix: [...POSE.slice(0, 3), [0, 0, 1, 1]] }),
      'malformed',
    ],
    [
      'a singular matrix',
      oneFrame(intrinsics, { transform_matrix: [POSE[0], POSE[0], POSE[2], POSE[3]] }),
      'singular-matrix',
    ],
    [
      'a zero matrix',
      oneFrame(intrinsics, {
        transform_matrix: withRow(
          POSE.map(() => [0, 0, 0, 0]),
          3,
          [0, 0, 0, 1],
        ),
      }),
      'singular-matrix',
    ],
    [
      'a scaled matrix',
      oneFrame(intrinsics, {
        transform_matrix: withRow(
          POSE.map((row) => row.map((v) => v * 2)),
          3,
          [0, 0, 0, 1],
        ),
      }),
      'singular-matrix',
    ],
    [
      'a mirrored matrix',
      oneFrame(intrinsics, { transform_matrix: withRow(POSE, 0, [-1, 0, 0, 0]) }),
      'singular-matrix',
    ],
    [
      'an infinite translation',
      `{"fl_x":5,"cx":1,"cy":1,"frames":[{"file_path":"a","transform_matrix":[[1,0,0,1e999],[0,1,0,0],[0,0,1,0]]}]}`,
      'malformed',
    ],
    ['no focal length', oneFrame({ w: 10, h: 10 }), 'malformed'],
    ['a focal length that is a text', oneFrame({ fl_x: '5', w: 10, h: 10 }), 'malformed'],
    ['a focal length of zero', oneFrame({ fl_x: 0, w: 10, h: 10 }), 'malformed'],
    ['an angle beyond π', oneFrame({ camera_angle_x: 4, w: 10, h: 10 }), 'malformed'],
    ['a width without a height', oneFrame({ fl_x: 5, w: 10 }), 'malformed'],
    ['half a pixel of width', oneFrame({ fl_x: 5, w: 10.5, h: 10 }), 'malformed'],
    ['a fisheye', oneFrame({ ...intrinsics, camera_model: 'OPENCV_FISHEYE' }), 'unsupported'],
    ["instant-ngp's fisheye", oneFrame({ ...intrinsics, is_fisheye: true }), 'unsupported'],
    ['a panorama', oneFrame({ ...intrinsics, camera_model: 'EQUIRECTANGULAR' }), 'unsupported'],
  ] as [string, unknown, 'malformed'][])('%s', async (_, value, code) => {
    await expectImportError(code, () => read(value));
  });

  it('says which frame', async () => {
    const frames = [
      { file_path: 'a.png', transform_matrix: POSE },
      { file_path: 'b.png', transform_matrix: [POSE[0], POSE[0], POSE[2]] },
    ];
    const error = await expectImportError('singular-matrix', () => read({ ...intrinsics, frames }));
    expect(error.where).toBe('frame 1 (b.png), transform_matrix');
  });

  it('shows no control characters of the file to a terminal', async () => {
    const frames = [{ file_path: 'a\u001b]0;title\u0007.png', transform_matrix: POSE.slice(0, 1) }];
    const { message } = await expectImportError('malformed', () => read({ ...intrinsics, frames }));
    expect([...message].some((character) => character < ' ')).toBe(false);
  });

  it('tolerates rounding and gives back an exact rotation', () => {
    const rounded = [
      [0.8661, -0.5, 0, 1],
      [0.5, 0.866, 0, 2],
      [0, 0, 1, 3],
    ];
    const [frame] = read(oneFrame(intrinsics, { transform_matrix: rounded }));
    const r = frame?.camera.cameraFromWorld.rotation ?? [];
    expect((r[0] as number) ** 2 + (r[3] as number) ** 2 + (r[6] as number) ** 2).toBeCloseTo(1, 14);
  });
});

describe('a transforms.json capture', () => {
  const withPaths = (paths: string[], files: string[], extra: object = {}) => {
    const known = transformsJson();
    const frames = (known['frames'] as object[]).map((frame, i) => ({ ...frame, file_path: paths[i] }));
    const photos = Object.fromEntries(files.map((path) => [path, '']));
    return memoryCapture({ 'transforms.json': JSON.stringify({ ...known, ...extra, frames }), ...photos });
  };

  it('finds photos without extension, in other letter case, composed differently, and with back slashes', async () => {
    const decomposed = 'が写真.jpg'.normalize('NFD');
    const files = withPaths(
      ['./train/r_0', 'IMAGES\\Two Words.JPG', 'images/が写真.jpg'],
      ['train/r_0.png', 'images/two words.jpg', `images/${decomposed}`],
    );
    const { views, warnings } = await importCapture(files);
    expect(warnings).toEqual([]);
    expect(views.map(({ imagePath }) => imagePath).sort()).toEqual(
      ['train/r_0.png', 'images/two words.jpg', `images/${decomposed}`].sort(),
    );
  });

  it('names missing photos and goes on, until fewer than two are left', async () => {
    const paths = ['images/a.png', 'images/b.png', 'images/c.png'];
    const { views, warnings } = await importCapture(withPaths(paths, ['images/c.png', 'images/a.png']));
    expect(views.map(({ name }) => name)).toEqual(['a.png', 'c.png']);
    expect(warnings).toEqual(['images/b.png is named in transforms.json but is not there: skipped.']);
    await expectImportError('too-few-views', () => importCapture(withPaths(paths, ['images/c.png'])));
    await expectImportError('too-few-views', () => importCapture(withPaths(paths, [])));
  });

  it('keeps the first pose of a photo that is posed twice', async () => {
    const files = withPaths(['a.png', 'a.png', 'b.png'], ['a.png', 'b.png']);
    const { views, warnings } = await importCapture(files);
    expect(views.map(({ camera }) => camera.cameraFromWorld.translation[0])).toEqual([-1, 8]);
    expect(warnings).toEqual(['a.png is posed twice in transforms.json: the first pose is used.']);
  });

  it('tells photos of one name in two folders apart', async () => {
    const paths = ['left/1.png', 'right/1.png', 'right/2.png'];
    const { views } = await importCapture(withPaths(paths, paths));
    expect(views.map(({ name }) => name)).toEqual(['left_1.png', 'right_1.png', 'right_2.png']);
  });

  it.each(['../a.png', '/home/me/a.png', 'C:\\photos\\a.png', 'images/../../a.png', '\\\\server\\a.png'])(
    'refuses %s',
    async (path) => {
      const files = withPaths([path, 'b.png', 'c.png'], ['a.png', 'b.png', 'c.png']);
      const error = await expectImportError('outside-capture', () => importCapture(files));
      expect(error.where).toContain('frame 0');
    },
  );

  it('says how a lone k4 is understood', async () => {
    const paths = ['a.png', 'b.png', 'c.png'];
    const { warnings } = await importCapture(withPaths(paths, paths, { k4: 0.1 }));
    expect(warnings.join()).toContain('k4');
  });
});
