/**
 * A scene in the world of the sample's cameras, for trying out looking around: a wall, a floor and three balls whose places are known,
 * with a projection of its own that shares no code with the viewer. The sample's world: x to the right, y ahead, z up.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSplatPly } from '../../../engine/formats/write-splat-ply.js';
import { createSplats, SH_C0 } from '../../../engine/scene/splats.js';
import { SAMPLE } from './run-vantage.js';

export type Point = readonly [number, number, number];

interface Ball {
  readonly place: Point;
  readonly color: Point;
}

/** One unit, and 0.8 units, apart. */
export const BALLS = {
  red: { place: [-0.5, 3, 1.3], color: [0.95, 0.1, 0.1] },
  green: { place: [0.5, 3, 1.3], color: [0.1, 0.9, 0.15] },
  blue: { place: [0.5, 3, 0.5], color: [0.15, 0.25, 0.95] },
} as const satisfies Record<string, Ball>;
export type BallName = keyof typeof BALLS;

const SPACING = 0.1;
const BALL_DEVIATION = 0.05;

function grid(columns: number, rows: number, at: (column: number, row: number) => Point): Point[] {
  return Array.from({ length: columns * rows }, (_, i) => at(i % columns, Math.floor(i / columns)));
}

export function lookSceneFile(): Uint8Array {
  const wall = grid(61, 31, (i, j) => [i * SPACING - 3, 4, j * SPACING]);
  const floor = grid(61, 31, (i, j) => [i * SPACING - 3, 1 + j * SPACING, 0]);
  const balls = Object.values(BALLS);
  const count = wall.length + floor.length + balls.length;
  const splats = createSplats(count, 0);
  const put = (at: number, place: Point, color: Point, deviation: number): void => {
    splats.means.set(place, at * 3);
    splats.logScales.fill(Math.log(deviation), at * 3, at * 3 + 3);
    splats.rawOpacities[at] = 4;
    splats.shCoeffs.set(
      color.map((value) => (value - 0.5) / SH_C0),
      at * 3,
    );
  };
  let at = 0;
  // Squares of half a unit, so that every movement is seen.
  const isDark = (a: number, b: number): boolean => (Math.floor(a * 2) + Math.floor(b * 2)) % 2 === 0;
  for (const [x, y, z] of wall) put(at++, [x, y, z], isDark(x, z) ? [0.75, 0.6, 0.4] : [0.9, 0.85, 0.7], 0.06);
  for (const [x, y, z] of floor) put(at++, [x, y, z], isDark(x, y) ? [0.3, 0.35, 0.3] : [0.45, 0.5, 0.45], 0.06);
  for (const { place, color } of balls) put(at++, place, color, BALL_DEVIATION);
  return writeSplatPly(splats, { generator: 'a test' }).bytes;
}

/** A camera as its file says it: columns right, up and backwards, and its place. */
export interface SampleCamera {
  readonly name: string;
  readonly right: Point;
  readonly up: Point;
  readonly ahead: Point;
  readonly place: Point;
}

interface TransformsFile {
  readonly fl_y: number;
  readonly cx: number;
  readonly cy: number;
  readonly w: number;
  readonly h: number;
  readonly frames: readonly { readonly file_path: string; readonly transform_matrix: readonly (readonly number[])[] }[];
}

const file = JSON.parse(readFileSync(join(SAMPLE, 'transforms.json'), 'utf8')) as TransformsFile;
/** Of all of the sample's photos. */
export const LENS = { focal: file.fl_y, cx: file.cx, cy: file.cy, width: file.w, height: file.h };

export const CAMERAS: readonly SampleCamera[] = file.frames.map(({ file_path, transform_matrix: m }) => {
  const column = (j: number, sign = 1): Point => [0, 1, 2].map((i) => sign * (m[i]?.[j] as number)) as unknown as Point;
  return {
    name: file_path.replace('images/', ''),
    right: column(0),
    up: column(1),
    ahead: column(2, -1),
    place: column(3),
  };
});

export function cameraOf(name: string): SampleCamera {
  return CAMERAS.find((camera) => camera.name === name) as SampleCamera;
}

/** Where one looks from: what the window writes into a path's file. */
export interface Pose {
  readonly position: Point;
  /** worldFromCamera, row-major; camera axes right, down, ahead. */
  readonly rotation: readonly number[];
  readonly fovYDegrees: number;
}

export const columnOf = ({ rotation: r }: Pose, j: 0 | 1 | 2): Point => [
  r[j] as number,
  r[j + 3] as number,
  r[j + 6] as number,
];

const dot = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** In a canvas's CSS pixels. */
export function projectInto(
  canvas: { readonly width: number; readonly height: number },
  pose: Pose,
  point: Point,
): { readonly x: number; readonly y: number } {
  const offset = point.map((value, i) => value - (pose.position[i] as number)) as unknown as Point;
  const focal = canvas.height / 2 / Math.tan((pose.fovYDegrees * Math.PI) / 360);
  const depth = dot(columnOf(pose, 2), offset);
  return {
    x: canvas.width / 2 + (focal * dot(columnOf(pose, 0), offset)) / depth,
    y: canvas.height / 2 + (focal * dot(columnOf(pose, 1), offset)) / depth,
  };
}
