/** The pose stage in rounds: what the first features settle costs no more. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import { projectThroughLens } from '../../engine/poses/lens.js';
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { matchDescriptors } from '../../engine/poses/match-descriptors.js';
import type { FeatureSource } from '../../engine/poses/photo-features.js';
import type { FoundCameras, PhotoOutcome, PosePhoto } from '../../engine/poses/pose-stage.js';
import type { RgbImage } from '../../engine/scene/view.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';
import { chooseBetter, findInRounds } from '../../host/poses/find-in-rounds.js';
import { cloudOfPoints, drawNormal, phoneLens, ringOfCameras } from '../fixtures/synthetic-cameras.js';

const LENS = phoneLens();
const { fx, width, height } = LENS.intrinsics;
const BYTES = 61;
const cameras = ringOfCameras(3, 4, 0.2);

/** A detector that sees some of a cloud's points, and says how often it was asked. */
function createSource(name: string, count: number, seed: number): FeatureSource & { readonly asked: number[] } {
  const random = createRandom(seed);
  const points = cloudOfPoints(count, 1, random);
  const data = Uint8Array.from({ length: count * BYTES }, () => random.next() * 256);
  const asked: number[] = [];
  const detect = ({ data: pixels }: RgbImage): Promise<ImageFeatures> => {
    const photo = pixels[0]!;
    asked.push(photo);
    const seen = points.flatMap((point) => {
      const shown = projectThroughLens(LENS, transformPoint(cameras[photo]!, point))!;
      return [shown[0] + 0.3 * drawNormal(random), shown[1] + 0.3 * drawNormal(random)];
    });
    const scores = new Float32Array(count).fill(1);
    const descriptors = { kind: 'binary', bytesEach: BYTES, data } as const;
    return Promise.resolve({ detector: name, width, height, points: Float32Array.from(seen), scores, descriptors });
  };
  return {
    asked,
    detector: { name, detect, dispose: () => Promise.resolve() },
    match: (a, b) => matchDescriptors(a, b),
  };
}

const photos = cameras.map((_, i): PosePhoto => {
  const image = { width, height, data: new Float32Array(width * height * 3).fill(0.5) };
  image.data[0] = i;
  const focal = { focalPx: fx, sigmaLog: 0.04, source: 'exif-35mm' } as const;
  return { name: `${i}.jpg`, imagePath: `${i}.jpg`, image, fileSize: { width, height }, focal, lensKey: 'one' };
});
const options = { seed: 1, depthModel: 'none', cameraModel: 'none', threads: 1 };

/** An answer with so many photos placed beyond doubt, placed with one, and left out. */
function answer(sure: number, doubted: number, leftOut: number): FoundCameras {
  const placed = { isPlaced: true, pointCount: 100, medianErrorPx: 1 } as const;
  const photos: PhotoOutcome[] = [
    ...Array.from({ length: sure }, (_, i) => ({ name: `s${i}`, ...placed, doubts: [] })),
    ...Array.from({ length: doubted }, (_, i) => ({ name: `d${i}`, ...placed, doubts: ['planar'] as const })),
    ...Array.from({ length: leftOut }, (_, i): PhotoOutcome => ({
      name: `l${i}`,
      isPlaced: false,
      reason: 'no-overlap',
      matchCount: 0,
    })),
  ];
  return { model: null, photos, medianErrorPx: 1, upConfidence: 0 };
}

describe('which of two answers is kept', () => {
  type Counts = readonly [sure: number, doubted: number, leftOut: number];
  it.each<[string, Counts, Counts, string]>([
    ['the first, where the second places one more and doubts the others', [13, 0, 3], [6, 8, 2], 'first'],
    ['the second, where it settles a doubt', [10, 1, 0], [11, 0, 0], 'second'],
    ['the second, where it places more and doubts none of what was sure', [3, 0, 2], [3, 1, 1], 'second'],
    ['the second, where both are alike', [3, 0, 1], [3, 0, 1], 'second'],
  ])('is %s', (_, a, b, kept) => {
    const [first, second] = [answer(...a), answer(...b)];
    expect(chooseBetter(first, second) === first ? 'first' : 'second').toBe(kept);
  });
});

describe('the pose stage in rounds', () => {
  it('asks the second source only where the first leaves something open, and nothing twice', async () => {
    const [good, poor, second] = [
      createSource('good', 200, 1),
      createSource('poor', 9, 2),
      createSource('second', 200, 3),
    ];
    const settled = await findInRounds(photos, { ...options, sources: [good, second], isOneRound: false }, {});
    expect(settled.features).toEqual(['good']);
    expect(settled.found.photos.every((photo) => photo.isPlaced && photo.doubts.length === 0)).toBe(true);
    expect(second.asked).toEqual([]);
    const open = await findInRounds(photos, { ...options, sources: [poor, second], isOneRound: false }, {});
    expect(open.features).toEqual(['poor', 'second']);
    expect(open.found.photos.every(({ isPlaced }) => isPlaced)).toBe(true);
    for (const { asked } of [good, poor, second]) expect(asked).toEqual([0, 1, 2]);
  }, 60_000);

  it('asks all at once when it is told to', async () => {
    const [good, second] = [createSource('good', 120, 4), createSource('second', 120, 5)];
    const { features, found } = await findInRounds(
      photos,
      { ...options, sources: [good, second], isOneRound: true },
      {},
    );
    expect(features).toEqual(['good', 'second']);
    expect(found.model!.points.count).toBeGreaterThan(120);
  }, 60_000);
});
