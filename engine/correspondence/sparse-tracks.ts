/** Joins pairwise matches into points that two or more photos saw, and places them. */
import { cameraCentre } from '../math/conventions.js';
import type { Vec3 } from '../math/rigid-transform.js';
import { transformPoint } from '../math/rigid-transform.js';
import type { View } from '../scene/view.js';

/** A match between keypoints of two photos, by their numbers across all photos. */
export interface TrackEdge {
  readonly a: number;
  readonly b: number;
  /** 0..1, larger is surer: sure matches are joined first. */
  readonly quality: number;
}

export interface Track {
  /** Numbers of the keypoints, at most one of each photo, ascending. */
  readonly keypoints: number[];
  readonly position: Vec3;
  /** Largest reprojection error over the photos. */
  readonly errorPx: number;
  /** Best quality among the matches that were joined. */
  readonly quality: number;
}

/** Where keypoint k of the joint numbering lies. */
export interface KeypointTable {
  /** [K] view of each keypoint */
  readonly views: Uint16Array;
  /** [K, 2] pixel */
  readonly px: Float32Array;
}

/** Sets of keypoints; two that hold the same photo are never joined (a point is seen once a photo). */
class TrackForest {
  private readonly members = new Map<number, number[]>();
  private readonly root: Int32Array;
  private readonly quality: Float32Array;

  constructor(private readonly table: KeypointTable) {
    this.root = Int32Array.from(table.views, (_, i) => i);
    this.quality = new Float32Array(table.views.length);
  }

  join({ a, b, quality }: TrackEdge): void {
    const [rootA, rootB] = [this.root[a] as number, this.root[b] as number];
    if (rootA === rootB) return;
    const membersA = this.members.get(rootA) ?? [rootA];
    const membersB = this.members.get(rootB) ?? [rootB];
    const viewsA = new Set(membersA.map((k) => this.table.views[k]));
    if (membersB.some((k) => viewsA.has(this.table.views[k]))) return;
    for (const k of membersB) this.root[k] = rootA;
    this.members.delete(rootB);
    this.members.set(rootA, [...membersA, ...membersB]);
    this.quality[rootA] = Math.max(quality, this.quality[rootA] as number, this.quality[rootB] as number);
  }

  *tracks(): Generator<{ keypoints: number[]; quality: number }> {
    for (const [root, keypoints] of this.members) {
      yield { keypoints: keypoints.sort((i, j) => i - j), quality: this.quality[root] as number };
    }
  }
}

/** Solves a symmetric 3×3 system by Cramer's rule; null when it is singular to rounding. */
function solveSymmetric(m: Readonly<Float64Array>, r: Readonly<Float64Array>): Vec3 | null {
  const [a, b, c, d, e, f] = m as unknown as [number, number, number, number, number, number];
  const c0 = d * f - e * e;
  const c1 = c * e - b * f;
  const c2 = b * e - c * d;
  const det = a * c0 + b * c1 + c * c2;
  if (!(Math.abs(det) > 1e-14 * Math.abs(a * d * f))) return null;
  const [x, y, z] = r as unknown as Vec3;
  return [
    (c0 * x + c1 * y + c2 * z) / det,
    (c1 * x + (a * f - c * c) * y + (b * c - a * e) * z) / det,
    (c2 * x + (b * c - a * e) * y + (a * d - b * b) * z) / det,
  ];
}

/**
 * Position of a point from its pixels in two or more photos: linear least squares of f (x − a z) = 0 and f (y − b z) = 0
 * in each camera, the rows divided by the depth of the round before so that the residual is in pixels (Hartley and
 * Sturm 1997, iterative linear-LS).
 *
 * @returns null when the rays are parallel or the point lies behind a camera.
 */
export function triangulatePoint(
  views: readonly View[],
  table: KeypointTable,
  keypoints: readonly number[],
): Vec3 | null {
  const depths = keypoints.map(() => 1);
  // Relative to a camera's centre: world coordinates far from zero would cost digits in the normal equations.
  const origin = cameraCentre((views[table.views[keypoints[0] as number] as number] as View).camera.cameraFromWorld);
  let position: Vec3 | null = null;
  for (let round = 0; round < 3; round++) {
    const m = new Float64Array(6);
    const r = new Float64Array(3);
    keypoints.forEach((k, n) => {
      const { intrinsics, cameraFromWorld } = (views[table.views[k] as number] as View).camera;
      const rot = cameraFromWorld.rotation;
      const t = transformPoint(cameraFromWorld, origin);
      const slopes = [
        ((table.px[2 * k] as number) - intrinsics.cx) / intrinsics.fx,
        ((table.px[2 * k + 1] as number) - intrinsics.cy) / intrinsics.fy,
      ];
      slopes.forEach((slope, axis) => {
        const scale = (axis === 0 ? intrinsics.fx : intrinsics.fy) / (depths[n] as number);
        const row = [0, 1, 2].map((c) => scale * ((rot[3 * axis + c] as number) - slope * (rot[6 + c] as number)));
        const [x, y, z] = row as Vec3;
        const right = -scale * ((t[axis] as number) - slope * t[2]);
        [x * x, x * y, x * z, y * y, y * z, z * z].forEach((value, i) => (m[i] = (m[i] as number) + value));
        row.forEach((value, i) => (r[i] = (r[i] as number) + value * right));
      });
    });
    const solved = solveSymmetric(m, r);
    if (solved === null) return null;
    position = [solved[0] + origin[0], solved[1] + origin[1], solved[2] + origin[2]];
    for (let n = 0; n < keypoints.length; n++) {
      const view = views[table.views[keypoints[n] as number] as number] as View;
      const z = transformPoint(view.camera.cameraFromWorld, position)[2];
      if (!(z > 0)) return null;
      depths[n] = z;
    }
  }
  return position;
}

/** Distance in pixels between a point's image and a pixel; Infinity behind the camera. */
export function reprojectionErrorPx(view: View, position: Readonly<Vec3>, u: number, v: number): number {
  const { fx, fy, cx, cy } = view.camera.intrinsics;
  const [x, y, z] = transformPoint(view.camera.cameraFromWorld, position);
  return z > 0 ? Math.hypot((fx * x) / z + cx - u, (fy * y) / z + cy - v) : Infinity;
}

/** Places a track; drops its worst photo until the others agree within `maxErrorPx`, or gives it up. */
function placeTrack(
  views: readonly View[],
  table: KeypointTable,
  keypoints: readonly number[],
  quality: number,
  maxErrorPx: number,
): Track | null {
  let left = [...keypoints];
  while (left.length >= 2) {
    const position = triangulatePoint(views, table, left);
    if (position === null) return null;
    const errors = left.map((k) =>
      reprojectionErrorPx(
        views[table.views[k] as number] as View,
        position,
        table.px[2 * k] as number,
        table.px[2 * k + 1] as number,
      ),
    );
    const errorPx = Math.max(...errors);
    if (errorPx <= maxErrorPx) return { keypoints: left, position, errorPx, quality };
    const worst = errors.indexOf(errorPx);
    left = left.filter((_, i) => i !== worst);
  }
  return null;
}

/**
 * Tracks from pairwise matches: surest matches are joined first, never two keypoints of one photo; each track is
 * triangulated from all its photos and loses those whose reprojection error exceeds `maxErrorPx`.
 */
export function buildTracks(
  views: readonly View[],
  table: KeypointTable,
  edges: readonly TrackEdge[],
  maxErrorPx: number,
): Track[] {
  const forest = new TrackForest(table);
  const sorted = [...edges].sort((x, y) => y.quality - x.quality || x.a - y.a || x.b - y.b);
  for (const edge of sorted) forest.join(edge);
  const tracks: Track[] = [];
  for (const { keypoints, quality } of forest.tracks()) {
    const track = placeTrack(views, table, keypoints, quality, maxErrorPx);
    if (track !== null) tracks.push(track);
  }
  return tracks;
}
