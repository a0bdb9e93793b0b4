/**
 * Which Gaussians lie where in the picture, computed beside the GPU: exact, in step with the masks, and never waiting for a frame.
 * The model is that of engine/splatting/contract.ts.
 */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, multiplyMatVec, transposeMat } from '../../engine/math/rigid-transform.js';
import { rotationOfQuaternion } from '../../engine/math/conventions.js';
import type { Splats } from '../../engine/scene/splats.js';
import type { Intrinsics } from '../../engine/scene/camera.js';
import type { RayLayer } from './depth-profile.js';
import { depthProfile, thicknessAlong } from './depth-profile.js';
import type { PickedPoint } from './tools/measure-distance.js';
import type { Rectangle } from './view-geometry.js';
import type { CanvasRegion, ViewPose } from './viewer-contract.js';

const NEAR_DEPTH = 0.01;
const MIN_ALPHA = 1 / 255;
const MAX_ALPHA = 0.99;
const DILATION = 0.3;
const FRUSTUM_CLAMP = 1.3;

export interface PictureView {
  readonly pose: ViewPose;
  readonly camera: Intrinsics;
}

/** A Gaussian in the picture: its centre, its depth, the inverse covariance in px⁻² and the opacity. */
interface Footprint {
  u: number;
  v: number;
  depth: number;
  conicA: number;
  conicB: number;
  conicC: number;
  opacity: number;
  /** Half the side of an upright square around it, in pixels. */
  reach: number;
}

/** Goes over the Gaussians that are not hidden and that touch a rectangle of the picture. */
function forEachFootprint(
  splats: Splats,
  hidden: Uint8Array | null,
  view: PictureView,
  within: Rectangle,
  visit: (index: number, footprint: Footprint) => void,
): void {
  const { camera, pose } = view;
  const world = transposeMat(pose.rotation);
  const focal = Math.max(camera.fx, camera.fy);
  const footprint: Footprint = { u: 0, v: 0, depth: 0, conicA: 0, conicB: 0, conicC: 0, opacity: 0, reach: 0 };
  for (let i = 0; i < splats.count; i++) {
    if (hidden?.[i]) continue;
    if (!projectCentre(splats, i, view, world, footprint)) continue;
    const largest = Math.exp(
      Math.max(
        splats.logScales[i * 3] as number,
        splats.logScales[i * 3 + 1] as number,
        splats.logScales[i * 3 + 2] as number,
      ),
    );
    // No footprint is wider than a ball of its largest axis seen at the picture's edge; 3.4 deviations reach α = 1/255 of any opacity.
    const bound = 3.4 * (((2 * focal) / footprint.depth) * largest + 1);
    if (!touches(footprint.u, footprint.v, bound, within)) continue;
    if (!projectShape(splats, i, view, world, footprint)) continue;
    if (touches(footprint.u, footprint.v, footprint.reach, within)) visit(i, footprint);
  }
}

function touches(u: number, v: number, reach: number, box: Rectangle): boolean {
  return (
    u + reach >= box.left &&
    u - reach <= box.left + box.width &&
    v + reach >= box.top &&
    v - reach <= box.top + box.height
  );
}

function projectCentre(
  splats: Splats,
  i: number,
  view: PictureView,
  world: readonly number[],
  out: Footprint,
): boolean {
  const { pose, camera } = view;
  const x = (splats.means[i * 3] as number) - pose.position[0];
  const y = (splats.means[i * 3 + 1] as number) - pose.position[1];
  const z = (splats.means[i * 3 + 2] as number) - pose.position[2];
  const r = world as [number, number, number, number, number, number, number, number, number];
  out.depth = r[6] * x + r[7] * y + r[8] * z;
  if (!(out.depth >= NEAR_DEPTH)) return false;
  out.u = (camera.fx * (r[0] * x + r[1] * y + r[2] * z)) / out.depth + camera.cx;
  out.v = (camera.fy * (r[3] * x + r[4] * y + r[5] * z)) / out.depth + camera.cy;
  return true;
}

/** covariance2d = J W R diag(s²) Rᵀ Wᵀ Jᵀ + dilation, inverted. */
function projectShape(splats: Splats, i: number, view: PictureView, world: readonly number[], out: Footprint): boolean {
  const { camera } = view;
  const opacity = 1 / (1 + Math.exp(-(splats.rawOpacities[i] as number)));
  if (!(opacity >= MIN_ALPHA)) return false;
  const quaternion = [0, 1, 2, 3].map((k) => splats.quats[i * 4 + k]) as [number, number, number, number];
  const axes = multiplyMat(world as Parameters<typeof multiplyMat>[0], rotationOfQuaternion(quaternion));
  const limitX = (FRUSTUM_CLAMP * 0.5 * camera.width) / camera.fx;
  const limitY = (FRUSTUM_CLAMP * 0.5 * camera.height) / camera.fy;
  const tanX = Math.max(-limitX, Math.min(limitX, (out.u - camera.cx) / camera.fx));
  const tanY = Math.max(-limitY, Math.min(limitY, (out.v - camera.cy) / camera.fy));
  let [a, b, c] = [DILATION, 0, DILATION];
  for (const k of [0, 1, 2] as const) {
    const deviation = Math.exp(splats.logScales[i * 3 + k] as number) / out.depth;
    const along = axes[6 + k] as number;
    const du = camera.fx * deviation * (axes[k] - tanX * along);
    const dv = camera.fy * deviation * ((axes[3 + k] as number) - tanY * along);
    a += du * du;
    b += du * dv;
    c += dv * dv;
  }
  const determinant = a * c - b * b;
  if (!(determinant > 0) || !Number.isFinite(determinant)) return false;
  out.conicA = c / determinant;
  out.conicB = -b / determinant;
  out.conicC = a / determinant;
  out.opacity = opacity;
  out.reach = Math.sqrt(2 * Math.log(opacity / MIN_ALPHA) * Math.max(a, c));
  return true;
}

function alphaAt(footprint: Footprint, x: number, y: number): number {
  const [dx, dy] = [x - footprint.u, y - footprint.v];
  const power = footprint.conicA * dx * dx + 2 * footprint.conicB * dx * dy + footprint.conicC * dy * dy;
  const alpha = Math.min(MAX_ALPHA, footprint.opacity * Math.exp(-0.5 * power));
  return alpha >= MIN_ALPHA ? alpha : 0;
}

/** Layers of Gaussians under a place of the picture, in no order. */
function layersAt(
  splats: Splats,
  hidden: Uint8Array | null,
  view: PictureView,
  x: number,
  y: number,
): (RayLayer & { readonly index: number })[] {
  const layers: (RayLayer & { readonly index: number })[] = [];
  forEachFootprint(splats, hidden, view, { left: x, top: y, width: 0, height: 0 }, (index, footprint) => {
    const alpha = alphaAt(footprint, x, y);
    if (alpha > 0) layers.push({ index, depth: footprint.depth, alpha, thickness: 0 });
  });
  return layers;
}

/** Depth at which the light of a pixel is half used up: Σ α T passes one half, front to back. null where it never does. */
export function medianDepthAt(
  splats: Splats,
  hidden: Uint8Array | null,
  view: PictureView,
  x: number,
  y: number,
): number | null {
  return depthProfile(layersAt(splats, hidden, view, x, y))?.depth ?? null;
}

/** The point of the scene under a place of the picture, and how sure it is; null in the void. */
export function pickMeasured(
  splats: Splats,
  hidden: Uint8Array | null,
  view: PictureView,
  x: number,
  y: number,
): PickedPoint | null {
  const { camera, pose } = view;
  const inCamera: Vec3 = [(x - camera.cx) / camera.fx, (y - camera.cy) / camera.fy, 1];
  // Along the ray, a step of depth is longer by this.
  const stretch = Math.hypot(...inCamera);
  const ray = multiplyMatVec(pose.rotation, inCamera);
  const direction = ray.map((value) => value / stretch) as Vec3;
  const layers = layersAt(splats, hidden, view, x, y).map((layer) => ({
    ...layer,
    thickness: thicknessAlong(splats, layer.index, direction),
  }));
  const profile = depthProfile(layers);
  if (profile === null) return null;
  const { depth, spread, thickness } = profile;
  return {
    position: pose.position.map((value, axis) => value + ray[axis]! * depth) as Vec3,
    direction,
    spread: spread * stretch,
    thickness,
    aside: (0.5 * depth * stretch) / Math.max(camera.fx, camera.fy),
  };
}

/** The point of the scene under a place of the picture. */
export function pickPoint(
  splats: Splats,
  hidden: Uint8Array | null,
  view: PictureView,
  x: number,
  y: number,
): Vec3 | null {
  return pickMeasured(splats, hidden, view, x, y)?.position ?? null;
}

export function regionBounds(region: CanvasRegion): Rectangle {
  if (region.kind === 'box') {
    const left = Math.min(region.left, region.right);
    const top = Math.min(region.top, region.bottom);
    return { left, top, width: Math.abs(region.right - region.left), height: Math.abs(region.bottom - region.top) };
  }
  const xs = region.points.map(({ x }) => x);
  const ys = region.points.map(({ y }) => y);
  const left = xs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) - region.radius;
  const top = ys.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) - region.radius;
  const right = xs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) + region.radius;
  const bottom = ys.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) + region.radius;
  return { left, top, width: right - left, height: bottom - top };
}

/** A brush is a stroke: the discs at its points and what lies between them. */
export function isInRegion(region: CanvasRegion, x: number, y: number): boolean {
  if (region.kind === 'box') {
    const { left, top, width, height } = regionBounds(region);
    return x >= left && x <= left + width && y >= top && y <= top + height;
  }
  const { points, radius } = region;
  return points.some((point, i) => distanceToSegment(x, y, points[Math.max(0, i - 1)] ?? point, point) <= radius);
}

function distanceToSegment(
  x: number,
  y: number,
  a: { readonly x: number; readonly y: number },
  b: { readonly x: number; readonly y: number },
): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const squared = dx * dx + dy * dy;
  const share = squared > 0 ? Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / squared)) : 0;
  return Math.hypot(x - a.x - share * dx, y - a.y - share * dy);
}

/** [N]: 1 where a Gaussian's centre lies in the region of the picture and it is not hidden; `through` false: and nothing covers it. */
export function findInRegion(
  splats: Splats,
  hidden: Uint8Array | null,
  view: PictureView,
  region: CanvasRegion,
  through: boolean,
): Uint8Array {
  const found = new Uint8Array(splats.count);
  const bounds = regionBounds(region);
  if (!(bounds.width >= 0) || !(bounds.height >= 0)) return found;
  const front = through ? null : frontOf(splats, hidden, view, bounds);
  const world = transposeMat(view.pose.rotation);
  const at: Footprint = { u: 0, v: 0, depth: 0, conicA: 0, conicB: 0, conicC: 0, opacity: 0, reach: 0 };
  for (let i = 0; i < splats.count; i++) {
    if (hidden?.[i] || !projectCentre(splats, i, view, world, at)) continue;
    if (!touches(at.u, at.v, 0, bounds) || !isInRegion(region, at.u, at.v)) continue;
    if (front === null || front.shows(at.u, at.v, at.depth, largestDeviation(splats, i))) found[i] = 1;
  }
  return found;
}

function largestDeviation(splats: Splats, i: number): number {
  const { logScales } = splats;
  return Math.exp(Math.max(logScales[i * 3] as number, logScales[i * 3 + 1] as number, logScales[i * 3 + 2] as number));
}

/** Cells along the longer side of the grid that says how deep the front lies. */
const FRONT_CELLS = 96;
const DEPTH_BUCKETS = 2048;

interface Front {
  shows(u: number, v: number, depth: number, deviation: number): boolean;
}

/** Median depth on a grid over a rectangle: what is no deeper than that, give or take its own size, is in front. */
function frontOf(splats: Splats, hidden: Uint8Array | null, view: PictureView, bounds: Rectangle): Front {
  const cell = Math.max(1, bounds.width / FRONT_CELLS, bounds.height / FRONT_CELLS);
  const columns = Math.max(1, Math.ceil(bounds.width / cell));
  const rows = Math.max(1, Math.ceil(bounds.height / cell));
  const transmittance = new Float32Array(columns * rows).fill(1);
  const depths = new Float32Array(columns * rows).fill(Number.POSITIVE_INFINITY);
  for (const footprint of frontToBack(splats, hidden, view, bounds)) {
    const first = {
      column: cellOf(footprint.u - footprint.reach - bounds.left, cell, columns),
      row: cellOf(footprint.v - footprint.reach - bounds.top, cell, rows),
    };
    const last = {
      column: cellOf(footprint.u + footprint.reach - bounds.left, cell, columns),
      row: cellOf(footprint.v + footprint.reach - bounds.top, cell, rows),
    };
    for (let row = first.row; row <= last.row; row++) {
      for (let column = first.column; column <= last.column; column++) {
        const at = row * columns + column;
        if (depths[at] !== Number.POSITIVE_INFINITY) continue;
        transmittance[at] =
          (transmittance[at] as number) *
          (1 - alphaAt(footprint, bounds.left + (column + 0.5) * cell, bounds.top + (row + 0.5) * cell));
        if (transmittance[at] < 0.5) depths[at] = footprint.depth;
      }
    }
  }
  return {
    shows(u, v, depth, deviation) {
      const at = cellOf(v - bounds.top, cell, rows) * columns + cellOf(u - bounds.left, cell, columns);
      const front = depths[at] as number;
      return depth <= front * 1.01 + 2 * deviation;
    },
  };
}

function cellOf(offset: number, cell: number, cells: number): number {
  return Math.max(0, Math.min(cells - 1, Math.floor(offset / cell)));
}

/** Footprints in rising depth, to a two-thousandth of the logarithm of its range: sorting half a million exactly takes too long. */
function frontToBack(splats: Splats, hidden: Uint8Array | null, view: PictureView, within: Rectangle): Footprint[] {
  const all: Footprint[] = [];
  let [nearest, farthest] = [Number.POSITIVE_INFINITY, NEAR_DEPTH];
  forEachFootprint(splats, hidden, view, within, (_, footprint) => {
    all.push({ ...footprint });
    nearest = Math.min(nearest, footprint.depth);
    farthest = Math.max(farthest, footprint.depth);
  });
  const buckets: Footprint[][] = Array.from({ length: DEPTH_BUCKETS }, () => []);
  const factor = (DEPTH_BUCKETS - 1) / Math.max(1e-9, Math.log(farthest / nearest));
  for (const footprint of all) buckets[Math.floor(Math.log(footprint.depth / nearest) * factor)]?.push(footprint);
  return buckets.flat();
}
