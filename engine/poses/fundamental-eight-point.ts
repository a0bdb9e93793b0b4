/** The fundamental matrix of eight or more matches, by Hartley's normalised linear method. */
import type { Mat3 } from '../math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../math/rigid-transform.js';
import { composeSingular, decomposeSingular, symmetricEigen } from '../math/dense-algebra.js';
import { normalisingSimilarity, similarityMatrix } from './hartley-normalisation.js';
import type { MatchSubset } from './match-coordinates.js';
import { everyIndex } from './match-coordinates.js';

/** Second smallest over largest eigenvalue of AᵀA: below it more than one F fits (rounding is about 1e-16). */
const LEAST_SPREAD = 1e-13;

/**
 * F with `x2ᵀ F x1 = 0` that minimises |A f| over unit vectors f in normalised coordinates, then moved to rank 2 in the Frobenius norm. The
 * points may be pixels, or lie in the planes z = 1: then F approximates E (see {@link projectToEssential}).
 *
 * @param coordinates [N,4] x1, y1, x2, y2. @param subset which of them; all when left out.
 * @returns F of Frobenius norm 1, sign undetermined; null for fewer than eight matches, points that coincide or are not finite, and where the
 * matches do not determine F (exact data of a plane or of a rotation without translation; with noise those give an arbitrary F).
 * Source: Hartley 1997, "In defense of the eight-point algorithm", PAMI 19(6); Hartley and Zisserman 2004, algorithm 11.1.
 */
export function fitFundamentalEightPoint(
  coordinates: Float64Array,
  subset: MatchSubset = everyIndex(coordinates.length / 4),
): Mat3 | null {
  if (subset.length < 8) return null;
  const first = normalisingSimilarity(coordinates, subset, 0);
  const second = normalisingSimilarity(coordinates, subset, 2);
  if (first === null || second === null) return null;
  const gram = new Float64Array(81);
  const row = new Float64Array(9);
  for (let i = 0; i < subset.length; i++) {
    const at = subset[i]! * 4;
    const x1 = first.scale * (coordinates[at]! - first.centreX);
    const y1 = first.scale * (coordinates[at + 1]! - first.centreY);
    const x2 = second.scale * (coordinates[at + 2]! - second.centreX);
    const y2 = second.scale * (coordinates[at + 3]! - second.centreY);
    row.set([x2 * x1, x2 * y1, x2, y2 * x1, y2 * y1, y2, x1, y1, 1]);
    for (let p = 0; p < 9; p++) for (let q = 0; q <= p; q++) gram[p * 9 + q] = gram[p * 9 + q]! + row[p]! * row[q]!;
  }
  for (let p = 0; p < 9; p++) for (let q = 0; q < p; q++) gram[q * 9 + p] = gram[p * 9 + q]!;
  const { values, vectors } = symmetricEigen(gram, 9);
  if (!(values[1]! > LEAST_SPREAD * values[8]!)) return null;
  const svd = decomposeSingular([...vectors.subarray(0, 9)] as Mat3);
  const rankTwo = composeSingular(svd, [svd.values[0], svd.values[1], 0]);
  const f = multiplyMat(transposeMat(similarityMatrix(second)), multiplyMat(rankTwo, similarityMatrix(first)));
  const norm = Math.hypot(...f);
  return norm > 0 && norm < Infinity ? (f.map((entry) => entry / norm) as Mat3) : null;
}

/**
 * The essential matrix nearest to a 3×3 matrix in the Frobenius norm, scaled to singular values (1, 1, 0).
 *
 * Source: Hartley and Zisserman 2004, section 11.7.3.
 */
export function projectToEssential(m: Readonly<Mat3>): Mat3 {
  return composeSingular(decomposeSingular(m), [1, 1, 0]);
}
