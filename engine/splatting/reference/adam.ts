/** Kingma & Ba 2015, algorithm 1; ε as in Kerbl et al. 2023's code. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-15;

/** Running means of an array's gradients and of their squares; same length as the array. */
export interface AdamMoments {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** Moments of an array of `length` numbers before the first step. */
export function zeroMoments(length: number): AdamMoments {
  return { first: new Float64Array(length), second: new Float64Array(length) };
}

/**
 * One step of Adam, in place:
 * m ← β1 m + (1 − β1) g, v ← β2 v + (1 − β2) g², p ← p − rate · m̂ / (√v̂ + ε), m̂ = m / (1 − β1^t), v̂ = v / (1 − β2^t).
 * NaN gradients poison their number for good. A rate of 0 leaves everything alone, moments included.
 *
 * @param iteration t, 1-based.
 * @param learns which numbers take part; all by default.
 */
export function stepAdam(
  values: Float64Array,
  moments: AdamMoments,
  gradients: Float64Array,
  settings: { readonly rate: number; readonly iteration: number },
  learns: (i: number) => boolean = () => true,
): void {
  if (settings.rate === 0) return;
  const correction1 = 1 - BETA1 ** settings.iteration;
  const correction2 = 1 - BETA2 ** settings.iteration;
  gradients.forEach((gradient, i) => {
    if (!learns(i)) return;
    const first = BETA1 * (moments.first[i] as number) + (1 - BETA1) * gradient;
    const second = BETA2 * (moments.second[i] as number) + (1 - BETA2) * gradient * gradient;
    moments.first[i] = first;
    moments.second[i] = second;
    const update = first / correction1 / (Math.sqrt(second / correction2) + EPSILON);
    values[i] = (values[i] as number) - settings.rate * update;
  });
}
