/** Points shifted and scaled so that linear fits to them are well conditioned. */
import type { Mat3 } from '../math/rigid-transform.js';
import type { MatchSubset } from './match-coordinates.js';

/** `q = scale (p − centre)`. */
export interface PlaneSimilarity {
  readonly centreX: number;
  readonly centreY: number;
  readonly scale: number;
}

/**
 * The similarity that moves points' mean to 0 and their mean distance from it to √2.
 *
 * @param coordinates [N,4] x1, y1, x2, y2. @param side 0 for x1, y1; 2 for x2, y2.
 * @returns null when the points coincide, there are none, or one is not finite.
 * Source: Hartley 1997, "In defense of the eight-point algorithm", PAMI 19(6).
 */
export function normalisingSimilarity(
  coordinates: Float64Array,
  subset: MatchSubset,
  side: 0 | 2,
): PlaneSimilarity | null {
  const count = subset.length;
  let [sumX, sumY] = [0, 0];
  for (let i = 0; i < count; i++) {
    sumX += coordinates[subset[i]! * 4 + side]!;
    sumY += coordinates[subset[i]! * 4 + side + 1]!;
  }
  const [centreX, centreY] = [sumX / count, sumY / count];
  let distances = 0;
  for (let i = 0; i < count; i++) {
    const x = coordinates[subset[i]! * 4 + side]! - centreX;
    const y = coordinates[subset[i]! * 4 + side + 1]! - centreY;
    distances += Math.sqrt(x * x + y * y);
  }
  const scale = (Math.SQRT2 * count) / distances;
  return scale > 0 && scale < 1e12 ? { centreX, centreY, scale } : null;
}

/** The similarity as a matrix on homogeneous points. */
export function similarityMatrix({ centreX, centreY, scale }: PlaneSimilarity): Mat3 {
  return [scale, 0, -scale * centreX, 0, scale, -scale * centreY, 0, 0, 1];
}

/** The inverse of {@link similarityMatrix}. */
export function inverseSimilarityMatrix({ centreX, centreY, scale }: PlaneSimilarity): Mat3 {
  return [1 / scale, 0, centreX, 0, 1 / scale, centreY, 0, 0, 1];
}
