import { describe, expect, it } from 'vitest';
import type { PoseSolution } from '../../engine/poses/contract.js';
import { findLoosePhotos } from '../../engine/poses/loose-photos.js';

/** A solution with so many points for each set of photos that sees them. */
function solutionOf(
  photoCount: number,
  seenBy: readonly (readonly [photos: readonly number[], points: number])[],
): PoseSolution {
  const cameraFromWorld = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] } as const;
  return {
    lenses: [],
    photos: Array.from({ length: photoCount }, (_, photo) => ({
      photo,
      lens: 0,
      cameraFromWorld: { rotation: [...cameraFromWorld.rotation], translation: [0, 0, 0] },
    })),
    tracks: seenBy.flatMap(([photos, points]) =>
      Array.from({ length: points }, (_, keypoint) => ({
        position: [0, 0, 1] as const,
        observations: photos.map((photo) => ({ photo, keypoint })),
      })),
    ),
  } as unknown as PoseSolution;
}

describe('photos that too little ties to the others', () => {
  it('are all of a chain whose neighbours share points two by two only: each baseline may have any length', () => {
    const chain = solutionOf(3, [[[0, 1], 500], [[1, 2], 500]]); // prettier-ignore
    expect(findLoosePhotos(chain)).toEqual([0, 1, 2]);
  });

  it('are none where points that three see tie pair to pair, also by way of others', () => {
    const tied = solutionOf(4, [[[0, 1, 2], 60], [[1, 2, 3], 60]]); // prettier-ignore
    expect(findLoosePhotos(tied)).toEqual([]);
  });

  it('are those beyond a single photo that both sides share: no baseline is in both', () => {
    const hinged = solutionOf(5, [[[0, 1, 2], 90], [[2, 3, 4], 60]]); // prettier-ignore
    expect(findLoosePhotos(hinged)).toEqual([3, 4]);
  });

  it('are those whom too few such points tie; two photos are never loose', () => {
    expect(findLoosePhotos(solutionOf(4, [[[0, 1, 2], 90], [[1, 2, 3], 20]]))).toEqual([3]); // prettier-ignore
    expect(findLoosePhotos(solutionOf(2, [[[0, 1], 10]]))).toEqual([]);
  });
});
