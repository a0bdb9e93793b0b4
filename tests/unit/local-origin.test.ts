import { describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import { cameraCentre } from '../../engine/math/conventions.js';
import type { RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { cameraFromLocalWorld, chooseLocalOrigin } from '../../engine/scene/local-origin.js';
import { memoryCapture } from '../fixtures/captures/memory-capture.js';

describe('a local origin', () => {
  it('is the median of the centres in whole hundreds, where they are far from the world’s own', () => {
    // UTM, a survey of some 100 m.
    const centres: Vec3[] = [[636_049, 4_848_951, 412], [636_051, 4_848_949, 420], [636_120, 4_848_900, 431], [635_990, 4_848_950, 418], [636_052, 4_849_020, 415]]; // prettier-ignore
    expect(chooseLocalOrigin(centres)).toEqual([636_100, 4_849_000, 400]);
  });

  it('is not needed near the world’s own, nor for far-spread cameras at some distance', () => {
    expect(chooseLocalOrigin([[0, 0, 0], [1, 0, 0], [999, 0, 0]])).toBeNull(); // prettier-ignore
    // 1,500 away, and 100 from each other.
    expect(chooseLocalOrigin([[1400, 0, 0], [1500, 0, 0], [1600, 0, 0]])).toBeNull(); // prettier-ignore
    expect(chooseLocalOrigin([])).toBeNull();
    expect(chooseLocalOrigin([[NaN, 0, 0]])).toBeNull();
  });

  it('is taken for a small scene 1,500 away, for a single far camera, and far below zero', () => {
    expect(chooseLocalOrigin([[1500, 0, 0], [1501, 0, 0]])).toEqual([1500, 0, 0]); // prettier-ignore
    expect(chooseLocalOrigin([[0, -48_849, 3]])).toEqual([0, -48_800, 0]);
  });

  it('leaves what a camera sees where it was', () => {
    // A quarter turn about z: x to y.
    const camera: RigidTransform = { rotation: [0, -1, 0, 1, 0, 0, 0, 0, 1], translation: [3, -7, 2] };
    const local = cameraFromLocalWorld(camera, [600, -200, 100]);
    // (601, −198, 104) turned is (198, 601, 104).
    expect(transformPoint(local, [1, 2, 4])).toEqual([201, 594, 106]);
    expect(transformPoint(camera, [601, -198, 104])).toEqual([201, 594, 106]);
  });
});

describe('a capture with georeferenced cameras', () => {
  const frame = (name: string, x: number) => ({
    file_path: name,
    transform_matrix: [[1, 0, 0, x], [0, 1, 0, 4_848_900.25], [0, 0, 1, 400], [0, 0, 0, 1]], // prettier-ignore
  });
  const poses = (frames: object[]): string =>
    JSON.stringify({ fl_x: 100, fl_y: 100, cx: 50, cy: 50, w: 100, h: 100, frames });
  const frames = [frame('a.jpg', 636_001), frame('b.jpg', 636_003), frame('c.jpg', 636_105)];

  it('is counted from near them, and says so', async () => {
    const capture = await importCapture(
      memoryCapture({ 'transforms.json': poses(frames), 'a.jpg': '', 'b.jpg': '', 'c.jpg': '' }),
    );
    expect(capture.origin).toEqual([636_000, 4_848_900, 400]);
    const [a, b, c] = capture.views.map(({ camera }) => cameraCentre(camera.cameraFromWorld));
    expect(a![0]).toBeCloseTo(1, 6);
    expect(b![0]).toBeCloseTo(3, 6);
    expect(c![0]).toBeCloseTo(105, 6);
    expect(a![1]).toBeCloseTo(0.25, 6);
    expect(capture.warnings.join()).toContain('(636000, 4848900, 400)');
  });

  it('is counted from the same place whichever of its photos are there', async () => {
    const some = { 'transforms.json': poses([...frames, frame('d.jpg', 639_999)]), 'b.jpg': '', 'd.jpg': '' };
    const all = { ...some, 'a.jpg': '', 'c.jpg': '' };
    const [first, second] = [await importCapture(memoryCapture(some)), await importCapture(memoryCapture(all))];
    expect(first.origin).toEqual(second.origin);
  });

  it('keeps its own origin where that does', async () => {
    const near = poses([1, 2].map((x, i) => ({ ...frame(`${'ab'[i]}.jpg`, x), transform_matrix: [[1, 0, 0, x], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]] }))); // prettier-ignore
    const capture = await importCapture(memoryCapture({ 'transforms.json': near, 'a.jpg': '', 'b.jpg': '' }));
    expect(capture.origin).toBeUndefined();
    expect(capture.warnings).toEqual([]);
  });
});
