/** A point or direction. */
export type Vec3 = [number, number, number];
/** A 3×3 matrix, row-major. */
export type Mat3 = [number, number, number, number, number, number, number, number, number];

/** A rigid transform: `pointInTarget = rotation * pointInSource + translation`. Named target-from-source where it is held. */
export interface RigidTransform {
  readonly rotation: Mat3;
  readonly translation: Vec3;
}

/** Leaves every point where it is. */
export const IDENTITY: RigidTransform = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };

/** Row-major matrix times column vector. */
export function multiplyMatVec(m: Readonly<Mat3>, v: Readonly<Vec3>): Vec3 {
  return [
    m[0] * v[0] + m[1] * v[1] + m[2] * v[2],
    m[3] * v[0] + m[4] * v[1] + m[5] * v[2],
    m[6] * v[0] + m[7] * v[1] + m[8] * v[2],
  ];
}

/** Transpose of a row-major 3×3 matrix. */
export function transposeMat(m: Readonly<Mat3>): Mat3 {
  return [m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]];
}

/** Row-major matrix product `a b`. Written out: solvers of cameras ask for millions of them. */
export function multiplyMat(a: Readonly<Mat3>, b: Readonly<Mat3>): Mat3 {
  return [
    a[0] * b[0] + a[1] * b[3] + a[2] * b[6],
    a[0] * b[1] + a[1] * b[4] + a[2] * b[7],
    a[0] * b[2] + a[1] * b[5] + a[2] * b[8],
    a[3] * b[0] + a[4] * b[3] + a[5] * b[6],
    a[3] * b[1] + a[4] * b[4] + a[5] * b[7],
    a[3] * b[2] + a[4] * b[5] + a[5] * b[8],
    a[6] * b[0] + a[7] * b[3] + a[8] * b[6],
    a[6] * b[1] + a[7] * b[4] + a[8] * b[7],
    a[6] * b[2] + a[7] * b[5] + a[8] * b[8],
  ];
}

/** Determinant of a row-major 3×3 matrix. */
export function determinant(m: Readonly<Mat3>): number {
  return m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) + m[2] * (m[3] * m[7] - m[4] * m[6]);
}

/** Applies a rigid transform to a point. */
export function transformPoint(transform: RigidTransform, point: Readonly<Vec3>): Vec3 {
  const rotated = multiplyMatVec(transform.rotation, point);
  const t = transform.translation;
  return [rotated[0] + t[0], rotated[1] + t[1], rotated[2] + t[2]];
}

/** Inverse of a rigid transform: `Rᵀ, -Rᵀ t`. The rotation is taken to be orthonormal. */
export function invertRigid(transform: RigidTransform): RigidTransform {
  const rotation = transposeMat(transform.rotation);
  const t = multiplyMatVec(rotation, transform.translation);
  return { rotation, translation: [-t[0], -t[1], -t[2]] };
}

/** `cFromB ∘ bFromA = cFromA`: the names cancel. */
export function composeRigid(cFromB: RigidTransform, bFromA: RigidTransform): RigidTransform {
  return {
    rotation: multiplyMat(cFromB.rotation, bFromA.rotation),
    translation: transformPoint(cFromB, bFromA.translation),
  };
}
