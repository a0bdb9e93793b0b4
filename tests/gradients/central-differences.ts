/**
 * Derivative of a scalar with respect to each number of an array that it reads, by five-point central differences:
 * (f(−2h) − 8 f(−h) + 8 f(h) − f(2h)) / 12h, error O(h⁴). Puts every number back.
 *
 * @param at which elements to differentiate, all by default; the rest of the result is 0.
 */
export function differentiate(
  values: Float64Array,
  evaluate: () => number,
  h: number,
  at: readonly number[] = Array.from(values.keys()),
): Float64Array {
  const derivatives = new Float64Array(values.length);
  for (const i of at) {
    const original = values[i] as number;
    const evaluateAt = (shift: number): number => {
      values[i] = original + shift;
      return evaluate();
    };
    derivatives[i] = (evaluateAt(-2 * h) - 8 * evaluateAt(-h) + 8 * evaluateAt(h) - evaluateAt(2 * h)) / (12 * h);
    values[i] = original;
  }
  return derivatives;
}
