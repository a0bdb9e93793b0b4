/** How far apart a sensor's points lie on their own surface, as a picture shows them. */
import { median } from '../math/median.js';
import { PixelGrid } from './pixel-grid.js';

/** Points in a picture. */
export interface PicturePoints {
  /** [N, 2] px. */
  readonly pixels: Float32Array;
  /** [N] z > 0. */
  readonly depth: Float32Array;
}

export interface SurfaceSpacing {
  /** [N] px to the neighbours beside; rows of a scanner lie much farther apart than the points in one. */
  readonly x: Float32Array;
  /** [N] px to the neighbours above and below. */
  readonly y: Float32Array;
  /** [N] steepest change of log depth a pixel, towards the nearest point on each of the four sides, whatever its surface. */
  readonly slope: Float32Array;
  readonly grid: PixelGrid;
}

/** Neighbours whose log depths differ by less are of one surface: rings of a scanner on a road are up to this far apart. */
const SAME_SURFACE_LOG = 0.15;
/** A neighbour farther away than this share of the picture's diagonal says nothing of the surface between. */
const REACH_SHARE = 0.04;
const LEFT = 0;
const RIGHT = 1;
const UP = 2;
const DOWN = 3;
/** A single step to the side from which the search for neighbours widens. */
const WIDENING = 2;

interface Sides {
  /** [4] px to the nearest point of the same surface; Infinity where there is none in reach. */
  readonly same: Float64Array;
  /** [4] px to the nearest point of any surface, and its difference in log depth. */
  readonly any: Float64Array;
  readonly step: Float64Array;
}

function sideOf(du: number, dv: number): number {
  if (Math.abs(du) >= Math.abs(dv)) return du < 0 ? LEFT : RIGHT;
  return dv < 0 ? UP : DOWN;
}

/** Looks around point i in growing boxes until every side has a neighbour of the same surface, or the reach ends. */
function searchSides(points: PicturePoints, grid: PixelGrid, i: number, reachPx: number, sides: Sides): void {
  const { pixels, depth } = points;
  const z = depth[i] as number;
  for (let reach = Math.min(reachPx, grid.cellPx * WIDENING); ; reach = Math.min(reachPx, reach * WIDENING)) {
    sides.same.fill(Infinity);
    sides.any.fill(Infinity);
    sides.step.fill(0);
    grid.visitBox(i, reach, reach, (j) => {
      const du = (pixels[2 * j] as number) - (pixels[2 * i] as number);
      const dv = (pixels[2 * j + 1] as number) - (pixels[2 * i + 1] as number);
      const side = sideOf(du, dv);
      const distance = Math.max(1, Math.abs(du), Math.abs(dv));
      const step = Math.abs(Math.log((depth[j] as number) / z));
      if (distance < (sides.any[side] as number)) {
        sides.any[side] = distance;
        sides.step[side] = step;
      }
      if (step < SAME_SURFACE_LOG && distance < (sides.same[side] as number)) sides.same[side] = distance;
    });
    if (reach >= reachPx || sides.same.every((distance) => distance <= reach)) return;
  }
}

/** The larger of two sides, unless it is more than twice the smaller: then a gap or the surface's end lies there. */
function pairSides(a: number, b: number): number {
  const [near, far] = a < b ? [a, b] : [b, a];
  return far <= 2 * near ? far : near;
}

/** A side of a cell that holds about two points. */
function chooseCell(count: number, { width, height }: { readonly width: number; readonly height: number }): number {
  return Math.min(32, Math.max(1, Math.sqrt((2 * width * height) / Math.max(1, count))));
}

/**
 * Measures, for each point, how far away its neighbours on the same surface lie beside it, and above and below it. A neighbour belongs to the
 * side (a quarter of the directions) in which it lies; of the two sides of an axis the larger distance counts, or the smaller where the other
 * is more than twice as far. Points without a neighbour take the median of the others.
 *
 * @param size of the picture in pixels. O(N) for even densities.
 */
export function measureSpacing(
  points: PicturePoints,
  size: { readonly width: number; readonly height: number },
): SurfaceSpacing {
  const count = points.depth.length;
  const grid = new PixelGrid(points.pixels, size, chooseCell(count, size));
  const reachPx = REACH_SHARE * Math.hypot(size.width, size.height);
  const sides: Sides = { same: new Float64Array(4), any: new Float64Array(4), step: new Float64Array(4) };
  const [x, y, slope] = [new Float32Array(count), new Float32Array(count), new Float32Array(count)];
  for (let i = 0; i < count; i++) {
    searchSides(points, grid, i, reachPx, sides);
    x[i] = pairSides(sides.same[LEFT] as number, sides.same[RIGHT] as number);
    y[i] = pairSides(sides.same[UP] as number, sides.same[DOWN] as number);
    let steepest = 0;
    for (let side = 0; side < 4; side++) {
      if (sides.any[side] === Infinity) continue;
      steepest = Math.max(steepest, (sides.step[side] as number) / (sides.any[side] as number));
    }
    slope[i] = steepest;
  }
  for (const spacing of [x, y]) {
    const usual = median(spacing) || 1;
    for (let i = 0; i < count; i++) if (spacing[i] === Infinity) spacing[i] = usual;
  }
  return { x, y, slope, grid };
}
