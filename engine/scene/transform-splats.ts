/** Splats moved, thinned out and cut down. */
import { quaternionOfRotation } from '../math/conventions.js';
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { rotateShBands } from '../math/sh-rotation.js';
import { ShapeError } from './errors.js';
import type { Splats } from './splats.js';
import { selectSplats, shCoefficientCount } from './splats.js';

/** `pointInTarget = scale * rotation * pointInSource + translation`. */
export interface SimilarityTransform {
  /** Orthonormal, determinant 1: a mirror cannot be stored as quaternions. */
  readonly rotation: Readonly<Mat3>;
  /** Greater than zero. */
  readonly scale: number;
  readonly translation: Readonly<Vec3>;
}

function transformMeans(
  means: Float32Array,
  { rotation: r, scale, translation: t }: SimilarityTransform,
): Float32Array {
  const moved = new Float32Array(means.length);
  for (let i = 0; i < means.length; i += 3) {
    const [x, y, z] = [means[i] as number, means[i + 1] as number, means[i + 2] as number];
    moved[i] = scale * (r[0] * x + r[1] * y + r[2] * z) + t[0];
    moved[i + 1] = scale * (r[3] * x + r[4] * y + r[5] * z) + t[1];
    moved[i + 2] = scale * (r[6] * x + r[7] * y + r[8] * z) + t[2];
  }
  return moved;
}

/** Hamilton product, rotation first on the left: q' = q_R q. */
function rotateQuats(quats: Float32Array, rotation: Readonly<Mat3>): Float32Array {
  const [a, b, c, d] = quaternionOfRotation(rotation);
  const rotated = new Float32Array(quats.length);
  for (let i = 0; i < quats.length; i += 4) {
    const [w, x, y, z] = [quats[i], quats[i + 1], quats[i + 2], quats[i + 3]] as [number, number, number, number];
    rotated[i] = a * w - b * x - c * y - d * z;
    rotated[i + 1] = a * x + b * w + c * z - d * y;
    rotated[i + 2] = a * y - b * z + c * w + d * x;
    rotated[i + 3] = a * z + b * y - c * x + d * w;
  }
  return rotated;
}

function rotateSh(splats: Splats, rotation: Readonly<Mat3>): Float32Array {
  const stride = shCoefficientCount(splats.shDegree) * 3;
  const rotated = splats.shCoeffs.slice();
  rotateShBands(rotation, splats.shDegree).forEach((band, index) => {
    const width = 2 * index + 3;
    const start = shCoefficientCount(index) * 3;
    for (let at = start; at < rotated.length; at += stride)
      for (let row = 0; row < width; row++)
        for (let channel = 0; channel < 3; channel++) {
          let sum = 0;
          for (let column = 0; column < width; column++)
            sum += (band[row * width + column] as number) * (splats.shCoeffs[at + column * 3 + channel] as number);
          rotated[at + row * 3 + channel] = sum;
        }
  });
  return rotated;
}

/**
 * Moves a whole scene: means become s R μ + t, rotations q_R q, log scales gain log s, and the spherical harmonics turn with the scene
 * ({@link rotateShBands}), so that a camera moved along sees the same picture. Opacities stay. New arrays; `splats` is not changed.
 * NaN in a record stays in that record.
 *
 * @throws ShapeError when the scale is not a positive number.
 */
export function transformSplats(splats: Splats, targetFromSource: SimilarityTransform): Splats {
  const { rotation, scale } = targetFromSource;
  if (!(scale > 0 && scale < Infinity)) throw new ShapeError(`splats cannot be scaled by ${scale}`);
  const logScale = Math.log(scale);
  return {
    count: splats.count,
    shDegree: splats.shDegree,
    means: transformMeans(splats.means, targetFromSource),
    quats: rotateQuats(splats.quats, rotation),
    logScales: splats.logScales.map((value) => value + logScale),
    rawOpacities: splats.rawOpacities.slice(),
    shCoeffs: rotateSh(splats, rotation),
  };
}

/**
 * The records whose entry in `hidden` [N] is 0, in their order.
 *
 * @throws ShapeError when `hidden` is not as long as the scene.
 */
export function filterSplats(splats: Splats, hidden: Uint8Array): Splats {
  if (hidden.length !== splats.count) throw new ShapeError(`${hidden.length} marks do not fit ${splats.count} splats`);
  const shown: number[] = [];
  for (let i = 0; i < splats.count; i++) if (hidden[i] === 0) shown.push(i);
  return selectSplats(splats, shown);
}

/** The scene without the bands of spherical harmonics above `shDegree`; the scene itself when it has none. Other arrays are shared. */
export function limitShDegree(splats: Splats, shDegree: number): Splats {
  if (shDegree >= splats.shDegree) return splats;
  const [from, to] = [shCoefficientCount(splats.shDegree) * 3, shCoefficientCount(shDegree) * 3];
  const shCoeffs = new Float32Array(splats.count * to);
  for (let i = 0; i < splats.count; i++) shCoeffs.set(splats.shCoeffs.subarray(i * from, i * from + to), i * to);
  return { ...splats, shDegree, shCoeffs };
}

/** Highest degree with a coefficient that is not zero. NaN counts as not zero. */
export function usedShDegree(splats: Splats): number {
  const stride = shCoefficientCount(splats.shDegree) * 3;
  for (let degree = splats.shDegree; degree > 0; degree--) {
    const from = shCoefficientCount(degree - 1) * 3;
    const to = shCoefficientCount(degree) * 3;
    for (let i = 0; i < splats.count; i++)
      for (let j = i * stride + from; j < i * stride + to; j++) if (splats.shCoeffs[j] !== 0) return degree;
  }
  return 0;
}
