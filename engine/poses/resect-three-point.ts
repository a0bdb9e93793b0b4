/** Cameras that see three known points where a photo shows them. */
import type { Mat3, RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { determinant, multiplyMat, multiplyMatVec } from '../math/rigid-transform.js';
import { nearestRotation } from '../math/dense-algebra.js';
import { realRoots } from './real-roots.js';
import { cross, dot, subtract } from '../math/vectors.js';

/** A symmetric 3×3 matrix: a conic in the ratios of the three ray distances. */
type Conic = Mat3;

/** Cofactors of a symmetric matrix, which are its adjugate. */
function adjugate(m: Conic): Mat3 {
  const [a, b, c]: [Vec3, Vec3, Vec3] = [[m[0], m[1], m[2]], [m[3], m[4], m[5]], [m[6], m[7], m[8]]]; // prettier-ignore
  return [...cross(b, c), ...cross(c, a), ...cross(a, b)];
}

function blend(a: Conic, b: Conic, weight: number): Conic {
  return a.map((entry, i) => entry + weight * b[i]!) as Conic;
}

/** det(A + γ B) by ascending powers of γ. */
function pencilDeterminant(a: Conic, b: Conic): number[] {
  const trace = (m: Mat3, n: Conic): number => m.reduce((sum, entry, i) => sum + entry * n[i]!, 0);
  return [determinant(a), trace(adjugate(a), b), trace(adjugate(b), a), determinant(b)];
}

/** The degenerate conics of a pencil, each with that one of the two that is less like it: their intersections are the solutions. */
function degenerateConics(first: Conic, second: Conic): { conic: Conic; partner: Conic }[] {
  const coefficients = pencilDeterminant(first, second);
  const found = realRoots(coefficients).map((root) => ({
    conic: blend(first, second, root),
    partner: Math.abs(root) < 1 ? second : first,
  }));
  // The second conic is itself degenerate: a root at infinity.
  const size = Math.max(...coefficients.map(Math.abs));
  if (Math.abs(coefficients[3]!) < 1e-10 * size) found.push({ conic: second, partner: first });
  return found;
}

/** How surely a degenerate conic is a pair of real lines: −adj = p pᵀ has a positive diagonal entry (relative to the conic's size). */
function realness(conic: Conic): number {
  const size = conic.reduce((sum, entry) => sum + entry * entry, 0);
  const adj = adjugate(conic);
  return Math.max(-adj[0], -adj[4], -adj[8]) / size;
}

/** The two lines of a degenerate conic (Richter-Gebert 2011, "Perspectives on projective geometry", section 11.1). */
function splitIntoLines(conic: Conic): [Vec3, Vec3] {
  const adj = adjugate(conic).map((entry) => -entry) as Mat3;
  const diagonal = [adj[0], adj[4], adj[8]];
  const i = diagonal.indexOf(Math.max(...diagonal));
  const beta = Math.sqrt(Math.max(diagonal[i]!, 0));
  const p: Vec3 = beta > 0 ? [adj[i]! / beta, adj[3 + i]! / beta, adj[6 + i]! / beta] : [0, 0, 0];
  // The conic plus [p]× has rank one: its rows are one line, its columns the other.
  const split = conic.map((entry, k) => entry + [0, -p[2], p[1], p[2], 0, -p[0], -p[1], p[0], 0][k]!) as Mat3;
  const largest = split.reduce((best, entry, k) => (Math.abs(entry) > Math.abs(split[best]!) ? k : best), 0);
  const [row, column] = [Math.floor(largest / 3), largest % 3];
  return [
    [split[row * 3]!, split[row * 3 + 1]!, split[row * 3 + 2]!],
    [split[column]!, split[3 + column]!, split[6 + column]!],
  ];
}

/** Points of a line on a conic, up to scale: at most two. */
function intersect(line: Vec3, conic: Conic): Vec3[] {
  // Two points that span the line, from the axis along which it is least steep.
  const [x, y, z] = line.map(Math.abs) as Vec3;
  const [a, b]: [Vec3, Vec3] =
    x >= y && x >= z
      ? [[-line[1], line[0], 0], [-line[2], 0, line[0]]]
      : y >= z
        ? [[line[1], -line[0], 0], [0, -line[2], line[1]]]
        : [[line[2], 0, -line[0]], [0, line[2], -line[1]]]; // prettier-ignore
  const [ca, cb] = [multiplyMatVec(conic, a), multiplyMatVec(conic, b)];
  return realRoots([dot(a, ca), 2 * dot(b, ca), dot(b, cb)]).map((s) => a.map((v, k) => v + s * b[k]!) as Vec3);
}

/** What is known of the distances λ: `λi² + λj² − 2 cosines λi λj = squares`, for the pairs 12, 13, 23. */
interface Triangle {
  readonly cosines: Vec3;
  readonly squares: Vec3;
}

const PAIRS = [[0, 1], [0, 2], [1, 2]] as const; // prettier-ignore

/** Newton's steps on the three distances: closed forms lose digits near double solutions. */
function polishDistances({ cosines, squares }: Triangle, start: Vec3): Vec3 {
  let lambda = start;
  for (let step = 0; step < 4; step++) {
    const rows = PAIRS.map(([i, j], k) => {
      const row: Vec3 = [0, 0, 0];
      row[i] = 2 * (lambda[i] - cosines[k]! * lambda[j]);
      row[j] = 2 * (lambda[j] - cosines[k]! * lambda[i]);
      return row;
    }) as [Vec3, Vec3, Vec3];
    const errors = PAIRS.map(
      ([i, j], k) => lambda[i] ** 2 + lambda[j] ** 2 - 2 * cosines[k]! * lambda[i] * lambda[j] - squares[k]!,
    ) as Vec3;
    const volume = dot(rows[0], cross(rows[1], rows[2]));
    if (!(Math.abs(volume) > 1e-14 * Math.max(...lambda) ** 3)) break;
    const columns = [cross(rows[1], rows[2]), cross(rows[2], rows[0]), cross(rows[0], rows[1])];
    const next = lambda.map((v, k) => v - columns.reduce((sum, c, e) => sum + c[k]! * errors[e]!, 0) / volume) as Vec3;
    if (!next.every((v) => v > 0 && v < Infinity)) break;
    lambda = next;
  }
  return lambda;
}

/** All triples of positive distances that fit. */
function solveDistances(triangle: Triangle): Vec3[] {
  const [c12, c13, c23] = triangle.cosines;
  const [a12, a13, a23] = triangle.squares;
  const m12: Conic = [1, -c12, 0, -c12, 1, 0, 0, 0, 0];
  const m13: Conic = [1, 0, -c13, 0, 0, 0, -c13, 0, 1];
  const m23: Conic = [0, 0, 0, 0, 1, -c23, 0, -c23, 1];
  const first = blend(m12.map((entry) => entry * a23) as Conic, m23, -a12);
  const second = blend(m13.map((entry) => entry * a23) as Conic, m23, -a13);
  const candidates = degenerateConics(first, second);
  if (candidates.length === 0) return [];
  const best = candidates.reduce((a, b) => (realness(b.conic) > realness(a.conic) ? b : a));
  return splitIntoLines(best.conic).flatMap((line) =>
    intersect(line, best.partner).flatMap((ratio) => {
      const direction = (ratio[0] + ratio[1] + ratio[2] < 0 ? ratio.map((x) => -x) : ratio) as Vec3;
      if (!direction.every((x) => x > 0)) return [];
      const squared = [m12, m13, m23].reduce((sum, m) => sum + dot(direction, multiplyMatVec(m, direction)), 0);
      const scale = Math.sqrt((a12 + a13 + a23) / squared);
      return scale < Infinity ? [polishDistances(triangle, direction.map((x) => x * scale) as Vec3)] : [];
    }),
  );
}

/** [v1 − v2, v1 − v3, their cross product] as columns. */
function frameOf([a, b, c]: readonly [Vec3, Vec3, Vec3]): Mat3 {
  const [p, q] = [subtract(a, b), subtract(a, c)];
  const n = cross(p, q);
  return [p[0], q[0], n[0], p[1], q[1], n[1], p[2], q[2], n[2]];
}

function invert(m: Mat3): Mat3 {
  const columns: [Vec3, Vec3, Vec3] = [[m[0], m[3], m[6]], [m[1], m[4], m[7]], [m[2], m[5], m[8]]]; // prettier-ignore
  const volume = determinant(m);
  const rows = [cross(columns[1], columns[2]), cross(columns[2], columns[0]), cross(columns[0], columns[1])];
  return rows.flat().map((entry) => entry / volume) as Mat3;
}

/** Twice the triangle's area over its longest side squared: below it, the three points are on a line. */
const LEAST_SHAPE = 1e-6;

/**
 * Every camera that sees three points along three rays, with all distances positive: at most four. The distances' equations are two conics
 * in their ratios; a cubic gives the pair of lines that passes through the conics' intersections, two quadratics the intersections.
 *
 * @param directions three directions in the camera, of any length. @param pointsInWorld the points; their unit is that of the translation.
 * @returns `cameraFromWorld` candidates, possibly near-equal ones at a double solution; none when the points are on a line or coincide, the
 * directions do not fit any, or for NaN.
 * Source: Persson and Nordberg 2018, "Lambda Twist", ECCV (the conics and the polishing); Ding et al. 2023, "Revisiting the P3P problem",
 * CVPR (the choice among the cubic's roots, the pair of lines).
 */
export function solveThreePoint(
  directions: readonly [Vec3, Vec3, Vec3],
  pointsInWorld: readonly [Vec3, Vec3, Vec3],
): RigidTransform[] {
  const rays = directions.map((d) => {
    const length = Math.sqrt(dot(d, d));
    return d.map((x) => x / length) as Vec3;
  }) as [Vec3, Vec3, Vec3];
  const sides = PAIRS.map(([i, j]) => subtract(pointsInWorld[i], pointsInWorld[j]));
  const lengths = sides.map((side) => dot(side, side)) as Vec3;
  const longest = Math.max(...lengths);
  const area = cross(sides[0]!, sides[1]!);
  if (!(longest > 0 && longest < Infinity && dot(area, area) > (LEAST_SHAPE * longest) ** 2)) return [];
  const cosines = PAIRS.map(([i, j]) => dot(rays[i], rays[j])) as Vec3;
  if (!cosines.every((c) => c < 1)) return [];
  // In units of the longest side, so that tolerances mean the same for every scene.
  const unitLength = Math.sqrt(longest);
  const solutions = solveDistances({ cosines, squares: lengths.map((square) => square / longest) as Vec3 });
  const worldFrame = invert(frameOf(pointsInWorld));
  return solutions.flatMap((lambda) => {
    const inCamera = rays.map((ray, i) => ray.map((x) => x * lambda[i]! * unitLength) as Vec3) as [Vec3, Vec3, Vec3];
    const rotation = nearestRotation(multiplyMat(frameOf(inCamera), worldFrame));
    const rotated = multiplyMatVec(rotation, pointsInWorld[0]);
    const translation = subtract(inCamera[0], rotated);
    return [...rotation, ...translation].every(Number.isFinite) ? [{ rotation, translation }] : [];
  });
}
