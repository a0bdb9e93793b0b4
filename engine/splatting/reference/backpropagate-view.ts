import type { Vec3 } from '../../math/rigid-transform.js';
import type { CameraGradient } from '../contract.js';
import type { VisibleGaussian } from './blending.js';
import { blendPixel } from './blending.js';
import { addDirectionToCamera, addProjectionToCamera, cameraGradientOf, zeroCameraSums } from './camera-gradient.js';
import type { Images } from './images.js';
import type { Parameters } from './parameters.js';
import { addAt, sigmoid, vec3At, zeroParameters } from './parameters.js';
import { backpropagateProjection } from './projection-gradient.js';
import { dot } from './projection.js';
import type { ViewSettings } from './render-view.js';
import { backpropagateShade } from './shading.js';

/** ∂loss with respect to what one Gaussian brings to the blending, summed over pixels. */
interface BlendGradients {
  color: Vec3;
  depth: number;
  /** With respect to the opacity that was blended (dropout's factor included). */
  opacity: number;
  mean2d: [number, number];
  /** Per entry of the symmetric matrix, see ProjectionUpstream. */
  conic: [number, number, number];
}

export interface ViewGradients {
  readonly parameters: Parameters;
  /** [N, 2] ∂loss/∂means2d, 1 / px. */
  readonly means2d: Float64Array;
  readonly camera: CameraGradient;
}

/**
 * ∂loss/∂α of the contributions of one pixel. With v_i = gradColor·c_i + gradDepth z_i + gradAlpha the loss sees a pixel as
 * Σ α_i T_i v_i + T (gradColor·background) = S_0, where S_i = α_i v_i + (1 − α_i) S_{i+1} is the value seen from in front of i;
 * hence ∂loss/∂α_i = T_i (v_i − S_{i+1}), walked back to front.
 */
function backpropagatePixel(
  visible: readonly VisibleGaussian[],
  settings: ViewSettings,
  pixel: number,
  upstream: Images,
  sums: readonly BlendGradients[],
): void {
  const gradColor = vec3At(upstream.color, pixel);
  const gradDepth = upstream.depth[pixel] as number;
  const gradAlpha = upstream.alpha[pixel] as number;
  const row = Math.floor(pixel / upstream.width);
  const blend = blendPixel(visible, pixel - row * upstream.width, row, settings.cutoffs);
  let behind = dot(gradColor, [...settings.options.background]);
  for (const contribution of [...blend.contributions].reverse()) {
    const { projected, shade, opacity } = visible[contribution.place] as VisibleGaussian;
    const sum = sums[contribution.place] as BlendGradients;
    const { alpha, transmittance, falloff } = contribution;
    const weight = alpha * transmittance;
    for (const c of [0, 1, 2] as const) sum.color[c] += weight * gradColor[c];
    sum.depth += weight * gradDepth;

    const value = dot(gradColor, shade.color) + gradDepth * projected.pointInCamera[2] + gradAlpha;
    const gradAlphaHere = transmittance * (value - behind);
    behind = alpha * value + (1 - alpha) * behind;
    if (contribution.clipped) continue;

    sum.opacity += gradAlphaHere * falloff;
    // falloff = exp(−½ q): ∂loss/∂q = −½ falloff ∂loss/∂falloff, and q = dᵀ conic d with d = pixel − mean2d.
    const gradQuadratic = -0.5 * falloff * gradAlphaHere * opacity;
    const [dx, dy] = contribution.offset;
    const [a, b, c] = projected.conic;
    sum.mean2d[0] -= gradQuadratic * 2 * (a * dx + b * dy);
    sum.mean2d[1] -= gradQuadratic * 2 * (b * dx + c * dy);
    sum.conic[0] += gradQuadratic * dx * dx;
    sum.conic[1] += gradQuadratic * dx * dy;
    sum.conic[2] += gradQuadratic * dy * dy;
  }
}

/**
 * Vector–Jacobian product of `renderImages` ∘ `gatherVisible`: derivatives with respect to every parameter, and to the camera, of
 * Σ upstream · image.
 * Order, cut-offs and stopping places are held fixed; Gaussians that are culled or left out get zeros.
 *
 * @param visible what `gatherVisible` gave for the same parameters and settings.
 */
export function backpropagateView(
  parameters: Parameters,
  visible: readonly VisibleGaussian[],
  settings: ViewSettings,
  upstream: Images,
): ViewGradients {
  const sums = visible.map((): BlendGradients => ({
    color: [0, 0, 0],
    depth: 0,
    opacity: 0,
    mean2d: [0, 0],
    conic: [0, 0, 0],
  }));
  for (let pixel = 0; pixel < upstream.width * upstream.height; pixel++) {
    backpropagatePixel(visible, settings, pixel, upstream, sums);
  }

  const gradients = zeroParameters(parameters.count, parameters.shDegree);
  const means2d = new Float64Array(parameters.count * 2);
  const camera = zeroCameraSums();
  const shDegree = Math.min(settings.options.shDegree, parameters.shDegree);
  visible.forEach(({ projected, shade }, place) => {
    const { index } = projected;
    const sum = sums[place] as BlendGradients;
    const projection = backpropagateProjection(projected, settings.camera, {
      gradMean2d: sum.mean2d,
      gradConic: sum.conic,
      gradDepth: sum.depth,
    });
    addAt(gradients.means, index * 3, projection.gradMean);
    addAt(gradients.quats, index * 4, projection.gradQuat);
    addAt(gradients.logScales, index * 3, projection.gradLogScales);
    const activated = sigmoid(parameters.rawOpacities[index] as number);
    addAt(gradients.rawOpacities, index, [settings.opacityFactor(index) * sum.opacity * activated * (1 - activated)]);
    const gradMean = backpropagateShade(parameters, index, shade, shDegree, sum.color, gradients);
    addProjectionToCamera(camera, projected, settings.camera, projection.pull);
    addDirectionToCamera(camera, settings.camera, gradMean);
    means2d.set(sum.mean2d, index * 2);
  });
  return { parameters: gradients, means2d, camera: cameraGradientOf(camera) };
}
