import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { buildTracks } from '../../engine/poses/build-tracks.js';
import { GrowingModel } from '../../engine/poses/growing-model.js';
import { projectThroughLens } from '../../engine/poses/lens.js';
import { cloudOfPoints, phoneLens, ringOfCameras } from '../fixtures/synthetic-cameras.js';

const POINTS = 60;
/** Every third keypoint of the last photo was matched wrongly. */
const WRONG_EVERY = 3;
const LIMITS = { maxErrorPx: 3, minAngleRad: 0.02 };

describe('a model that grows', () => {
  it('refuses keypoints of a photo that was just placed where they do not fit, before they pull its camera away', () => {
    const lens = phoneLens();
    const cameras = ringOfCameras(3, 5, 0.2);
    const points = cloudOfPoints(POINTS, 1, createRandom(7));
    const photos = cameras.map((camera, photo) => ({
      lens: 0,
      points: Float32Array.from(
        points.flatMap((point, i) => {
          const [x, y] = projectThroughLens(lens, transformPoint(camera, point))!;
          return photo === 2 && i % WRONG_EVERY === 0 ? [x + 40, y - 60] : [x, y];
        }),
      ),
    }));
    const matches = (first: number, second: number) => ({
      first,
      second,
      indices: Uint32Array.from({ length: 2 * POINTS }, (_, at) => at >> 1),
    });
    const tracks = buildTracks([POINTS, POINTS, POINTS], [matches(0, 1), matches(1, 2)]);
    const model = new GrowingModel(photos, [lens], tracks);
    model.place(0, cameras[0]!);
    model.place(1, cameras[1]!);
    model.triangulate(LIMITS);
    expect(model.pointCount).toBe(POINTS);

    model.place(2, cameras[2]!);
    expect(model.observedCount(2)).toBe(POINTS);
    model.refuseMisfitsOf(2, LIMITS.maxErrorPx);
    expect(model.observedCount(2)).toBe(POINTS - POINTS / WRONG_EVERY);
    expect([model.observedCount(0), model.observedCount(1)]).toEqual([POINTS, POINTS]);
  });
});
