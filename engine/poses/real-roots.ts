/** Real roots of polynomials of low degree. Plain arrays: at this size an allocated typed array costs more than the arithmetic. */

const MAX_STEPS = 60;
/** Extrema only part the line into intervals; roots are wanted to the last digit. */
const EXTREMUM_PRECISION = 1e-10;
const ROOT_PRECISION = 1e-15;

function evaluate(c: readonly number[], x: number): number {
  let value = 0;
  for (let i = c.length - 1; i >= 0; i--) value = value * x + c[i]!;
  return value;
}

/** An interval at whose ends a polynomial has opposite signs. */
interface Bracket {
  low: number;
  high: number;
  readonly isNegativeAtLow: boolean;
}

/** The root in a bracket: Newton's steps, bisection where they fail. */
function polish(c: readonly number[], bracket: Bracket, precision: number): number {
  let { low, high } = bracket;
  let x = 0.5 * (low + high);
  let lastStep = high - low;
  for (let i = 0; i < MAX_STEPS; i++) {
    let value = 0;
    let slope = 0;
    for (let k = c.length - 1; k >= 0; k--) {
      slope = slope * x + value;
      value = value * x + c[k]!;
    }
    if (value === 0) return x;
    if (value < 0 === bracket.isNegativeAtLow) low = x;
    else high = x;
    const newton = x - value / slope;
    // A step that does not halve is one of a slow approach from afar.
    const isUseful = newton > low && newton < high && Math.abs(newton - x) < 0.5 * lastStep;
    const next = isUseful ? newton : 0.5 * (low + high);
    lastStep = Math.abs(next - x);
    x = next;
    if (lastStep <= precision * Math.abs(x)) return x;
  }
  return x;
}

/** Every root of a polynomial lies within this distance of 0 (Fujiwara 1916). */
function rootBound(c: readonly number[]): number {
  const degree = c.length - 1;
  const leading = Math.abs(c[degree]!);
  let bound = 0;
  for (let k = 1; k <= degree; k++) bound = Math.max(bound, (Math.abs(c[degree - k]!) / leading) ** (1 / k));
  return 2 * bound;
}

function rootsOfQuadratic(c0: number, c1: number, c2: number): number[] {
  const discriminant = c1 * c1 - 4 * c2 * c0;
  // Rounding must not hide a double root.
  if (discriminant < -1e-14 * c1 * c1) return [];
  const q = -0.5 * (c1 + (c1 < 0 ? -1 : 1) * Math.sqrt(Math.max(discriminant, 0)));
  const first = q / c2;
  const second = q === 0 ? first : c0 / q;
  return first === second ? [first] : first < second ? [first, second] : [second, first];
}

/** Whether |p(x)| is within the rounding of its own terms: a double root, where p touches zero without crossing it. */
function touchesZero(c: readonly number[], x: number, value: number): boolean {
  const size = Math.abs(x);
  let terms = 0;
  for (let i = c.length - 1; i >= 0; i--) terms = terms * size + Math.abs(c[i]!);
  return Math.abs(value) <= 1e-13 * terms;
}

function rootsBetweenExtrema(c: readonly number[], precision: number): number[] {
  const derivative: number[] = [];
  for (let i = 1; i < c.length; i++) derivative.push(c[i]! * i);
  const bound = rootBound(c);
  const ends = solve(derivative, EXTREMUM_PRECISION);
  ends.push(bound);
  const roots: number[] = [];
  let low = -bound;
  let isNegative = evaluate(c, low) < 0;
  for (let i = 0; i < ends.length; i++) {
    const high = ends[i]!;
    const value = evaluate(c, high);
    if (i < ends.length - 1 && touchesZero(c, high, value)) {
      roots.push(high);
      // Past the touching point the sign counts, so that no crossing is made up.
      isNegative = evaluate(c, 0.5 * (high + ends[i + 1]!)) < 0;
    } else {
      if (value < 0 !== isNegative) roots.push(polish(c, { low, high, isNegativeAtLow: isNegative }, precision));
      isNegative = value < 0;
    }
    low = high;
  }
  return roots;
}

function solve(c: readonly number[], precision: number): number[] {
  if (c.length < 2) return [];
  if (c.length === 2) return [-c[0]! / c[1]!];
  return c.length === 3 ? rootsOfQuadratic(c[0]!, c[1]!, c[2]!) : rootsBetweenExtrema(c, precision);
}

/**
 * All real roots of `Σ_i coefficients[i] x^i`, ascending. Between neighbouring extrema, which are the roots of the derivative (found the
 * same way), a polynomial is monotonous and holds at most one root; it is found by safeguarded Newton steps. A double root is reported once.
 *
 * @param coefficients ascending; leading ones below 1e-14 of the largest are taken for zero. NaN, infinity or all zero give no root.
 */
export function realRoots(coefficients: ArrayLike<number>): number[] {
  let largest = 0;
  for (let i = 0; i < coefficients.length; i++) largest = Math.max(largest, Math.abs(coefficients[i]!));
  if (!(largest > 0 && largest < Infinity)) return [];
  let degree = coefficients.length - 1;
  while (degree > 0 && Math.abs(coefficients[degree]!) <= 1e-14 * largest) degree--;
  const c: number[] = [];
  for (let i = 0; i <= degree; i++) c.push(coefficients[i]! / largest);
  return solve(c, ROOT_PRECISION);
}
