/** Whether a number is a usable depth: finite and positive (0, NaN, Inf and negatives mean unknown). */
export function isDepth(z: number): boolean {
  return z > 0 && z < Infinity;
}
