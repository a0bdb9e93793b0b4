/** What lies at the end of a ray: position, normal towards the viewer, texture coordinates and material. */
import type { PackedPrimitives } from './bounding-tree.js';
import { CAPSULE, PRIMITIVE_STRIDE, SPHERE, TRIANGLE } from './intersect.js';
import type { Ray } from './intersect.js';
import { MATERIAL_LIST } from './materials.js';
import type { Material } from './materials.js';

const RELIEF_STEP = 0.0015;

/** Filled anew by every {@link resolveSurface}: one object, so that the inner loop allocates nothing. */
export class Surface {
  x = 0;
  y = 0;
  z = 0;
  /** Unit normal on the side the ray came from; with relief where that was asked for. */
  nx = 0;
  ny = 0;
  nz = 1;
  u = 0;
  v = 0;
  variant = 0;
  material: Material = MATERIAL_LIST[0] as Material;
}

/** Fills `out` for a hit of `ray` at `distance` on primitive `index`. */
export function resolveSurface(
  primitives: PackedPrimitives,
  index: number,
  ray: Ray,
  distance: number,
  withRelief: boolean,
  out: Surface,
): void {
  const { data } = primitives;
  const at = index * PRIMITIVE_STRIDE;
  out.x = ray.ox + ray.dx * distance;
  out.y = ray.oy + ray.dy * distance;
  out.z = ray.oz + ray.dz * distance;
  out.variant = primitives.variants[index] as number;
  out.material = MATERIAL_LIST[primitives.materials[index] as number] as Material;
  const kind = primitives.kinds[index];
  if (kind === TRIANGLE) resolveTriangle(data, at, withRelief ? out.material.height : null, out);
  else if (kind === SPHERE) resolveSphere(data, at, out);
  else if (kind === CAPSULE) resolveCapsule(data, at, out);
  else resolveFrustum(data, at, out);
  const length = Math.hypot(out.nx, out.ny, out.nz);
  const sign = out.nx * ray.dx + out.ny * ray.dy + out.nz * ray.dz > 0 ? -1 / length : 1 / length;
  out.nx *= sign;
  out.ny *= sign;
  out.nz *= sign;
}

function resolveTriangle(data: Float32Array, at: number, height: Material['height'], out: Surface): void {
  const [ax, ay, az] = [data[at + 3] as number, data[at + 4] as number, data[at + 5] as number];
  const [bx, by, bz] = [data[at + 6] as number, data[at + 7] as number, data[at + 8] as number];
  out.nx = ay * bz - az * by;
  out.ny = az * bx - ax * bz;
  out.nz = ax * by - ay * bx;
  const wx = out.x - (data[at] as number);
  const wy = out.y - (data[at + 1] as number);
  const wz = out.z - (data[at + 2] as number);
  const aa = ax * ax + ay * ay + az * az;
  const ab = ax * bx + ay * by + az * bz;
  const bb = bx * bx + by * by + bz * bz;
  const wa = wx * ax + wy * ay + wz * az;
  const wb = wx * bx + wy * by + wz * bz;
  const inverse = 1 / (aa * bb - ab * ab);
  const s = (wa * bb - wb * ab) * inverse;
  const t = (wb * aa - wa * ab) * inverse;
  const ua = data[at + 11] as number;
  const va = data[at + 12] as number;
  const ub = data[at + 13] as number;
  const vb = data[at + 14] as number;
  out.u = (data[at + 9] as number) + s * ua + t * ub;
  out.v = (data[at + 10] as number) + s * va + t * vb;
  if (height === null) return;
  // The directions in which u and v grow (both in metres on surfaces that have relief), and the slope along each.
  const texel = 1 / (ua * vb - ub * va);
  const middle = height(out.u, out.v);
  const alongU = ((height(out.u + RELIEF_STEP, out.v) - middle) / RELIEF_STEP) * texel;
  const alongV = ((height(out.u, out.v + RELIEF_STEP) - middle) / RELIEF_STEP) * texel;
  const length = Math.hypot(out.nx, out.ny, out.nz);
  const handed = 1 / length;
  const ca = alongU * vb - alongV * ub;
  const cb = alongV * ua - alongU * va;
  out.nx = out.nx * handed - (ca * ax + cb * bx);
  out.ny = out.ny * handed - (ca * ay + cb * by);
  out.nz = out.nz * handed - (ca * az + cb * bz);
}

function resolveSphere(data: Float32Array, at: number, out: Surface): void {
  const radius = data[at + 3] as number;
  out.nx = out.x - (data[at] as number);
  out.ny = out.y - (data[at + 1] as number);
  out.nz = out.z - (data[at + 2] as number);
  out.u = Math.atan2(out.ny, out.nx) * radius;
  out.v = Math.acos(Math.max(-1, Math.min(1, out.nz / radius))) * radius;
}

function resolveCapsule(data: Float32Array, at: number, out: Surface): void {
  const [ax, ay, az] = [data[at] as number, data[at + 1] as number, data[at + 2] as number];
  const [ux, uy, uz] = [(data[at + 3] as number) - ax, (data[at + 4] as number) - ay, (data[at + 5] as number) - az];
  const squared = ux * ux + uy * uy + uz * uz;
  const along = ((out.x - ax) * ux + (out.y - ay) * uy + (out.z - az) * uz) / squared;
  const s = Math.max(0, Math.min(1, along));
  out.nx = out.x - ax - s * ux;
  out.ny = out.y - ay - s * uy;
  out.nz = out.z - az - s * uz;
  // Around an upright rod the angle is taken in the horizontal plane, around others in the plane of z and the shorter side.
  const upright = uz * uz > 0.5 * squared;
  const angle = upright
    ? Math.atan2(out.ny, out.nx)
    : Math.atan2(out.nz, Math.abs(ux) > Math.abs(uy) ? out.ny : out.nx);
  out.u = along * Math.sqrt(squared);
  out.v = angle * (data[at + 6] as number);
}

function resolveFrustum(data: Float32Array, at: number, out: Surface): void {
  const lowerRadius = data[at + 3] as number;
  const upperRadius = data[at + 5] as number;
  const rise = (data[at + 4] as number) - (data[at + 2] as number);
  const px = out.x - (data[at] as number);
  const py = out.y - (data[at + 1] as number);
  const radius = Math.hypot(px, py) || 1;
  out.nx = (px / radius) * rise;
  out.ny = (py / radius) * rise;
  out.nz = lowerRadius - upperRadius;
  out.u = Math.atan2(py, px) * Math.max(lowerRadius, upperRadius);
  // Up a flat ring the height stands still, so the radius takes its place.
  out.v = rise > 0.001 ? out.z : radius;
}
