/** What the job process makes of found cameras: each photo gets its own, whatever the photos are called. */
import { describe, expect, it } from 'vitest';
import type { PhotoSource } from '../../electron/ipc/job-contract.js';
import { taskResults } from '../../electron/ipc/job-contract.js';
import { answerPhotos } from '../../electron/jobs/find-cameras.js';
import type { PhotoCameras } from '../../host/poses/find-photo-cameras.js';

const photo = (photoId: string, path: string): PhotoSource => ({
  photoId,
  path,
  file: `/photos/${path}`,
  maskFile: null,
  pose: null,
});

/** Two placed photos with a lens each, told apart by their translations, and one left out. */
function found(names: readonly [string, string, string], paths: readonly [string, string]): PhotoCameras {
  const lens = (fx: number) => ({
    intrinsics: { fx, fy: fx, cx: 320, cy: 240, width: 640, height: 480 },
    distortion: null,
  });
  const placed = (imagePath: string, index: number) => ({
    imagePath,
    lens: index,
    cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [index + 1, 0, 0] },
    keypointsPx: new Float32Array(0),
  });
  const points = {
    count: 0,
    positions: new Float64Array(0),
    colors: new Uint8Array(0),
    errorsPx: new Float64Array(0),
    trackStarts: new Uint32Array(1),
    trackPhotos: new Uint32Array(0),
    trackKeypoints: new Uint32Array(0),
  };
  return {
    model: { lenses: [lens(500), lens(700)], photos: paths.map(placed), points } as unknown as PhotoCameras['model'],
    photos: [
      { name: names[0], isPlaced: true, pointCount: 30, medianErrorPx: 0.4, doubts: ['few-points'] },
      { name: names[1], isPlaced: true, pointCount: 900, medianErrorPx: 0.6, doubts: [] },
      { name: names[2], isPlaced: false, reason: 'blurred', matchCount: 12 },
    ],
    medianErrorPx: 0.5,
    upConfidence: 1,
    problems: [],
    features: ['akaze'],
    warnings: [],
  };
}

describe('found cameras', () => {
  it('go to the photos that they are of, with what became of each', () => {
    const photos = [photo('c', 'photos/3.jpg'), photo('a', 'photos/1.jpg'), photo('b', 'photos/2.jpg')];
    const answer = answerPhotos(photos, found(['1.jpg', '2.jpg', '3.jpg'], ['photos/1.jpg', 'photos/2.jpg']));
    expect(taskResults['find-cameras'].safeParse({ photos: answer }).success).toBe(true);
    expect(answer.map(({ photoId, pose }) => [photoId, pose?.camera.intrinsics.fx ?? null])).toEqual([
      ['c', null],
      ['a', 500],
      ['b', 700],
    ]);
    expect(answer[0]?.outcome).toEqual({ isPlaced: false, reason: 'blurred' });
    expect(answer[1]?.outcome).toEqual({ isPlaced: true, pointCount: 30, medianErrorPx: 0.4, doubts: ['few-points'] });
    expect(answer[1]?.pose?.camera.cameraFromWorld.translation).toEqual([1, 0, 0]);
  });

  it('of photos of one name in two folders are told apart by their paths', () => {
    const photos = [photo('a', 'left/1.jpg'), photo('b', 'right/1.jpg'), photo('c', '1.jpg')];
    const answer = answerPhotos(photos, found(['left/1.jpg', 'right/1.jpg', '1.jpg'], ['left/1.jpg', 'right/1.jpg']));
    expect(answer.map(({ outcome }) => (outcome.isPlaced ? outcome.pointCount : outcome.reason))).toEqual([
      30,
      900,
      'blurred',
    ]);
  });

  it('say of a photo that the search has not heard of that it could not be read', () => {
    const photos = [photo('a', '1.jpg'), photo('b', '2.jpg'), photo('c', '3.jpg'), photo('d', 'cut off.jpg')];
    const answer = answerPhotos(photos, found(['1.jpg', '2.jpg', '3.jpg'], ['1.jpg', '2.jpg']));
    expect(answer[3]).toEqual({ photoId: 'd', pose: null, outcome: { isPlaced: false, reason: 'unreadable' } });
  });
});
