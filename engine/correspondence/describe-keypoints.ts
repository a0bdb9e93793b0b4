/** Descriptors of keypoints: histograms of gradient orientations, turned by the known cameras instead of by the picture. */
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { multiplyMatVec } from '../math/rigid-transform.js';
import type { Camera } from '../scene/camera.js';
import type { Keypoints } from './detect-keypoints.js';
import type { ScaleLevel } from './detect-scale-space.js';

export const DESCRIPTOR_LENGTH = 128;
const CELLS = 4;
const ORIENTATIONS = 8;
/** Width of a cell in blurs of the level. */
const CELL_SIGMAS = 4;
/** Samples along a cell's side. */
const SAMPLES_PER_CELL = 3;
/** Lowe 2004 §6.1: large gradients are cut, because light changes them. */
const MAX_COMPONENT = 0.2;

/**
 * A direction of the world that no camera looks along, so that its image tells how each photo is rolled:
 * g minimises Σ (g·z_k)² − ε (g·ȳ)² over unit vectors, z_k the optical axes, ȳ the cameras' mean down axis
 * (ε = 0.05 V settles the choice for cameras that all look the same way). Found by power iteration on the shifted matrix.
 *
 * @returns a unit vector in the world; the same, to rounding, whatever the order of the cameras.
 */
export function chooseRollReference(cameras: readonly Camera[]): Vec3 {
  const down: Vec3 = [0, 0, 0];
  const matrix = [0, 0, 0, 0, 0, 0, 0, 0, 0] as Mat3;
  const add = (v: Readonly<Vec3>, weight: number): void => {
    for (let i = 0; i < 9; i++) {
      matrix[i] = (matrix[i] as number) + weight * (v[Math.floor(i / 3)] as number) * (v[i % 3] as number);
    }
  };
  for (const { cameraFromWorld } of cameras) {
    const r = cameraFromWorld.rotation;
    add([r[6], r[7], r[8]], 1);
    for (let i = 0; i < 3; i++) down[i] = (down[i] as number) + (r[3 + i] as number) / cameras.length;
  }
  add(down, -0.05 * cameras.length);
  // The smallest eigenvector of M is the largest of (trace + 1)·I − M.
  const shift = cameras.length + 1;
  let g: Vec3 = Math.hypot(...down) > 0.1 ? [...down] : [0.36, 0.48, 0.8];
  for (let iteration = 0; iteration < 500; iteration++) {
    const m = multiplyMatVec(matrix, g);
    const next: Vec3 = [shift * g[0] - m[0], shift * g[1] - m[1], shift * g[2] - m[2]];
    const norm = Math.hypot(...next);
    g = [next[0] / norm, next[1] / norm, next[2] / norm];
  }
  return g;
}

/** Angle of the reference direction's image at a pixel. */
function rollAt(camera: Camera, reference: Readonly<Vec3>, u: number, v: number): number {
  const { fx, fy, cx, cy } = camera.intrinsics;
  const g = multiplyMatVec(camera.cameraFromWorld.rotation, reference);
  return Math.atan2(fy * g[1] - (v - cy) * g[2], fx * g[0] - (u - cx) * g[2]);
}

/** atan2 in units of a turn's eighths, 0..8, to 0.0005; Math.atan2 would take half of the stage. */
function octant(y: number, x: number): number {
  const ax = Math.abs(x);
  const ay = Math.abs(y);
  const larger = Math.max(ax, ay);
  if (larger === 0) return 0;
  const t = Math.min(ax, ay) / larger;
  // Odd polynomial of atan on 0..1 (Abramowitz and Stegun 4.4.49), times 4 / π.
  const t2 = t * t;
  let a = t * (1.273074 + t2 * (-0.42055 + t2 * (0.229363 + t2 * (-0.108395 + t2 * 0.026528))));
  if (ay > ax) a = 2 - a;
  if (x < 0) a = 4 - a;
  return y < 0 ? 8 - a : a;
}

function describeOne(level: ScaleLevel, x0: number, y0: number, angle: number, out: Float32Array): void {
  const { width, height, gradX, gradY } = level;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const cell = CELL_SIGMAS * level.sigma;
  const step = cell / SAMPLES_PER_CELL;
  const reach = (CELLS + 1) * SAMPLES_PER_CELL;
  const turn = angle * (ORIENTATIONS / (2 * Math.PI));
  out.fill(0);
  for (let sy = 0; sy < reach; sy++) {
    // Position in cells: 0 is the first cell's centre.
    const cy = (sy + 0.5) / SAMPLES_PER_CELL - 1;
    const dy = (cy - (CELLS - 1) / 2) * cell;
    for (let sx = 0; sx < reach; sx++) {
      const cx = (sx + 0.5) / SAMPLES_PER_CELL - 1;
      const dx = (cx - (CELLS - 1) / 2) * cell;
      const x = Math.floor(x0 + cos * dx - sin * dy);
      const y = Math.floor(y0 + sin * dx + cos * dy);
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const gx = gradX[y * width + x] as number;
      const gy = gradY[y * width + x] as number;
      const radius2 = (dx * dx + dy * dy) / (step * step * reach * reach);
      const magnitude = Math.sqrt(gx * gx + gy * gy) * (1 - radius2);
      let bin = octant(gy, gx) - turn;
      bin -= ORIENTATIONS * Math.floor(bin / ORIENTATIONS);
      const bin0 = Math.floor(bin);
      const fb = bin - bin0;
      const ix = Math.floor(cx);
      const iy = Math.floor(cy);
      const fx = cx - ix;
      const fy = cy - iy;
      for (let corner = 0; corner < 4; corner++) {
        const bx = ix + (corner & 1);
        const by = iy + (corner >> 1);
        if (bx < 0 || by < 0 || bx >= CELLS || by >= CELLS) continue;
        const weight = magnitude * ((corner & 1) === 1 ? fx : 1 - fx) * (corner >> 1 === 1 ? fy : 1 - fy);
        const base = (by * CELLS + bx) * ORIENTATIONS;
        const k0 = base + (bin0 & 7);
        const k1 = base + ((bin0 + 1) & 7);
        out[k0] = (out[k0] as number) + weight * (1 - fb);
        out[k1] = (out[k1] as number) + weight * fb;
      }
    }
  }
}

/** Unit length, large components cut, unit length again; an empty descriptor stays zero. */
function normalise(d: Float32Array): void {
  for (let pass = 0; pass < 2; pass++) {
    let sum = 0;
    for (let i = 0; i < d.length; i++) sum += (d[i] as number) * (d[i] as number);
    if (!(sum > 0)) return;
    const scale = 1 / Math.sqrt(sum);
    for (let i = 0; i < d.length; i++) {
      const value = (d[i] as number) * scale;
      d[i] = pass === 0 ? Math.min(MAX_COMPONENT, value) : value;
    }
  }
}

/**
 * Describes keypoints by 4×4 cells × 8 gradient orientations (Lowe 2004 §6), with trilinear voting. The patch is turned so
 * that the image of `rollReference` points along its x axis: photos that are rolled against each other still agree,
 * and unlike a dominant gradient the direction never jumps.
 *
 * @returns [N, 128] unit vectors (zero where the patch is blank).
 */
export function describeKeypoints(
  camera: Camera,
  levels: readonly ScaleLevel[],
  keypoints: Keypoints,
  rollReference: Readonly<Vec3>,
): Float32Array {
  const descriptors = new Float32Array(keypoints.count * DESCRIPTOR_LENGTH);
  for (let i = 0; i < keypoints.count; i++) {
    const level = levels[keypoints.levels[i] as number] as ScaleLevel;
    const u = keypoints.px[2 * i] as number;
    const v = keypoints.px[2 * i + 1] as number;
    const out = descriptors.subarray(i * DESCRIPTOR_LENGTH, (i + 1) * DESCRIPTOR_LENGTH);
    describeOne(level, u / level.pixelSize, v / level.pixelSize, rollAt(camera, rollReference, u, v), out);
    normalise(out);
  }
  return descriptors;
}
