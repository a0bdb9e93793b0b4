import type { Vec3 } from '../../math/rigid-transform.js';
import { ShapeError } from '../../scene/errors.js';
import type { RayAnchors } from '../contract.js';
import { NO_ANCHOR } from '../contract.js';
import { vec3At } from './parameters.js';

/** A grid value that a Gaussian's field reads, and how much of it. */
export interface GridTap {
  readonly at: number;
  readonly weight: number;
}

/** Throws ShapeError where an anchor's array or index does not fit. */
export function assertAnchorsShape(anchors: RayAnchors, count: number): void {
  const { viewIndices, imageCoords, segments, origins } = anchors;
  const viewCount = origins.length / 3;
  if (viewIndices.length !== count || imageCoords.length !== count * 2 || segments.length !== count) {
    throw new ShapeError(`anchors of ${viewIndices.length} Gaussians given to a scene of ${count}`);
  }
  if (!Number.isInteger(viewCount)) throw new ShapeError(`anchors.origins holds ${origins.length} numbers`);
  viewIndices.forEach((view, i) => {
    if (view === NO_ANCHOR) return;
    if (view >= viewCount) throw new ShapeError(`anchor ${i} names view ${view} of ${viewCount}`);
    if ((segments[i] as number) >= anchors.segmentCount) throw new ShapeError(`anchor ${i} names a segment too high`);
  });
}

/** Number of values of one level: views × segments × rows × columns. */
export function gridLength(anchors: RayAnchors, level: number): number {
  const { columns, rows } = anchors.gridLevels[level] as RayAnchors['gridLevels'][number];
  return (anchors.origins.length / 3) * anchors.segmentCount * rows * columns;
}

/**
 * The four values of a level's grid [V, segments, rows, columns] that Gaussian `index` reads bilinearly at
 * x = clamp(imageCoords.x, 0, 1) · (columns − 1), y = clamp(imageCoords.y, 0, 1) · (rows − 1). Weights sum to 1.
 * `index` must be anchored.
 */
export function gridTaps(anchors: RayAnchors, level: number, index: number): GridTap[] {
  const { columns, rows } = anchors.gridLevels[level] as RayAnchors['gridLevels'][number];
  const unit = (value: number): number => Math.min(1, Math.max(0, value));
  const x = unit(anchors.imageCoords[index * 2] as number) * (columns - 1);
  const y = unit(anchors.imageCoords[index * 2 + 1] as number) * (rows - 1);
  const [column, row] = [Math.floor(x), Math.floor(y)];
  // On the last column or row the fraction is 0, so that the neighbour's place does not matter.
  const [nextColumn, nextRow] = [Math.min(column + 1, columns - 1), Math.min(row + 1, rows - 1)];
  const [right, below] = [x - column, y - row];
  const grid = (anchors.viewIndices[index] as number) * anchors.segmentCount + (anchors.segments[index] as number);
  const at = (r: number, c: number): number => (grid * rows + r) * columns + c;
  return [
    { at: at(row, column), weight: (1 - below) * (1 - right) },
    { at: at(row, nextColumn), weight: (1 - below) * right },
    { at: at(nextRow, column), weight: below * (1 - right) },
    { at: at(nextRow, nextColumn), weight: below * right },
  ];
}

/** The camera centre on whose ray Gaussian `index` lives, or null for a free one. */
export function anchorOrigin(anchors: RayAnchors | null, index: number): Vec3 | null {
  const view = anchors?.viewIndices[index] ?? NO_ANCHOR;
  return anchors === null || view === NO_ANCHOR ? null : vec3At(anchors.origins, view);
}

/**
 * δ = Σ_levels Σ_taps weight · grid value + own: logarithm of how much farther along its ray than its base the Gaussian is.
 *
 * @param grids one array a level, as {@link gridLength} long.
 */
export function rayDelta(anchors: RayAnchors, grids: readonly Float64Array[], own: number, index: number): number {
  return grids.reduce(
    (sum, grid, level) =>
      gridTaps(anchors, level, index).reduce((s, { at, weight }) => s + weight * (grid[at] as number), sum),
    own,
  );
}
