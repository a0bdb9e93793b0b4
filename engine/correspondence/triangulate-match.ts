/** Depth of one match between two posed cameras, in closed form. */
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { composeRigid, invertRigid } from '../math/rigid-transform.js';
import type { Camera, Intrinsics } from '../scene/camera.js';

/** Two cameras' relation, prepared once for many matches. */
export interface PairGeometry {
  /** secondFromFirst */
  readonly rotation: Mat3;
  readonly translation: Vec3;
  readonly first: Intrinsics;
  readonly second: Intrinsics;
}

/** What a match says about the first photo's pixel. */
export interface Triangulation {
  /** 1 / depth in the first camera, 1 / world units; may be ≤ 0 for a match that no point in front explains. */
  inverseDepth: number;
  /** Change of inverseDepth when the match moves by one pixel along the epipolar line. */
  inverseDepthPerPx: number;
  /** Distance between the second pixel and the point's image there. */
  errorPx: number;
  /** Depth in the second camera over depth in the first; > 0 when both see it in front (given inverseDepth > 0). */
  depthRatio: number;
}

/** Prepares a pair of cameras for {@link triangulateMatch}. */
export function createPairGeometry(first: Camera, second: Camera): PairGeometry {
  const secondFromFirst = composeRigid(second.cameraFromWorld, invertRigid(first.cameraFromWorld));
  return {
    rotation: secondFromFirst.rotation,
    translation: secondFromFirst.translation,
    first: first.intrinsics,
    second: second.intrinsics,
  };
}

/** The first camera's pixel as a direction in the second camera's axes, of z = 1 in the first: A = R K₁⁻¹ (u, v, 1). */
export function rayInSecond(pair: PairGeometry, u: number, v: number, out: Vec3): Vec3 {
  const { fx, fy, cx, cy } = pair.first;
  const x = (u - cx) / fx;
  const y = (v - cy) / fy;
  const r = pair.rotation;
  out[0] = r[0] * x + r[1] * y + r[2];
  out[1] = r[3] * x + r[4] * y + r[5];
  out[2] = r[6] * x + r[7] * y + r[8];
  return out;
}

/**
 * Inverse depth w of a match, by least squares in the second photo. The point on the first pixel's ray is A + w B up to
 * scale (A = {@link rayInSecond}, B = translation); with (a, b) the second pixel on the plane z = 1,
 *   m = (fx (A_x − a A_z), fy (A_y − b A_z)),  n = (fx (a B_z − B_x), fy (b B_z − B_y)),  w = ⟨m,n⟩ / ⟨n,n⟩,
 *   errorPx = |m − w n| / (A_z + w B_z),  inverseDepthPerPx = (A_z + w B_z) / |n|.
 * Without a baseline, or with the ray along it, n = 0 and every number is NaN or infinite: compare so that NaN fails.
 *
 * @param ray A of the first pixel
 * @param out overwritten and returned, so that inner loops allocate nothing
 */
export function triangulateRay(
  pair: PairGeometry,
  ray: Readonly<Vec3>,
  secondU: number,
  secondV: number,
  out: Triangulation,
): Triangulation {
  const { fx, fy, cx, cy } = pair.second;
  const a = (secondU - cx) / fx;
  const b = (secondV - cy) / fy;
  const t = pair.translation;
  const mx = fx * (ray[0] - a * ray[2]);
  const my = fy * (ray[1] - b * ray[2]);
  const nx = fx * (a * t[2] - t[0]);
  const ny = fy * (b * t[2] - t[1]);
  const nn = nx * nx + ny * ny;
  const w = (mx * nx + my * ny) / nn;
  const ratio = ray[2] + w * t[2];
  out.inverseDepth = w;
  out.depthRatio = ratio;
  out.errorPx = Math.hypot(mx - w * nx, my - w * ny) / ratio;
  out.inverseDepthPerPx = ratio / Math.sqrt(nn);
  return out;
}

/** {@link triangulateRay} for two pixels. */
export function triangulateMatch(
  pair: PairGeometry,
  firstU: number,
  firstV: number,
  secondU: number,
  secondV: number,
): Triangulation {
  const out = { inverseDepth: NaN, inverseDepthPerPx: NaN, errorPx: NaN, depthRatio: NaN };
  return triangulateRay(pair, rayInSecond(pair, firstU, firstV, [0, 0, 0]), secondU, secondV, out);
}
