import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { isFocalTold } from '../../engine/poses/focal-certainty.js';
import { projectThroughLens } from '../../engine/poses/lens.js';
import { cloudOfPoints, drawNormal, phoneLens, ringOfCameras } from '../fixtures/synthetic-cameras.js';

const POINTS = 120;
const NOISE_PX = 0.3;

/** Three cameras a turn of `stepRad` apart around points within `radius`, `distance` away. */
function threePhotos(distance: number, stepRad: number, radius: number) {
  const random = createRandom(3);
  const lens = phoneLens();
  const cameras = ringOfCameras(3, distance, stepRad);
  const points = cloudOfPoints(POINTS, radius, createRandom(7));
  const photos = cameras.map((camera) => ({
    lens: 0,
    points: Float32Array.from(
      points.flatMap((point) =>
        projectThroughLens(lens, transformPoint(camera, point))!.map((at) => at + NOISE_PX * drawNormal(random)),
      ),
    ),
  }));
  const solution = {
    lenses: [lens],
    photos: cameras.map((cameraFromWorld, photo) => ({ photo, lens: 0, cameraFromWorld })),
    tracks: points.map((position, keypoint) => ({
      position,
      observations: cameras.map((_, photo) => ({ photo, keypoint })),
    })),
  };
  return { solution, photos };
}

describe('whether photos tell a focal length', () => {
  it('they do where they stand around what is as deep as it is near', async () => {
    const { solution, photos } = threePhotos(4, 0.35, 1.5);
    expect(await isFocalTold(solution, photos, {})).toBe(true);
  });

  it('they do not where they look from almost one place at what is far away: a longer lens, farther off, sees the same', async () => {
    const { solution, photos } = threePhotos(40, 0.01, 1.5);
    expect(await isFocalTold(solution, photos, {})).toBe(false);
  });

  it('stops when it is told to', async () => {
    const { solution, photos } = threePhotos(4, 0.35, 1.5);
    const stopped = new AbortController();
    stopped.abort(new Error('stopped by the test'));
    await expect(isFocalTold(solution, photos, { signal: stopped.signal })).rejects.toThrow('stopped by the test');
  });
});
