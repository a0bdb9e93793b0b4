/** A point or direction. */
export type Vec3 = [number, number, number];
/** A 3×3 matrix, row-major. */
export type Mat3 = [number, number, number, number, number, number, number, number, number];

/** A rigid transform: `pointInTarget = rotation * pointInSource + translation`. Named target-from-source where it is held. */
export interface RigidTransform {
  readonly rotation: Mat3;
  readonly translation: Vec3;
}

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

/** Row-major matrix product `a b`. */
export function multiplyMat(a: Readonly<Mat3>, b: Readonly<Mat3>): Mat3 {
  const column = (j: 0 | 1 | 2): Vec3 => multiplyMatVec(a, [b[j], b[3 + j] as number, b[6 + j] as number]);
  const [c0, c1, c2] = [column(0), column(1), column(2)];
  return [c0[0], c1[0], c2[0], c0[1], c1[1], c2[1], c0[2], c1[2], c2[2]];
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
