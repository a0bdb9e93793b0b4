import type { Vec3 } from '../../math/rigid-transform.js';

const C0 = Math.sqrt(1 / (4 * Math.PI));
const C1 = Math.sqrt(3 / (4 * Math.PI));
const C2_XY = Math.sqrt(15 / (4 * Math.PI));
const C2_ZZ = Math.sqrt(5 / (16 * Math.PI));
const C2_XX = Math.sqrt(15 / (16 * Math.PI));
const C3_XXX = Math.sqrt(35 / (32 * Math.PI));
const C3_XYZ = Math.sqrt(105 / (4 * Math.PI));
const C3_XZZ = Math.sqrt(21 / (32 * Math.PI));
const C3_ZZZ = Math.sqrt(7 / (16 * Math.PI));
const C3_XXZ = Math.sqrt(105 / (16 * Math.PI));

/**
 * Real spherical harmonics of degrees 0 to `degree` at a unit direction: (degree + 1)² values, ordered by degree and then by m
 * from −degree to degree, with the Condon–Shortley sign on odd m, as INRIA's files store them.
 * Source: Sloan 2008, "Stupid Spherical Harmonics (SH) Tricks", appendix A2; signs from Kerbl et al. 2023.
 */
export function evaluateShBasis(degree: number, direction: Readonly<Vec3>): number[] {
  const [x, y, z] = direction;
  const basis = [C0];
  if (degree >= 1) basis.push(-C1 * y, C1 * z, -C1 * x);
  if (degree >= 2) {
    basis.push(C2_XY * x * y, -C2_XY * y * z, C2_ZZ * (2 * z * z - x * x - y * y), -C2_XY * x * z);
    basis.push(C2_XX * (x * x - y * y));
  }
  if (degree >= 3) {
    basis.push(-C3_XXX * y * (3 * x * x - y * y), C3_XYZ * x * y * z, -C3_XZZ * y * (4 * z * z - x * x - y * y));
    basis.push(C3_ZZZ * z * (2 * z * z - 3 * x * x - 3 * y * y), -C3_XZZ * x * (4 * z * z - x * x - y * y));
    basis.push(C3_XXZ * z * (x * x - y * y), -C3_XXX * x * (x * x - 3 * y * y));
  }
  return basis;
}

/** Derivatives of {@link evaluateShBasis}'s polynomials with respect to x, y and z: (degree + 1)² rows, not yet projected on the sphere. */
export function differentiateShBasis(degree: number, direction: Readonly<Vec3>): Vec3[] {
  const [x, y, z] = direction;
  const rows: Vec3[] = [[0, 0, 0]];
  const push = (factor: number, dx: number, dy: number, dz: number): void => {
    rows.push([factor * dx, factor * dy, factor * dz]);
  };
  if (degree >= 1) {
    push(-C1, 0, 1, 0);
    push(C1, 0, 0, 1);
    push(-C1, 1, 0, 0);
  }
  if (degree >= 2) {
    push(C2_XY, y, x, 0);
    push(-C2_XY, 0, z, y);
    push(C2_ZZ, -2 * x, -2 * y, 4 * z);
    push(-C2_XY, z, 0, x);
    push(C2_XX, 2 * x, -2 * y, 0);
  }
  if (degree >= 3) {
    push(-C3_XXX, 6 * x * y, 3 * x * x - 3 * y * y, 0);
    push(C3_XYZ, y * z, x * z, x * y);
    push(-C3_XZZ, -2 * x * y, 4 * z * z - x * x - 3 * y * y, 8 * y * z);
    push(C3_ZZZ, -6 * x * z, -6 * y * z, 6 * z * z - 3 * x * x - 3 * y * y);
    push(-C3_XZZ, 4 * z * z - 3 * x * x - y * y, -2 * x * y, 8 * x * z);
    push(C3_XXZ, 2 * x * z, -2 * y * z, x * x - y * y);
    push(-C3_XXX, 3 * x * x - 3 * y * y, -6 * x * y, 0);
  }
  return rows;
}
