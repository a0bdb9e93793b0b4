import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMatVec, transposeMat } from '../../engine/math/rigid-transform.js';
import { compareNames, createPhotoPath, orderPoses, poseOfPhoto } from '../../renderer/viewer/path/photo-path.js';
import { rotationAbout } from '../../renderer/viewer/path/quaternion.js';
import type { ViewerPhoto } from '../../renderer/viewer/viewer-contract.js';

function photo(name: string, position: Vec3, angleRad = 0): ViewerPhoto {
  const rotation = transposeMat(rotationAbout([0, 1, 0], angleRad));
  const translation = multiplyMatVec(rotation, position).map((value) => -value) as Vec3;
  return {
    id: `id-${name}`,
    name,
    camera: { fx: 500, fy: 400, cx: 320, cy: 240, width: 640, height: 480, rotation, translation },
    thumbnailUrl: null,
    pictureUrl: null,
    isHeldOut: false,
  };
}

const names = (photos: readonly ViewerPhoto[]): string[] =>
  createPhotoPath(photos).keyframes.map((key) => photos.find(({ id }) => id === key.photoId)!.name);

describe('the order of the photos', () => {
  it('counts numbers in names as numbers', () => {
    const sorted = ['IMG_10.jpg', 'IMG_9.jpg', 'img_2.JPG', 'a.jpg', 'IMG_9b.jpg'].sort(compareNames);
    expect(sorted).toEqual(['a.jpg', 'img_2.JPG', 'IMG_9.jpg', 'IMG_9b.jpg', 'IMG_10.jpg']);
  });

  it('is that of the names where they go along the way', () => {
    const photos = [3, 1, 10, 2].map((n) => photo(`p${n}.jpg`, [n, 0, 0]));
    expect(names(photos)).toEqual(['p1.jpg', 'p2.jpg', 'p3.jpg', 'p10.jpg']);
  });

  it('is a short way where the names zigzag, the same for any order that they come in', () => {
    // By name: 0, 5, 1, 6, 2, 7, 3, 8 on a line.
    const photos = [0, 5, 1, 6, 2, 7, 3, 8].map((x, i) => photo(`p${i}.jpg`, [x, 0, 0]));
    const along = ['p0.jpg', 'p2.jpg', 'p4.jpg', 'p6.jpg', 'p1.jpg', 'p3.jpg', 'p5.jpg', 'p7.jpg'];
    expect(names(photos)).toEqual(along);
    expect(names([...photos].reverse())).toEqual(along);
  });

  it('goes once round a ring whose names are shuffled, without crossing it', () => {
    const shuffled = [0, 7, 2, 9, 4, 11, 6, 1, 8, 3, 10, 5];
    const poses = shuffled.map((place) => {
      const angle = (2 * Math.PI * place) / 12;
      return poseOfPhoto(photo('x', [Math.cos(angle), 0, Math.sin(angle)], -angle).camera);
    });
    const order = orderPoses(poses).map((i) => shuffled[i] as number);
    order.slice(1).forEach((place, i) => {
      const step = Math.abs(place - order[i]!);
      expect(Math.min(step, 12 - step)).toBe(1);
    });
  });

  it('orders cameras at one place by where they look', () => {
    const turns = [0, 0.9, 0.3, 1.2, 0.6, 1.5];
    const poses = turns.map((angle) => poseOfPhoto(photo('x', [0, 0, 0], angle).camera));
    expect(orderPoses(poses).map((i) => turns[i])).toEqual([0, 0.3, 0.6, 0.9, 1.2, 1.5]);
  });
});

describe('the path through the photos', () => {
  it('has the cameras as keys: places, rotations, angle of view', () => {
    const path = createPhotoPath([photo('a', [1, 2, 3], 0.4), photo('b', [2, 2, 3], 0.6)]);
    const [first, second] = path.keyframes;
    expect(first!.pose.position.map((value) => Math.round(value * 1e9) / 1e9)).toEqual([1, 2, 3]);
    // A camera turned by 0.4 about y looks along (sin 0.4, 0, cos 0.4).
    const look = [first!.pose.rotation[2], first!.pose.rotation[5], first!.pose.rotation[8]];
    expect(look[0]).toBeCloseTo(Math.sin(0.4), 12);
    expect(look[2]).toBeCloseTo(Math.cos(0.4), 12);
    // 480 rows at 400 pixels of focal length: tan of half the angle is 0.6.
    expect(Math.tan(first!.pose.fovYRad / 2)).toBeCloseTo(0.6, 12);
    expect([first!.timeMs, second!.timeMs, path.durationMs]).toEqual([0, 2000, 2000]);
  });

  it('copes with no photo, one, many, and all at one place', () => {
    expect(createPhotoPath([]).keyframes).toEqual([]);
    expect(createPhotoPath([photo('a', [0, 0, 0])])).toMatchObject({ durationMs: 0, keyframes: [{ timeMs: 0 }] });
    const many = createPhotoPath(Array.from({ length: 500 }, (_, i) => photo(`p${i}`, [i, 0, 0])));
    expect(many.keyframes).toHaveLength(120);
    expect(many.durationMs).toBe(60_000);
    const same = createPhotoPath(Array.from({ length: 6 }, (_, i) => photo(`p${i}`, [0, 0, 0])));
    expect(same.keyframes.map(({ timeMs }) => timeMs)).toEqual([0, 2000, 4000, 6000, 8000, 10_000]);
  });
});
