/**
 * A scene for trying out tidying: every splat's place is known, and so is where the window's first camera sees it, by a projection that
 * shares no code with the viewer. x to the right, y down, z away from the camera.
 */
import { writeSplatPly } from '../../../engine/formats/write-splat-ply.js';
import type { Splats } from '../../../engine/scene/splats.js';
import { createSplats, SH_C0 } from '../../../engine/scene/splats.js';

type Vec3 = readonly [number, number, number];

interface Kind {
  readonly places: readonly Vec3[];
  readonly color: Vec3;
  readonly deviation: number;
  readonly opacity: number;
}

function grid(columns: number, rows: number, from: Vec3, spacing: number): Vec3[] {
  return Array.from({ length: columns * rows }, (_, i): Vec3 => [
    from[0] + (i % columns) * spacing,
    from[1] + Math.floor(i / columns) * spacing,
    from[2],
  ]);
}

/** In the file's order. */
export const KINDS = {
  /** A closed red wall at the left. */
  wall: { places: grid(11, 11, [-2, -0.5, 0], 0.1), color: [0.8, 0.15, 0.1], deviation: 0.06, opacity: 0.95 },
  /** Blue, and wholly behind the wall for the first camera. */
  behind: { places: grid(5, 5, [-1.9, -0.2, 1.5], 0.1), color: [0.1, 0.2, 0.9], deviation: 0.04, opacity: 0.95 },
  /** Green, each alone, six columns and five rows, at the right. */
  balls: { places: grid(6, 5, [0.3, -0.8, 0], 0.4), color: [0.1, 0.7, 0.2], deviation: 0.05, opacity: 0.97 },
  /** Large faint ones far above everything else. */
  floaters: { places: grid(4, 1, [-1.2, -2.2, 0], 0.7), color: [0.5, 0.5, 0.5], deviation: 0.6, opacity: 0.02 },
} as const satisfies Record<string, Kind>;
export type KindName = keyof typeof KINDS;

const NAMES = Object.keys(KINDS) as KindName[];
export const COUNT = NAMES.reduce((sum, name) => sum + KINDS[name].places.length, 0);
const PLACES: readonly Vec3[] = NAMES.flatMap((name): readonly Vec3[] => KINDS[name].places);
export const BALL_COLUMNS = 6;

/** Indices of a kind's splats. */
export function indicesOf(name: KindName): number[] {
  const before = NAMES.slice(0, NAMES.indexOf(name)).reduce((sum, other) => sum + KINDS[other].places.length, 0);
  return KINDS[name].places.map((_, i) => before + i);
}

export function createTidyScene(): Splats {
  const splats = createSplats(COUNT, 0);
  let at = 0;
  for (const name of NAMES) {
    const { places, color, deviation, opacity } = KINDS[name];
    for (const place of places) {
      splats.means.set(place, at * 3);
      splats.logScales.fill(Math.log(deviation), at * 3, at * 3 + 3);
      splats.rawOpacities[at] = Math.log(opacity / (1 - opacity));
      splats.shCoeffs.set(
        color.map((value) => (value - 0.5) / SH_C0),
        at * 3,
      );
      at++;
    }
  }
  return splats;
}

export function tidySceneFile(): Uint8Array {
  return writeSplatPly(createTidyScene(), { generator: 'a test' }).bytes;
}

/**
 * The first camera of a scene without photos: it looks along +z from where a ball around the scene just fits. The ball is that of the 2nd
 * to 98th percentile, which leaves out the four floaters: x −2…2.3, y −0.8…0.8, z 0…1.5.
 */
const HALF_ANGLE_RAD = 0.45;
const BALL = { x: 0.15, y: 0, z: 0.75, radius: Math.hypot(4.3, 1.6, 1.5) / 2 };
const CAMERA_Z = BALL.z - (1.05 * BALL.radius) / Math.sin(HALF_ANGLE_RAD);

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Where a canvas of this size shows a splat's centre, in its CSS pixels. */
export function placeOf(index: number, { width, height }: { readonly width: number; readonly height: number }): Place {
  const [x, y, z] = PLACES[index] as Vec3;
  const focal = height / 2 / Math.tan(HALF_ANGLE_RAD);
  return {
    x: width / 2 + (focal * (x - BALL.x)) / (z - CAMERA_Z),
    y: height / 2 + (focal * (y - BALL.y)) / (z - CAMERA_Z),
  };
}

/** Distance from a place to a straight stroke. */
export function distanceToStroke({ x, y }: Place, from: Place, to: Place): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const share = Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - from.x - share * dx, y - from.y - share * dy);
}

/** Indices of the splats whose centres a canvas of this size shows in a region. */
export function findInScene(
  canvas: { readonly width: number; readonly height: number },
  isInside: (place: Place) => boolean,
): number[] {
  return PLACES.flatMap((_, index) => (isInside(placeOf(index, canvas)) ? [index] : []));
}
