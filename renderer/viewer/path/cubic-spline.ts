/**
 * Interpolating cubic splines of vectors over rising knots, twice continuously differentiable: natural at open ends (no second
 * derivative there), or closed on themselves. The second derivatives m at the knots solve, with h[i] = t[i+1] − t[i],
 *
 *   h[i−1] m[i−1] + 2 (h[i−1] + h[i]) m[i] + h[i] m[i+1] = 6 ((y[i+1] − y[i]) / h[i] − (y[i] − y[i−1]) / h[i−1])
 *
 * (de Boor, A Practical Guide to Splines, chapter IV).
 */
export interface VectorSpline {
  /** Value at a parameter, clamped to the knots' range. */
  evaluate(t: number): number[];
}

/**
 * @param knots rising strictly; of a closed spline one more than `values`, the last being where the first value comes again.
 * @param values one vector per knot, all of one length.
 */
export function createSpline(
  knots: readonly number[],
  values: readonly (readonly number[])[],
  isClosed: boolean,
): VectorSpline {
  const points = isClosed ? [...values, values[0] as readonly number[]] : values;
  const dimensions = points[0]?.length ?? 0;
  const curvatures = Array.from({ length: dimensions }, (_, d) =>
    secondDerivatives(
      knots,
      points.map((point) => point[d] as number),
      isClosed,
    ),
  );
  return {
    evaluate: (t) => {
      const i = segmentOf(knots, t);
      if (knots.length < 2) return [...(points[0] as readonly number[])];
      const [from, to] = [knots[i] as number, knots[i + 1] as number];
      const h = to - from;
      const b = Math.min(1, Math.max(0, (t - from) / h));
      const a = 1 - b;
      return curvatures.map((m, d) => {
        const [y0, y1] = [points[i]![d] as number, points[i + 1]![d] as number];
        return a * y0 + b * y1 + (((a ** 3 - a) * m[i]! + (b ** 3 - b) * m[i + 1]!) * h * h) / 6;
      });
    },
  };
}

/** Index of the segment that holds t: the last knot that is not above it, by bisection. */
export function segmentOf(knots: readonly number[], t: number): number {
  let low = 0;
  let high = Math.max(0, knots.length - 2);
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((knots[middle] as number) <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}

function secondDerivatives(knots: readonly number[], y: readonly number[], isClosed: boolean): Float64Array {
  const last = knots.length - 1;
  const result = new Float64Array(knots.length);
  if (last < 2) return result;
  const h = Array.from({ length: last }, (_, i) => knots[i + 1]! - knots[i]!);
  const slope = h.map((width, i) => (y[i + 1]! - y[i]!) / width);
  if (isClosed) {
    // Unknowns m[0..last−1]; row i joins segment i−1 (the last one for i = 0) and segment i.
    const before = h.map((_, i) => h[(i + last - 1) % last]!);
    const right = h.map((_, i) => 6 * (slope[i]! - slope[(i + last - 1) % last]!));
    result.set(solveCyclic(before, h, right));
    result[last] = result[0]!;
  } else {
    const inner = last - 1;
    const lower = h.slice(0, inner);
    const upper = h.slice(1);
    const right = Array.from({ length: inner }, (_, i) => 6 * (slope[i + 1]! - slope[i]!));
    const diagonal = lower.map((width, i) => 2 * (width + upper[i]!));
    result.set(solveTridiagonal(lower, diagonal, upper, right), 1);
  }
  return result;
}

/** Thomas's algorithm; the matrices here are strictly diagonally dominant, so no pivot is ever small. */
function solveTridiagonal(
  lower: readonly number[],
  diagonal: readonly number[],
  upper: readonly number[],
  right: readonly number[],
): number[] {
  const n = diagonal.length;
  const c = new Float64Array(n);
  const x = Array.from(right);
  for (let i = 0; i < n; i++) {
    const pivot = diagonal[i]! - (i > 0 ? lower[i]! * c[i - 1]! : 0);
    c[i] = upper[i]! / pivot;
    x[i] = (x[i]! - (i > 0 ? lower[i]! * x[i - 1]! : 0)) / pivot;
  }
  for (let i = n - 2; i >= 0; i--) x[i] = x[i]! - c[i]! * x[i + 1]!;
  return x;
}

/** The same with the two corners of a closed curve, by Sherman and Morrison's formula. */
function solveCyclic(before: readonly number[], after: readonly number[], right: readonly number[]): number[] {
  const n = before.length;
  const diagonal = before.map((width, i) => 2 * (width + after[i]!));
  if (n === 2) {
    // Both neighbours of a knot are the other one.
    const off = before[0]! + after[0]!;
    const determinant = diagonal[0]! * diagonal[1]! - off * off;
    return [
      (right[0]! * diagonal[1]! - off * right[1]!) / determinant,
      (diagonal[0]! * right[1]! - off * right[0]!) / determinant,
    ];
  }
  const topRight = before[0]!;
  const bottomLeft = after[n - 1]!;
  const gamma = -diagonal[0]!;
  const modified = [...diagonal];
  modified[0] = diagonal[0]! - gamma;
  modified[n - 1] = diagonal[n - 1]! - (topRight * bottomLeft) / gamma;
  const u = new Array<number>(n).fill(0);
  u[0] = gamma;
  u[n - 1] = bottomLeft;
  const x = solveTridiagonal(before, modified, after, right);
  const z = solveTridiagonal(before, modified, after, u);
  const factor = (x[0]! + (topRight * x[n - 1]!) / gamma) / (1 + z[0]! + (topRight * z[n - 1]!) / gamma);
  return x.map((value, i) => value - factor * z[i]!);
}
