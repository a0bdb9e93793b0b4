/** Huber's loss, as bundle adjustment takes it of every kind of residual. */

/** Huber's loss of a squared length: `½ r²`, beyond `threshold` `threshold r − ½ threshold²` (Huber 1964). */
export function huberLoss(squared: number, threshold: number): number {
  return squared <= threshold * threshold ? 0.5 * squared : threshold * (Math.sqrt(squared) - 0.5 * threshold);
}

/** The weight with which least squares has the gradient of Huber's loss: 1, beyond `threshold` `threshold / r`. */
export function huberWeight(squared: number, threshold: number): number {
  return squared <= threshold * threshold ? 1 : threshold / Math.sqrt(squared);
}
