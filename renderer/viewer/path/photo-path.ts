/** The path that a capture begins with: smoothly through the photos' cameras, in the order they were taken or, if that zigzags, a short one. */
import type { Vec3 } from '../../../engine/math/rigid-transform.js';
import { invertRigid } from '../../../engine/math/rigid-transform.js';
import type { ViewPose, ViewerPhoto } from '../viewer-contract.js';
import type { CameraPath } from './camera-path.js';
import { EMPTY_PATH, MAX_DURATION_MS, MS_PER_NEW_KEY } from './camera-path.js';

/** More keys than this make no smooth path: a long capture is thinned evenly. */
export const MAX_PHOTO_KEYS = 120;
/** The order of the names is kept unless a short tour is this much shorter: photographers seldom walk the shortest way. */
const ZIGZAG = 1.5;
/** What a turn of one radian counts beside the way between neighbours: cameras at one place are ordered by where they look. */
const TURN_WEIGHT = 0.5;
const LONGEST_DEFAULT_MS = 60_000;

export function poseOfPhoto(camera: ViewerPhoto['camera']): ViewPose {
  const worldFromCamera = invertRigid({ rotation: camera.rotation, translation: camera.translation });
  return {
    rotation: worldFromCamera.rotation,
    position: worldFromCamera.translation,
    fovYRad: 2 * Math.atan(camera.height / (2 * camera.fy)),
  };
}

/** Numbers in names count as numbers: IMG_9 comes before IMG_10. The same on every machine, whatever its language. */
export function compareNames(a: string, b: string): number {
  const parts = (name: string): string[] => name.toLowerCase().match(/\d+|\D+/g) ?? [];
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i] as string, right[i] as string];
    const difference = /^\d/.test(x) && /^\d/.test(y) ? Number(x) - Number(y) : 0;
    if (difference !== 0) return difference;
    if (x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

/** Order of the poses for a path: the given one, or nearest neighbours from the first improved by 2-opt where the given one zigzags. */
export function orderPoses(poses: readonly ViewPose[]): number[] {
  const given = poses.map((_, i) => i);
  if (poses.length < 4) return given;
  const distances = distanceTable(poses);
  const short = improveByTwoOpt(nearestNeighbours(distances), distances);
  return tourLength(given, distances) > ZIGZAG * tourLength(short, distances) ? short : given;
}

export function createPhotoPath(photos: readonly ViewerPhoto[]): CameraPath {
  const named = [...photos].sort((a, b) => compareNames(a.name, b.name) || (a.id < b.id ? -1 : 1));
  const stride = Math.max(1, named.length / MAX_PHOTO_KEYS);
  const chosen = Array.from(
    { length: Math.min(named.length, MAX_PHOTO_KEYS) },
    (_, i) => named[Math.floor(i * stride)] as ViewerPhoto,
  );
  const poses = chosen.map(({ camera }) => poseOfPhoto(camera));
  const order = orderPoses(poses);
  const ways = order.slice(1).map((to, i) => way(poses[order[i] as number] as ViewPose, poses[to] as ViewPose));
  const total = ways.reduce((sum, length) => sum + length, 0);
  const segments = Math.max(0, order.length - 1);
  const durationMs = Math.min(LONGEST_DEFAULT_MS, MAX_DURATION_MS, segments * MS_PER_NEW_KEY);
  let passed = 0;
  const keyframes = order.map((index, i) => {
    if (i > 0) passed += ways[i - 1] as number;
    // Half by way, half evenly: keys at one place still get their time.
    const share = segments === 0 ? 0 : 0.5 * (total > 0 ? passed / total : i / segments) + (0.5 * i) / segments;
    const photo = chosen[index] as ViewerPhoto;
    return { id: `photo-${photo.id}`, timeMs: share * durationMs, pose: poses[index] as ViewPose, photoId: photo.id };
  });
  return { ...EMPTY_PATH, durationMs, keyframes };
}

function way(a: ViewPose, b: ViewPose): number {
  return Math.hypot(...a.position.map((value, i) => value - (b.position[i] as number)));
}

function forward({ rotation: r }: ViewPose): Vec3 {
  return [r[2], r[5], r[8]];
}

/** Way in units of the median way to the nearest neighbour, and turn of the line of sight. */
function distanceTable(poses: readonly ViewPose[]): number[][] {
  const ways = poses.map((a) => poses.map((b) => way(a, b)));
  const nearest = ways.map((row, i) => Math.min(...row.filter((_, j) => j !== i))).sort((a, b) => a - b);
  const unit = nearest[nearest.length >> 1] || 1;
  const directions = poses.map(forward);
  return ways.map((row, i) =>
    row.map((length, j) => {
      const [a, b] = [directions[i] as Vec3, directions[j] as Vec3];
      const cosine = Math.min(1, Math.max(-1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]));
      return length / unit + TURN_WEIGHT * Math.acos(cosine);
    }),
  );
}

function tourLength(order: readonly number[], distances: readonly (readonly number[])[]): number {
  return order.slice(1).reduce((sum, to, i) => sum + distances[order[i] as number]![to]!, 0);
}

function nearestNeighbours(distances: readonly (readonly number[])[]): number[] {
  const left = new Set(distances.map((_, i) => i));
  const order = [0];
  left.delete(0);
  while (left.size > 0) {
    const row = distances[order.at(-1) as number]!;
    let best = -1;
    for (const candidate of left) if (best < 0 || row[candidate]! < row[best]!) best = candidate;
    order.push(best);
    left.delete(best);
  }
  return order;
}

/** Turns stretches around while that shortens an open tour; either end may be turned too. */
function improveByTwoOpt(start: readonly number[], distances: readonly (readonly number[])[]): number[] {
  const order = [...start];
  const n = order.length;
  const between = (i: number, j: number): number =>
    i < 0 || j >= n ? 0 : distances[order[i] as number]![order[j] as number]!;
  for (let isBetter = true, round = 0; isBetter && round < n; round++) {
    isBetter = false;
    for (let i = 0; i < n - 1; i++) {
      for (let j = i + 1; j < n; j++) {
        const gain = between(i - 1, i) + between(j, j + 1) - between(i - 1, j) - (j + 1 < n ? between(i, j + 1) : 0);
        if (gain <= 1e-9) continue;
        order.splice(i, j - i + 1, ...order.slice(i, j + 1).reverse());
        isBetter = true;
      }
    }
  }
  return order;
}
