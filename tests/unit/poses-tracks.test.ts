import { describe, expect, it } from 'vitest';
import { buildTracks } from '../../engine/poses/build-tracks.js';
import { essentialDefect, guessFocal } from '../../engine/poses/focal-from-fundamentals.js';
import type { Mat3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat } from '../../engine/math/rigid-transform.js';

const plain = (tracks: ReturnType<typeof buildTracks>) =>
  tracks.map(({ photos, keypoints }) => [...photos].map((photo, i) => [photo, keypoints[i]]));

describe('tracks', () => {
  it('join matches over photos', () => {
    const pairs = [
      { first: 0, second: 1, indices: new Uint32Array([0, 5, 1, 6]) },
      { first: 1, second: 2, indices: new Uint32Array([5, 2]) },
    ];
    expect(plain(buildTracks([3, 7, 4], pairs))).toEqual([
      [
        [0, 0],
        [1, 5],
        [2, 2],
      ],
      [
        [0, 1],
        [1, 6],
      ],
    ]);
  });

  it('keep nothing of a photo that a track meets twice, and nothing of a single photo', () => {
    const pairs = [
      { first: 0, second: 1, indices: new Uint32Array([0, 0, 1, 1]) },
      { first: 0, second: 2, indices: new Uint32Array([0, 0]) },
      { first: 1, second: 2, indices: new Uint32Array([1, 0]) },
    ];
    // Photos 0 and 1 are met twice, by keypoints 0 and 1: only photo 2 is left.
    expect(buildTracks([2, 2, 1], pairs)).toEqual([]);
    expect(buildTracks([0, 0], [])).toEqual([]);
  });
});

/** `K⁻ᵀ [t]× R K⁻¹` by hand. */
function fundamentalOf(focal: number, rotation: Mat3, [x, y, z]: readonly [number, number, number]): Mat3 {
  const inverse: Mat3 = [1 / focal, 0, 0, 0, 1 / focal, 0, 0, 0, 1];
  return multiplyMat(multiplyMat(inverse, multiplyMat([0, -z, y, z, 0, -x, -y, x, 0], rotation)), inverse);
}

function turn(aboutX: number, aboutY: number): Mat3 {
  const [sx, cx, sy, cy] = [Math.sin(aboutX), Math.cos(aboutX), Math.sin(aboutY), Math.cos(aboutY)];
  return multiplyMat([1, 0, 0, 0, cx, -sx, 0, sx, cx], [cy, 0, sy, 0, 1, 0, -sy, 0, cy]);
}

describe('the focal length of fundamental matrices', () => {
  const pairs = [
    { fundamental: fundamentalOf(700, turn(0.2, 0.3), [1, 0.3, 0.2]), weight: 100 },
    { fundamental: fundamentalOf(700, turn(-0.3, 0.1), [0.2, 1, -0.3]), weight: 50 },
  ];

  it('is where they are essential', () => {
    expect(essentialDefect(pairs[0]?.fundamental as Mat3, 700)).toBeLessThan(1e-9);
    const guess = guessFocal(pairs, 800);
    // The steps are 2 % apart.
    expect(Math.abs((guess?.focalPx ?? 0) / 700 - 1)).toBeLessThan(0.0206);
    expect(guess?.defectAside).toBeGreaterThan(5 * (guess?.defect ?? 1));
  });

  it('is unknown without them', () => {
    expect(guessFocal([], 800)).toBeNull();
    expect(guessFocal([{ fundamental: [0, 0, 0, 0, 0, 0, 0, 0, 0], weight: 0 }], 800)).toBeNull();
  });
});
