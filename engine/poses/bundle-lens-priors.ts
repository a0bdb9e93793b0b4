/** What is known of lenses beforehand: one residual `(value − mean) / sigma` for each free parameter with a prior. */
import type { BundleColumns } from './bundle-columns.js';
import type { BundleProblem, LensPrior } from './bundle-problem.js';
import type { BundleState } from './bundle-state.js';
import { LENS_SIZE } from './bundle-state.js';

/** One residual. */
export interface LensPriorTerm {
  /** First of the lens's numbers in the state. */
  readonly lensAt: number;
  /** Which of them; 0 stands for the logarithm of √(fx fy). */
  readonly parameter: 0 | 2 | 3 | 4 | 5;
  readonly column: number;
  readonly mean: number;
  readonly inverseSigma: number;
}

/** The residuals of the priors of the lenses that are free, in no particular order. Sigmas that are not above 0 are none. */
export function listLensPriors(
  { lenses }: BundleProblem,
  priors: readonly (LensPrior | null)[],
  columns: BundleColumns,
): LensPriorTerm[] {
  const { focalAt, k1At, k2At, principalPointAt, lensFrom, lensColumns } = columns;
  const terms: LensPriorTerm[] = [];
  lenses.forEach(({ intrinsics }, lens) => {
    const prior = priors[lens];
    const first = lensColumns[lens]!;
    if (prior === undefined || prior === null || first < 0) return;
    const add = (parameter: LensPriorTerm['parameter'], local: number, mean: number, sigma = 0): void => {
      if (local < 0 || !(sigma > 0 && sigma < Infinity) || !Number.isFinite(mean)) return;
      const column = first + local - lensFrom;
      terms.push({ lensAt: lens * LENS_SIZE, parameter, column, mean, inverseSigma: 1 / sigma });
    };
    add(0, focalAt, Math.log(prior.focalPx ?? Math.sqrt(intrinsics.fx * intrinsics.fy)), prior.focalSigma);
    add(4, k1At, 0, prior.k1Sigma);
    add(5, k2At, 0, prior.k2Sigma);
    if (principalPointAt < 0) return;
    add(2, principalPointAt, intrinsics.width / 2, prior.principalPointSigmaPx);
    add(3, principalPointAt + 1, intrinsics.height / 2, prior.principalPointSigmaPx);
  });
  return terms;
}

/** `(value − mean) / sigma` at a state. */
export function lensPriorResidual({ lenses }: BundleState, term: LensPriorTerm): number {
  const { lensAt, parameter, mean, inverseSigma } = term;
  const value = parameter === 0 ? 0.5 * Math.log(lenses[lensAt]! * lenses[lensAt + 1]!) : lenses[lensAt + parameter]!;
  return (value - mean) * inverseSigma;
}

/** `Σ ½ residual²`. */
export function lensPriorCost(state: BundleState, terms: readonly LensPriorTerm[]): number {
  return terms.reduce((sum, term) => sum + 0.5 * lensPriorResidual(state, term) ** 2, 0);
}
