import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CameraPath } from '../../renderer/viewer/path/camera-path.js';
import { EMPTY_PATH } from '../../renderer/viewer/path/camera-path.js';
import {
  MAX_PATH_CHARACTERS,
  readPathDocument,
  writeNerfstudioPath,
  writePathDocument,
} from '../../renderer/viewer/path/path-document.js';
import { rotationAbout } from '../../renderer/viewer/path/quaternion.js';

const PATH: CameraPath = {
  durationMs: 5000,
  fps: 25,
  isLoop: true,
  isConstantSpeed: false,
  keyframes: [
    {
      id: 'a',
      timeMs: 0,
      pose: { position: [1, 2, 3], rotation: rotationAbout([0, 1, 0], 0.3), fovYRad: 0.9 },
      photoId: 'p1',
    },
    {
      id: 'b',
      timeMs: 3100.5,
      pose: { position: [-4, 0.1, 1e-7], rotation: rotationAbout([0.6, 0, 0.8], 2), fovYRad: 1.1 },
      photoId: null,
    },
  ],
};

/** The document as a value, changed in one place. */
function changed(
  change: (document: Record<string, unknown> & { keyframes: Record<string, unknown>[] }) => void,
): string {
  const document = JSON.parse(writePathDocument(PATH)) as Record<string, unknown> & {
    keyframes: Record<string, unknown>[];
  };
  change(document);
  return JSON.stringify(document);
}

function failure(text: string): string | null {
  const result = readPathDocument(text);
  return result.ok ? null : `${result.failure} ${result.where}`.trim();
}

describe('our path document', () => {
  it('comes back as it went', () => {
    const result = readPathDocument(writePathDocument(PATH));
    if (!result.ok) throw new Error(result.failure);
    expect({ ...result.path, keyframes: [] }).toEqual({ ...PATH, keyframes: [] });
    result.path.keyframes.forEach((key, i) => {
      const expected = PATH.keyframes[i]!;
      expect({ ...key, pose: null }).toEqual({ ...expected, pose: null });
      expect(key.pose.position).toEqual(expected.pose.position);
      expect(key.pose.rotation).toEqual(expected.pose.rotation);
      expect(key.pose.fovYRad).toBeCloseTo(expected.pose.fovYRad, 14);
    });
  });

  it('names what is wrong', () => {
    expect(failure('{')).toBe('not-json');
    expect(failure('[1]')).toBe('not-a-path format');
    expect(failure('null')).toBe('not-a-path');
    expect(failure('{"format":"vantage-camera-path","version":2}')).toBe('newer version');
    expect(failure(changed((d) => (d.keyframes[1]!.position = [1, 2])))).toMatch(/^bad-keys keyframes\.1\.position/);
    expect(failure(changed((d) => (d.keyframes[0]!.timeMs = -1)))).toBe('bad-keys keyframes.0.timeMs');
    expect(failure(changed((d) => (d.keyframes[0]!.fovYDegrees = 400)))).toBe('bad-keys keyframes.0.fovYDegrees');
    // A mirror is no rotation, nor is a shear.
    expect(failure(changed((d) => (d.keyframes[0]!.rotation = [-1, 0, 0, 0, 1, 0, 0, 0, 1])))).toBe(
      'bad-keys keyframes.0.rotation',
    );
    expect(failure(changed((d) => (d.keyframes[0]!.rotation = [1, 0.5, 0, 0, 1, 0, 0, 0, 1])))).toBe(
      'bad-keys keyframes.0.rotation',
    );
    expect(failure(changed((d) => (d.fps = 0)))).toBe('bad-keys fps');
    expect(failure(changed((d) => (d.keyframes = Array.from({ length: 2001 }, () => d.keyframes[0]!))))).toBe(
      'too-many-keys keyframes',
    );
    expect(failure(' '.repeat(MAX_PATH_CHARACTERS + 1))).toBe('too-large');
  });

  it('sorts keys, tells double ids apart and covers the last key', () => {
    const text = changed((d) => {
      d.keyframes = [
        { ...d.keyframes[1]!, id: 'x', timeMs: 9000 },
        { ...d.keyframes[0]!, id: 'x' },
      ];
    });
    const result = readPathDocument(text);
    if (!result.ok) throw new Error(result.failure);
    expect(result.path.keyframes.map(({ timeMs }) => timeMs)).toEqual([0, 9000]);
    expect(new Set(result.path.keyframes.map(({ id }) => id)).size).toBe(2);
    expect(result.path.durationMs).toBe(9000);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => typeof readPathDocument(text).ok === 'boolean'),
      { numRuns: 500 },
    );
    // The same with a valid document in which one value was replaced.
    const places = ['durationMs', 'fps', 'isLoop', 'keyframes', 'format', 'version'];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (place, value) => {
        const result = readPathDocument(changed((d) => (d[place] = value)));
        if (result.ok) expect(Number.isFinite(result.path.durationMs)).toBe(true);
      }),
      { numRuns: 500 },
    );
    const fields = ['id', 'timeMs', 'position', 'rotation', 'fovYDegrees', 'photoId'];
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.jsonValue(), (field, value) => {
        const result = readPathDocument(changed((d) => (d.keyframes[1]![field] = value)));
        if (result.ok)
          for (const key of result.path.keyframes) expect(key.pose.rotation.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe("nerfstudio's camera_path.json", () => {
  // OpenGL axes: the identity looks along −z with y up; in ours that is x right, y down (0, −1, 0), z forward (0, 0, −1).
  const frame = (x: number): object => ({
    camera_to_world: [1, 0, 0, x, 0, 1, 0, 5, 0, 0, 1, 7, 0, 0, 0, 1],
    fov: 60,
    aspect: 1.5,
  });

  it('is read: axes turned, nothing mirrored', () => {
    const text = JSON.stringify({ fps: 24, seconds: 4, is_cycle: false, camera_path: [frame(0), frame(1), frame(2)] });
    const result = readPathDocument(text);
    if (!result.ok) throw new Error(result.failure);
    expect(result.path).toMatchObject({ fps: 24, durationMs: 4000, isLoop: false });
    expect(result.path.keyframes.map(({ timeMs }) => timeMs)).toEqual([0, 2000, 4000]);
    const { pose } = result.path.keyframes[1]!;
    expect(pose.position.map((value) => value + 0)).toEqual([1, 5, 7]);
    expect(pose.rotation.map((value) => value + 0)).toEqual([1, 0, 0, 0, -1, 0, 0, 0, -1]);
    expect(pose.fovYRad).toBeCloseTo(Math.PI / 3, 12);
  });

  it('is read column by column too, as older editors wrote it', () => {
    const columns = { camera_to_world: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 4, 5, 7, 1], fov: 60 };
    const result = readPathDocument(JSON.stringify({ camera_path: [columns] }));
    expect(result.ok && result.path.keyframes[0]!.pose.position.map((value) => value + 0)).toEqual([4, 5, 7]);
  });

  it('is written frame by frame and read back to the same cameras', () => {
    const path = {
      ...EMPTY_PATH,
      isConstantSpeed: false,
      durationMs: 2000,
      fps: 10,
      keyframes: PATH.keyframes.map((key, i) => ({ ...key, timeMs: i * 2000 })),
    };
    const text = writeNerfstudioPath(path, 1920, 1080);
    const written = JSON.parse(text) as { camera_path: { aspect: number }[]; seconds: number };
    expect(written.camera_path).toHaveLength(21);
    expect(written.seconds).toBe(2);
    const result = readPathDocument(text);
    if (!result.ok) throw new Error(result.failure);
    const [first, last] = [result.path.keyframes[0]!, result.path.keyframes.at(-1)!];
    for (const [key, expected] of [
      [first, PATH.keyframes[0]!],
      [last, PATH.keyframes[1]!],
    ] as const) {
      key.pose.position.forEach((value, i) => expect(value).toBeCloseTo(expected.pose.position[i]!, 6));
      key.pose.rotation.forEach((value, i) => expect(value).toBeCloseTo(expected.pose.rotation[i]!, 6));
      expect(key.pose.fovYRad).toBeCloseTo(expected.pose.fovYRad, 6);
    }
  });

  it('is refused where a matrix is none', () => {
    const bad = JSON.stringify({ camera_path: [{ camera_to_world: new Array(16).fill(0), fov: 60 }] });
    expect(failure(bad)).toBe('bad-keys camera_path.0.camera_to_world');
    expect(failure('{"camera_path":[]}')).toBe('bad-keys camera_path');
  });
});
