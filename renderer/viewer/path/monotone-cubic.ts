/** Rising functions through points: what keeps time from running backwards between keys. */
import { segmentOf } from './cubic-spline.js';

/**
 * Monotone cubic Hermite interpolation, once continuously differentiable (Fritsch and Butland 1984: the slope at a knot is the
 * weighted harmonic mean of the secants beside it, which is never zero where both rise: the camera never halts at a key).
 *
 * @param isPeriodic the slope is the same at both ends: the seam of a loop.
 */
export function createMonotoneCubic(
  x: readonly number[],
  y: readonly number[],
  isPeriodic: boolean,
): (at: number) => number {
  const last = x.length - 1;
  const h = Array.from({ length: last }, (_, i) => x[i + 1]! - x[i]!);
  const secant = h.map((width, i) => (y[i + 1]! - y[i]!) / width);
  const between = (i: number, j: number): number => {
    const [w1, w2] = [2 * h[j]! + h[i]!, h[j]! + 2 * h[i]!];
    return (w1 + w2) / (w1 / secant[i]! + w2 / secant[j]!);
  };
  const slope = x.map((_, i) => {
    if (i > 0 && i < last) return between(i - 1, i);
    if (isPeriodic) return between(last - 1, 0);
    return i === 0 ? secant[0]! : secant[last - 1]!;
  });
  return (at) => {
    const i = segmentOf(x, at);
    const s = Math.min(1, Math.max(0, (at - x[i]!) / h[i]!));
    const [s2, s3] = [s * s, s * s * s];
    return (
      (2 * s3 - 3 * s2 + 1) * y[i]! +
      (s3 - 2 * s2 + s) * h[i]! * slope[i]! +
      (3 * s2 - 2 * s3) * y[i + 1]! +
      (s3 - s2) * h[i]! * slope[i + 1]!
    );
  };
}
