/** One observation's residuals and their derivatives. */
import type { BundleColumns } from './bundle-columns.js';
import { huberLoss } from './bundle-loss.js';
import type { SortedObservations } from './bundle-observations.js';
import type { BundleState } from './bundle-state.js';
import { LENS_SIZE } from './bundle-state.js';
import type { TieTerms } from './bundle-ties.js';
import { tieCost } from './bundle-ties.js';

/** Most local columns of a photo, see {@link BundleColumns}. */
export const ROW = 12;

/** What the adjustment works on: the sightings, the unknowns, and how each residual counts. */
export interface BundleModel {
  readonly observations: SortedObservations;
  readonly columns: BundleColumns;
  /** [L] squared length in px² that stands for the error of a point that its photo cannot show. */
  readonly hiddenSquaredPx: Float64Array;
  readonly huberPx: number;
  readonly huberSigmas: number;
  readonly depthWeight: number;
  /** null where no point is tied. */
  readonly ties: TieTerms | null;
}

/** Scratch of {@link evaluateObservation}: reuse it, nothing is allocated per observation. */
export interface ObservationTerms {
  /** [3] the residuals: x and y in pixels, the depth's in sigmas (0 without a prior). */
  readonly residuals: Float64Array;
  /** [3,ROW] their derivatives by the photo's local columns; those by the point are the negatives of those by the centre (columns 3–5). */
  readonly jacobian: Float64Array;
}

/** Scratch for one caller. */
export function createObservationTerms(): ObservationTerms {
  return { residuals: new Float64Array(3), jacobian: new Float64Array(3 * ROW) };
}

/** Scratch: derivatives by the point in the camera (3), and that point. Nothing waits between writing and reading it. */
const chain = new Float64Array(6);
/** Scratch: the point in the plane z = 1 and its lens there. */
const plane = { x: 0, y: 0, radial: 1, slope: 0, fx: 1, fy: 1 };

/** Derivatives by ω and C from those by the point in the camera, (a0, a1, a2): `−a [p]×` and `−a R`. */
function writePoseRow(jacobian: Float64Array, at: number, a: Float64Array, rotations: Float64Array, r: number): void {
  const a0 = a[0]!;
  const a1 = a[1]!;
  const a2 = a[2]!;
  const x = a[3]!;
  const y = a[4]!;
  const z = a[5]!;
  jacobian[at] = a2 * y - a1 * z;
  jacobian[at + 1] = a0 * z - a2 * x;
  jacobian[at + 2] = a1 * x - a0 * y;
  jacobian[at + 3] = -(a0 * rotations[r]! + a1 * rotations[r + 3]! + a2 * rotations[r + 6]!);
  jacobian[at + 4] = -(a0 * rotations[r + 1]! + a1 * rotations[r + 4]! + a2 * rotations[r + 7]!);
  jacobian[at + 5] = -(a0 * rotations[r + 2]! + a1 * rotations[r + 5]! + a2 * rotations[r + 8]!);
}

/** Derivatives of the pixel by what is free of the lens. */
function writeLensColumns(columns: BundleColumns, jacobian: Float64Array): void {
  const { focalAt, k1At, k2At, principalPointAt } = columns;
  const r2 = plane.x * plane.x + plane.y * plane.y;
  const xPx = plane.fx * plane.x;
  const yPx = plane.fy * plane.y;
  if (focalAt >= 0) {
    jacobian[focalAt] = xPx * plane.radial;
    jacobian[ROW + focalAt] = yPx * plane.radial;
  }
  if (k1At >= 0) {
    jacobian[k1At] = xPx * r2;
    jacobian[ROW + k1At] = yPx * r2;
  }
  if (k2At >= 0) {
    jacobian[k2At] = xPx * r2 * r2;
    jacobian[ROW + k2At] = yPx * r2 * r2;
  }
  if (principalPointAt >= 0) {
    jacobian[principalPointAt] = 1;
    jacobian[principalPointAt + 1] = 0;
    jacobian[ROW + principalPointAt] = 0;
    jacobian[ROW + principalPointAt + 1] = 1;
  }
}

/** Both pixel rows; `slope` is the derivative of the radial factor by r², twice. */
function writePixelRows(columns: BundleColumns, jacobian: Float64Array, rotations: Float64Array, r: number): void {
  const { x, y, radial, slope, fx, fy } = plane;
  const pz = chain[5]!;
  const cross = (slope * x * y) / pz;
  const xx = (radial + slope * x * x) / pz;
  chain[0] = fx * xx;
  chain[1] = fx * cross;
  chain[2] = -fx * (xx * x + cross * y);
  writePoseRow(jacobian, 0, chain, rotations, r);
  const yy = (radial + slope * y * y) / pz;
  chain[0] = fy * cross;
  chain[1] = fy * yy;
  chain[2] = -fy * (cross * x + yy * y);
  writePoseRow(jacobian, ROW, chain, rotations, r);
  if (columns.width > columns.lensFrom) writeLensColumns(columns, jacobian);
}

/**
 * Residuals of observation `i` (in working order), and with `wantsJacobian` their derivatives by the photo's local columns.
 *
 * `p = R (X − C)`, `(x, y) = (p_x, p_y) / p_z`, `s = 1 + k1 r² + k2 r⁴`; pixel `(fx s x + cx, fy s y + cy) − observed`; depth
 * `(log p_z − log D − scale) / sigma`. The tangent space: `R ← exp([ω]×) R`, so `∂p/∂ω = −[p]×`, `∂p/∂C = −R`, `∂p/∂X = R`;
 * `fx, fy ← e^φ fx, e^φ fy`.
 *
 * @returns false, the terms undefined, for a point behind the camera, within its plane, or beyond the radius where the lens polynomial turns
 * back (see lens.ts), and for what is not finite.
 * Source: Triggs et al. 2000, "Bundle adjustment: a modern synthesis", section 4; Hartley and Zisserman 2004, sections 7.4 and A4.3.
 */
export function evaluateObservation(
  { observations, columns }: BundleModel,
  state: BundleState,
  i: number,
  point: number,
  { residuals, jacobian }: ObservationTerms,
  wantsJacobian: boolean,
): boolean {
  const { rotations, centres, positions, lenses } = state;
  const photo = observations.photos[i]!;
  const r = 9 * photo;
  const dx = positions[3 * point]! - centres[3 * photo]!;
  const dy = positions[3 * point + 1]! - centres[3 * photo + 1]!;
  const dz = positions[3 * point + 2]! - centres[3 * photo + 2]!;
  const pz = rotations[r + 6]! * dx + rotations[r + 7]! * dy + rotations[r + 8]! * dz;
  if (!(pz > 1e-12)) return false;
  const px = rotations[r]! * dx + rotations[r + 1]! * dy + rotations[r + 2]! * dz;
  const py = rotations[r + 3]! * dx + rotations[r + 4]! * dy + rotations[r + 5]! * dz;
  const lens = LENS_SIZE * columns.lensOfPhoto[photo]!;
  const fx = lenses[lens]!;
  const fy = lenses[lens + 1]!;
  const k1 = lenses[lens + 4]!;
  const k2 = lenses[lens + 5]!;
  const x = px / pz;
  const y = py / pz;
  const r2 = x * x + y * y;
  const radial = 1 + r2 * (k1 + r2 * k2);
  const slope = 2 * (k1 + 2 * r2 * k2);
  if (!(radial > 0 && radial + slope * r2 > 0 && r2 < Infinity)) return false;
  residuals[0] = fx * radial * x + lenses[lens + 2]! - observations.pixels[2 * i]!;
  residuals[1] = fy * radial * y + lenses[lens + 3]! - observations.pixels[2 * i + 1]!;
  const inverseSigma = observations.inverseSigmas[i]!;
  residuals[2] =
    inverseSigma > 0 ? (Math.log(pz) - observations.logDepths[i]! - state.logScales[photo]!) * inverseSigma : 0;
  if (!wantsJacobian) return true;

  chain[3] = px;
  chain[4] = py;
  chain[5] = pz;
  plane.x = x;
  plane.y = y;
  plane.radial = radial;
  plane.slope = slope;
  plane.fx = fx;
  plane.fy = fy;
  writePixelRows(columns, jacobian, rotations, r);
  if (inverseSigma > 0) {
    chain[0] = 0;
    chain[1] = 0;
    chain[2] = inverseSigma / pz;
    writePoseRow(jacobian, 2 * ROW, chain, rotations, r);
    if (columns.logScaleAt >= 0) jacobian[2 * ROW + columns.logScaleAt] = -inverseSigma;
  }
  return true;
}

/**
 * The cost of the observations `from` … `to` − 1 of one point: `Σ w huber(|pixel error|²) + depthWeight huber(depth error²)`, and
 * of the point's tie. An observation
 * whose photo cannot show the point costs what an error of the photo's diagonal would: a step may take a point behind a camera, but has to
 * gain that much elsewhere.
 */
export function costOfRange(
  model: BundleModel,
  state: BundleState,
  point: number,
  [from, to]: readonly [from: number, to: number],
  terms: ObservationTerms,
): number {
  const { observations, columns, hiddenSquaredPx, huberPx } = model;
  const { residuals } = terms;
  let cost = model.ties === null ? 0 : tieCost(model.ties, state.positions, point);
  for (let i = from; i < to; i++) {
    const isShown = evaluateObservation(model, state, i, point, terms, false);
    const squared = isShown
      ? residuals[0]! * residuals[0]! + residuals[1]! * residuals[1]!
      : hiddenSquaredPx[columns.lensOfPhoto[observations.photos[i]!]!]!;
    cost += observations.weights[i]! * huberLoss(squared, huberPx);
    if (isShown && observations.inverseSigmas[i]! > 0)
      cost += model.depthWeight * huberLoss(residuals[2]! * residuals[2]!, model.huberSigmas);
  }
  return cost;
}
