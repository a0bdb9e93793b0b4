/** Adam for a few numbers of one photo; the moments are those of Kingma & Ba 2015, as in the splatting contract. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-15;

/** Running means of gradients and of their squares, [rows, width] each. */
export interface RowMoments {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Moments before the first step. */
export function zeroRowMoments(length: number): RowMoments {
  return { first: new Float64Array(length), second: new Float64Array(length) };
}

/**
 * The step of one row: −rate_k · m̂_k / (√v̂_k + ε). The row's moments change; a rate of 0 moves nothing.
 *
 * @param steps how many steps the row has taken with this one; 1-based.
 */
export function stepRow(
  moments: RowMoments,
  row: number,
  gradient: readonly number[],
  rates: readonly number[],
  steps: number,
): number[] {
  const correction1 = 1 - BETA1 ** steps;
  const correction2 = 1 - BETA2 ** steps;
  return gradient.map((g, k) => {
    const at = row * gradient.length + k;
    const first = BETA1 * moments.first[at]! + (1 - BETA1) * g;
    const second = BETA2 * moments.second[at]! + (1 - BETA2) * g * g;
    moments.first[at] = first;
    moments.second[at] = second;
    return (-rates[k]! * (first / correction1)) / (Math.sqrt(second / correction2) + EPSILON);
  });
}
