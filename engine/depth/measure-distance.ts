/**
 * Approximate Euclidean distance in pixels of every pixel's centre to the nearest pixel of a set: two-pass chamfer, steps 1 and √2,
 * at most 8 % too long. Infinity everywhere when the set is empty. O(pixels).
 *
 * @param isMember whether pixel `i = y width + x` belongs to the set.
 * @returns [H, W] pixels, 0 inside the set.
 * @remarks Borgefors, "Distance transformations in digital images", 1986.
 */
export function measureDistanceToSet(width: number, height: number, isMember: (i: number) => boolean): Float32Array {
  const count = width * height;
  const distance = new Float32Array(count);
  for (let i = 0; i < count; i++) distance[i] = isMember(i) ? 0 : Infinity;
  for (const reversed of [false, true]) {
    // The backward pass is the forward one with the index reversed; neighbours behind it are at i - step or i + step.
    const sign = reversed ? 1 : -1;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = reversed ? count - 1 - (y * width + x) : y * width + x;
        let best = distance[i] as number;
        if (x > 0) best = Math.min(best, (distance[i + sign] as number) + 1);
        if (y > 0) {
          best = Math.min(best, (distance[i + sign * width] as number) + 1);
          if (x > 0) best = Math.min(best, (distance[i + sign * (width + 1)] as number) + Math.SQRT2);
          if (x < width - 1) best = Math.min(best, (distance[i + sign * (width - 1)] as number) + Math.SQRT2);
        }
        distance[i] = best;
      }
    }
  }
  return distance;
}
