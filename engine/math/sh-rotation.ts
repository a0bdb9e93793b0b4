/** How a rotation acts on real spherical harmonics. */
import type { Mat3 } from './rigid-transform.js';

/** One band's matrix, row-major, (2l + 1)² numbers; rows and columns are m = −l … l. */
type BandMatrix = Float64Array;

/** Row (and column) of the 3×3 rotation that m = −1, 0, 1 stands for: the degree-1 functions are y, z, x. */
const AXIS_OF_M = [1, 2, 0];

function firstBand(rotation: Readonly<Mat3>): BandMatrix {
  const band = new Float64Array(9);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++)
      band[i * 3 + j] = rotation[(AXIS_OF_M[i] as number) * 3 + (AXIS_OF_M[j] as number)] as number;
  return band;
}

/** Entry (m, n) of degree l from the degree below it: Ivanic and Ruedenberg's tables 1 and 2, as corrected in 1998. */
function recurse(l: number, m: number, n: number, first: BandMatrix, below: BandMatrix): number {
  const r1 = (i: number, j: number): number => first[(i + 1) * 3 + j + 1] as number;
  const previous = (a: number, b: number): number => below[(a + l - 1) * (2 * l - 1) + b + l - 1] as number;
  const p = (i: number, a: number): number => {
    if (n === l) return r1(i, 1) * previous(a, l - 1) - r1(i, -1) * previous(a, 1 - l);
    if (n === -l) return r1(i, 1) * previous(a, 1 - l) + r1(i, -1) * previous(a, l - 1);
    return r1(i, 0) * previous(a, n);
  };
  const size = Math.abs(m);
  const denominator = Math.abs(n) === l ? 2 * l * (2 * l - 1) : (l + n) * (l - n);
  const u = Math.sqrt(((l + m) * (l - m)) / denominator);
  const v = 0.5 * Math.sqrt(((m === 0 ? 2 : 1) * (l + size - 1) * (l + size)) / denominator) * (m === 0 ? -1 : 1);
  const w = m === 0 ? 0 : -0.5 * Math.sqrt(((l - size - 1) * (l - size)) / denominator);
  let sum = 0;
  // A factor of zero stands before entries that do not exist.
  if (u !== 0) sum += u * p(0, m);
  if (v !== 0) {
    if (m === 0) sum += v * (p(1, 1) + p(-1, -1));
    else if (m > 0) sum += v * (m === 1 ? p(1, 0) * Math.SQRT2 : p(1, m - 1) - p(-1, 1 - m));
    else sum += v * (m === -1 ? p(-1, 0) * Math.SQRT2 : p(1, m + 1) + p(-1, -m - 1));
  }
  if (w !== 0) sum += w * (m > 0 ? p(1, m + 1) + p(-1, -m - 1) : p(1, m - 1) - p(-1, 1 - m));
  return sum;
}

/**
 * Matrices D_l, l = 1 … `degree`, with Y_l(R d) = D_l Y_l(d) for every direction d; coefficients of a function that is carried along by
 * the rotation become D_l c. The basis is the one of the stored splats: real, ordered by m from −l to l, with the sign (−1)^m.
 *
 * @param rotation orthonormal, determinant 1, row-major; anything else gives matrices without meaning, NaN gives NaN.
 * @returns element l − 1 holds D_l, row-major, (2l + 1)² numbers.
 * Source: Ivanic and Ruedenberg 1996, "Rotation matrices for real spherical harmonics", J. Phys. Chem. 100, and its correction of 1998.
 */
export function rotateShBands(rotation: Readonly<Mat3>, degree: number): Float64Array[] {
  const bands: BandMatrix[] = [];
  const first = firstBand(rotation);
  for (let l = 1; l <= degree; l++) {
    if (l === 1) {
      bands.push(first);
      continue;
    }
    const width = 2 * l + 1;
    const band = new Float64Array(width * width);
    for (let m = -l; m <= l; m++)
      for (let n = -l; n <= l; n++) band[(m + l) * width + n + l] = recurse(l, m, n, first, bands[l - 2] as BandMatrix);
    bands.push(band);
  }
  return bands.map((band, index) => {
    const width = 2 * index + 3;
    return band.map((value, at) => ((Math.floor(at / width) + (at % width)) % 2 === 0 ? value : -value));
  });
}
