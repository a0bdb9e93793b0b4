import type { Mat3, Vec3 } from '../../math/rigid-transform.js';
import { multiplyMatVec, transposeMat } from '../../math/rigid-transform.js';
import type { ColorTransform, ColorTransformGradient } from '../contract.js';
import type { Images } from './images.js';
import { vec3At } from './parameters.js';

/** The images with seen = matrix · color + offset at every pixel; depth and alpha are shared. The images themselves for null. */
export function transformColors(images: Images, transform: ColorTransform | null): Images {
  if (transform === null) return images;
  const color = new Float64Array(images.color.length);
  for (let pixel = 0; pixel < images.alpha.length; pixel++) {
    const turned = multiplyMatVec(transform.matrix, vec3At(images.color, pixel));
    color.set(
      turned.map((value, c) => value + (transform.offset[c] as number)),
      pixel * 3,
    );
  }
  return { ...images, color };
}

/**
 * Vector–Jacobian product of {@link transformColors}: ∂matrix = Σ_p ∂seen_p color_pᵀ, ∂offset = Σ_p ∂seen_p, and ∂seen is replaced by
 * ∂color = matrixᵀ ∂seen in `upstream`.
 *
 * @param images before the transform.
 */
export function backpropagateColors(
  images: Images,
  transform: ColorTransform,
  upstream: Images,
): ColorTransformGradient {
  const gradMatrix: Mat3 = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  const gradOffset: Vec3 = [0, 0, 0];
  const backwards = transposeMat(transform.matrix);
  for (let pixel = 0; pixel < images.alpha.length; pixel++) {
    const gradSeen = vec3At(upstream.color, pixel);
    const color = vec3At(images.color, pixel);
    for (const row of [0, 1, 2] as const) {
      gradOffset[row] += gradSeen[row];
      for (const column of [0, 1, 2] as const) {
        const at = row * 3 + column;
        gradMatrix[at] = (gradMatrix[at] as number) + gradSeen[row] * color[column];
      }
    }
    upstream.color.set(multiplyMatVec(backwards, gradSeen), pixel * 3);
  }
  return { gradMatrix, gradOffset };
}
