/** The part of cameras' motions that the whole rig makes together: it changes no photo, if the scene goes along, and held-out views suffer. */
import type { Vec3 } from '../../math/rigid-transform.js';
import { multiplyMatVec } from '../../math/rigid-transform.js';
import { cameraCentre } from '../../math/conventions.js';
import type { Camera } from '../../scene/camera.js';

/** Turn about three axes, shift along three, growth: what a world can do without anybody noticing. */
const COMMON = 7;
const PER_CAMERA = 6;
/** Share of the trace that keeps the equations solvable where a direction is missing (two cameras, all in one place). */
const RIDGE = 1e-9;

function cross(a: Readonly<Vec3>, b: Readonly<Vec3>): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** Lower Cholesky factor of the symmetric, positive matrix [n, n] (Golub and Van Loan 2013, algorithm 4.2.2), in place. */
function factorise(matrix: Float64Array, n: number): void {
  for (let row = 0; row < n; row++)
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column]!;
      for (let k = 0; k < column; k++) sum -= matrix[row * n + k]! * matrix[column * n + k]!;
      matrix[row * n + column] = row === column ? Math.sqrt(sum) : sum / matrix[column * n + column]!;
    }
}

function solve(factor: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const x = right.slice();
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < row; k++) x[row] = x[row]! - factor[row * n + k]! * x[k]!;
    x[row] = x[row]! / factor[row * n + row]!;
  }
  for (let row = n - 1; row >= 0; row--) {
    for (let k = row + 1; k < n; k++) x[row] = x[row]! - factor[k * n + row]! * x[k]!;
    x[row] = x[row]! / factor[row * n + row]!;
  }
  return x;
}

/**
 * Removes from small motions ξ [V, 6] (ω, ν of contract.ts) of V cameras what they have in common, by weighted least squares.
 * A world that turns by a about the cameras' centroid c̄, shifts by b and grows by g takes a point m to m + a × (m − c̄) + b + g (m − c̄).
 * To a camera (R, centre C) it is as if it had moved itself: with d = C − c̄, p' − p = R (a × (m − C)) + R (a × d + b + g d), up to a
 * growth about its own centre, which it cannot see, so
 *   ω_i = R_i a,  ν_i = R_i (a × d_i + b + g d_i).
 * The best (a, b, g) minimises Σ_i |ω_i − …|² unit² + |ν_i − …|², `unit` being a typical depth, so that both count as they show.
 */
export class RigMotion {
  /** [V · 6, 7] */
  private readonly basis: Float64Array;
  private readonly factor: Float64Array;

  /** @param unit world units. */
  constructor(
    cameras: readonly Camera[],
    private readonly unit: number,
  ) {
    const count = cameras.length;
    const centres = cameras.map(({ cameraFromWorld }) => cameraCentre(cameraFromWorld));
    const centroid = [0, 1, 2].map((axis) => centres.reduce((sum, c) => sum + c[axis]!, 0) / count) as Vec3;
    this.basis = new Float64Array(count * PER_CAMERA * COMMON);
    cameras.forEach(({ cameraFromWorld: { rotation } }, i) => {
      const offset = centres[i]!.map((value, axis) => value - centroid[axis]!) as Vec3;
      for (const axis of [0, 1, 2] as const) {
        const along: Vec3 = [0, 0, 0];
        along[axis] = 1;
        this.put(i, 0, axis, multiplyMatVec(rotation, along));
        this.put(i, 3, axis, multiplyMatVec(rotation, cross(along, offset)));
        this.put(i, 3, 3 + axis, multiplyMatVec(rotation, along));
      }
      this.put(i, 3, 6, multiplyMatVec(rotation, offset));
    });
    this.factor = this.equations();
    factorise(this.factor, COMMON);
  }

  /** In place. NaN spreads to all. */
  remove(motions: Float64Array): void {
    const right = new Float64Array(COMMON);
    for (let row = 0; row < motions.length; row++)
      for (let k = 0; k < COMMON; k++)
        right[k] = right[k]! + this.weight(row) * this.basis[row * COMMON + k]! * motions[row]!;
    const common = solve(this.factor, right);
    for (let row = 0; row < motions.length; row++)
      for (let k = 0; k < COMMON; k++) motions[row] = motions[row]! - this.basis[row * COMMON + k]! * common[k]!;
  }

  private put(camera: number, firstRow: number, column: number, values: Readonly<Vec3>): void {
    values.forEach((value, axis) => {
      this.basis[(camera * PER_CAMERA + firstRow + axis) * COMMON + column] = value;
    });
  }

  private weight(row: number): number {
    return row % PER_CAMERA < 3 ? this.unit ** 2 : 1;
  }

  private equations(): Float64Array {
    const matrix = new Float64Array(COMMON * COMMON);
    for (let row = 0; row < this.basis.length / COMMON; row++)
      for (let j = 0; j < COMMON; j++)
        for (let k = 0; k < COMMON; k++)
          matrix[j * COMMON + k] =
            matrix[j * COMMON + k]! + this.weight(row) * this.basis[row * COMMON + j]! * this.basis[row * COMMON + k]!;
    let trace = 0;
    for (let k = 0; k < COMMON; k++) trace += matrix[k * COMMON + k]!;
    for (let k = 0; k < COMMON; k++) matrix[k * COMMON + k] = matrix[k * COMMON + k]! + RIDGE * trace;
    return matrix;
  }
}
