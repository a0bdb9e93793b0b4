/**
 * Where a ray meets one primitive. Every function reads its primitive at `at` in a packed array and returns the distance
 * along the (unit) direction, `Infinity` for a miss; hits nearer than MIN_DISTANCE do not count.
 */

/** Numbers that one primitive takes in the packed array. */
export const PRIMITIVE_STRIDE = 16;
export const MIN_DISTANCE = 1e-5;

export const TRIANGLE = 0;
export const SPHERE = 1;
export const CAPSULE = 2;
export const FRUSTUM = 3;

export interface Ray {
  ox: number;
  oy: number;
  oz: number;
  dx: number;
  dy: number;
  dz: number;
}

/** Triangle: corner [3], edge to second corner [3], edge to third [3] (then texture coordinates). Möller and Trumbore 1997. */
export function intersectTriangle(data: Float32Array, at: number, ray: Ray): number {
  const ax = data[at + 3] as number;
  const ay = data[at + 4] as number;
  const az = data[at + 5] as number;
  const bx = data[at + 6] as number;
  const by = data[at + 7] as number;
  const bz = data[at + 8] as number;
  const px = ray.dy * bz - ray.dz * by;
  const py = ray.dz * bx - ray.dx * bz;
  const pz = ray.dx * by - ray.dy * bx;
  const determinant = ax * px + ay * py + az * pz;
  if (determinant === 0) return Infinity;
  const inverse = 1 / determinant;
  const tx = ray.ox - (data[at] as number);
  const ty = ray.oy - (data[at + 1] as number);
  const tz = ray.oz - (data[at + 2] as number);
  const s = (tx * px + ty * py + tz * pz) * inverse;
  if (s < 0 || s > 1) return Infinity;
  const qx = ty * az - tz * ay;
  const qy = tz * ax - tx * az;
  const qz = tx * ay - ty * ax;
  const t = (ray.dx * qx + ray.dy * qy + ray.dz * qz) * inverse;
  if (t < 0 || s + t > 1) return Infinity;
  const distance = (bx * qx + by * qy + bz * qz) * inverse;
  return distance > MIN_DISTANCE ? distance : Infinity;
}

/** Nearer or farther root of |o + t d|² = r² for an origin relative to the sphere's centre. */
function hitBall(ox: number, oy: number, oz: number, ray: Ray, radius: number): number {
  const half = ox * ray.dx + oy * ray.dy + oz * ray.dz;
  const discriminant = half * half - (ox * ox + oy * oy + oz * oz - radius * radius);
  if (discriminant < 0) return Infinity;
  const root = Math.sqrt(discriminant);
  if (-half - root > MIN_DISTANCE) return -half - root;
  return -half + root > MIN_DISTANCE ? -half + root : Infinity;
}

/** Sphere: centre [3], radius. */
export function intersectSphere(data: Float32Array, at: number, ray: Ray): number {
  return hitBall(
    ray.ox - (data[at] as number),
    ray.oy - (data[at + 1] as number),
    ray.oz - (data[at + 2] as number),
    ray,
    data[at + 3] as number,
  );
}

/** Capsule seen from outside: ends [3] + [3], radius. The infinite cylinder first, then the ball at the end that was overshot. */
export function intersectCapsule(data: Float32Array, at: number, ray: Ray): number {
  const ax = data[at] as number;
  const ay = data[at + 1] as number;
  const az = data[at + 2] as number;
  const ux = (data[at + 3] as number) - ax;
  const uy = (data[at + 4] as number) - ay;
  const uz = (data[at + 5] as number) - az;
  const radius = data[at + 6] as number;
  const wx = ray.ox - ax;
  const wy = ray.oy - ay;
  const wz = ray.oz - az;
  const uu = ux * ux + uy * uy + uz * uz;
  const ud = ux * ray.dx + uy * ray.dy + uz * ray.dz;
  const uw = ux * wx + uy * wy + uz * wz;
  const dw = ray.dx * wx + ray.dy * wy + ray.dz * wz;
  const ww = wx * wx + wy * wy + wz * wz;
  const a = uu - ud * ud;
  let alongAxis = ud > 0 ? -1 : uu + 1;
  if (a > 1e-9 * uu) {
    const b = uu * dw - uw * ud;
    const discriminant = b * b - a * (uu * ww - uw * uw - radius * radius * uu);
    if (discriminant < 0) return Infinity;
    const t = (-b - Math.sqrt(discriminant)) / a;
    alongAxis = uw + t * ud;
    if (alongAxis >= 0 && alongAxis <= uu) return t > MIN_DISTANCE ? t : Infinity;
  }
  return alongAxis < 0 ? hitBall(wx, wy, wz, ray, radius) : hitBall(wx - ux, wy - uy, wz - uz, ray, radius);
}

/** Open vertical cone frustum: axis x, y, then z and radius of the lower rim, z and radius of the upper rim. Both sides count. */
export function intersectFrustum(data: Float32Array, at: number, ray: Ray): number {
  const lower = data[at + 2] as number;
  const upper = data[at + 4] as number;
  const slope = ((data[at + 5] as number) - (data[at + 3] as number)) / (upper - lower);
  const px = ray.ox - (data[at] as number);
  const py = ray.oy - (data[at + 1] as number);
  const radius = (data[at + 3] as number) + slope * (ray.oz - lower);
  const a = ray.dx * ray.dx + ray.dy * ray.dy - slope * slope * ray.dz * ray.dz;
  const b = px * ray.dx + py * ray.dy - radius * slope * ray.dz;
  const c = px * px + py * py - radius * radius;
  let first: number;
  let second: number;
  if (Math.abs(a) < 1e-12) {
    first = second = -c / (2 * b);
  } else {
    const discriminant = b * b - a * c;
    if (discriminant < 0) return Infinity;
    const root = Math.sqrt(discriminant);
    first = (-b - root) / a;
    second = (-b + root) / a;
    if (first > second) [first, second] = [second, first];
  }
  const firstZ = ray.oz + first * ray.dz;
  if (first > MIN_DISTANCE && firstZ >= lower && firstZ <= upper) return first;
  const secondZ = ray.oz + second * ray.dz;
  return second > MIN_DISTANCE && secondZ >= lower && secondZ <= upper ? second : Infinity;
}

/** Any primitive by its kind. */
export function intersectPrimitive(kind: number, data: Float32Array, at: number, ray: Ray): number {
  if (kind === TRIANGLE) return intersectTriangle(data, at, ray);
  if (kind === CAPSULE) return intersectCapsule(data, at, ray);
  return kind === FRUSTUM ? intersectFrustum(data, at, ray) : intersectSphere(data, at, ray);
}
