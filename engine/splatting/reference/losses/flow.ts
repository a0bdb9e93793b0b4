import type { Vec3 } from '../../../math/rigid-transform.js';
import type { FlowPairs } from '../../contract.js';
import { FLOW_SOFTNESS } from '../../contract.js';
import type { Parameters } from '../parameters.js';
import { addAt, vec3At } from '../parameters.js';

const MIN_DISTANCE = 1e-6;

function subtract(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/**
 * Σ_j weights_j ρ(d_j) / M, d = |m1 − m2| / s, s = max(|m1 − origin1|, 1e-6) held constant, ρ(d) = √(d² + ε²) − ε, ε = FLOW_SOFTNESS.
 * ∂/∂m1 = weights_j / M · (m1 − m2) / (s² √(d² + ε²)) = −∂/∂m2. Adds factor times these to `gradients.means`. 0 without pairs.
 *
 * @param originOf where the distance of a pair's first Gaussian is measured from, world units.
 */
export function flowLoss(
  parameters: Parameters,
  pairs: FlowPairs,
  originOf: (index: number) => Vec3,
  factor: number,
  gradients: Parameters,
): number {
  const count = pairs.weights.length;
  let loss = 0;
  for (let j = 0; j < count; j++) {
    const first = pairs.first[j] as number;
    const second = pairs.second[j] as number;
    const mean = vec3At(parameters.means, first);
    const gap = subtract(mean, vec3At(parameters.means, second));
    const scale = Math.max(Math.hypot(...subtract(mean, originOf(first))), MIN_DISTANCE);
    const soft = Math.hypot(Math.hypot(...gap) / scale, FLOW_SOFTNESS);
    const weight = (pairs.weights[j] as number) / count;
    loss += weight * (soft - FLOW_SOFTNESS);
    const pull = (factor * weight) / (scale ** 2 * soft);
    addAt(
      gradients.means,
      first * 3,
      gap.map((value) => pull * value),
    );
    addAt(
      gradients.means,
      second * 3,
      gap.map((value) => -pull * value),
    );
  }
  return loss;
}
