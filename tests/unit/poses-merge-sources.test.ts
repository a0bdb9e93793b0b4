/** What two detectors find of one place must count once. */
import { describe, expect, it } from 'vitest';
import { buildTracks } from '../../engine/poses/build-tracks.js';
import { mergeSources } from '../../engine/poses/merge-sources.js';
import type { PhotoFeatures } from '../../engine/poses/photo-features.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';

type Places = readonly (readonly [number, number])[];

function featuresOf(detector: string, places: Places): ImageFeatures {
  const descriptors = { kind: 'binary', bytesEach: 1, data: new Uint8Array(places.length) } as const;
  const points = Float32Array.from(places.flat());
  return { detector, width: 100, height: 100, points, scores: new Float32Array(places.length), descriptors };
}

/** A photo's keypoints of one source after the other. */
function photo(...sources: Places[]): PhotoFeatures {
  const offsets = sources.map((_, s) => sources.slice(0, s).flat().length);
  return {
    bySource: sources.map((places, s) => featuresOf(`source ${s}`, places)),
    offsets,
    points: Float32Array.from(sources.flat(2)),
    measures: { sharpness: 1, featureCount: sources.flat().length },
  };
}

const pair = (first: number, second: number, ...indices: number[]) => ({
  first,
  second,
  indices: Uint32Array.from(indices),
});

/** Keypoints 0 and 1 are of the first source, 2 and 3 of the second; 2 shows what 0 shows. */
const A = photo(
  [
    [10, 10],
    [50, 50],
  ],
  [
    [10.5, 10.3],
    [80, 20],
  ],
);
const B = photo(
  [
    [12, 10],
    [52, 50],
  ],
  [
    [12.4, 10.2],
    [82, 20],
  ],
);
/** Only the second source found something here. */
const C = photo([], [[14.2, 10.1]]);

describe('matches of two sources', () => {
  it('are one where both ends lie within a pixel, and one track over all photos', () => {
    const merged = mergeSources([A, B, C], [pair(0, 1, 0, 0, 1, 1, 2, 2, 3, 3), pair(1, 2, 2, 0)]);
    expect([...merged[0]!.indices]).toEqual([0, 0, 1, 1, 3, 3]);
    // In the third photo the second source goes on with what the first began.
    expect([...merged[1]!.indices]).toEqual([0, 0]);
    const tracks = buildTracks([4, 4, 1], merged);
    expect(tracks.map(({ photos, keypoints }) => [[...photos], [...keypoints]])).toEqual([
      [
        [0, 1, 2],
        [0, 0, 0],
      ],
      [
        [0, 1],
        [1, 1],
      ],
      [
        [0, 1],
        [3, 3],
      ],
    ]);
  });

  it('stay two where only one end is near: they are different things, or one of them is wrong', () => {
    const far = photo(
      [
        [12, 10],
        [52, 50],
      ],
      [
        [13.2, 10.2],
        [82, 20],
      ],
    );
    const merged = mergeSources([A, far], [pair(0, 1, 0, 0, 2, 2)]);
    expect([...merged[0]!.indices]).toEqual([0, 0, 2, 2]);
  });

  it('leave a keypoint one match a photo: the first source is believed where the two disagree', () => {
    const other = photo(
      [
        [30, 30],
        [60, 60],
      ],
      [
        [31.9, 30],
        [5, 5],
      ],
    );
    // Of the pair 0-1 both say that 2 is 0; in the third photo they see it at different places.
    const merged = mergeSources([A, B, other], [pair(0, 1, 0, 0, 2, 2), pair(0, 2, 0, 0, 2, 2)]);
    expect([...merged[1]!.indices]).toEqual([0, 0]);
  });

  it('of one source are left as they are', () => {
    const alone = photo([
      [10, 10],
      [10.1, 10.1],
    ]);
    const pairs = [pair(0, 1, 0, 0, 1, 1)];
    expect(mergeSources([alone, alone], pairs)).toEqual(pairs);
  });
});
