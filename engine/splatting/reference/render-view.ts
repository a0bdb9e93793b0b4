import { cameraCentre } from '../../math/conventions.js';
import type { Camera } from '../../scene/camera.js';
import type { RenderOptions } from '../contract.js';
import type { Cutoffs, VisibleGaussian } from './blending.js';
import { blendPixel, CONTRACT_CUTOFFS, sortByDepth } from './blending.js';
import type { Images } from './images.js';
import { zeroImages } from './images.js';
import type { Parameters } from './parameters.js';
import { sigmoid } from './parameters.js';
import { projectGaussian } from './projection.js';
import { shadeGaussian } from './shading.js';

/** What a render depends on besides the parameters. */
export interface ViewSettings {
  readonly camera: Camera;
  readonly options: RenderOptions;
  /** Multiplies the activated opacity of Gaussian `index`; 0 leaves it out (dropout). */
  readonly opacityFactor: (index: number) => number;
  readonly cutoffs: Cutoffs;
}

/** Settings without dropout and with the contract's cut-offs. */
export function plainSettings(camera: Camera, options: RenderOptions): ViewSettings {
  return { camera, options, opacityFactor: () => 1, cutoffs: CONTRACT_CUTOFFS };
}

/** Projects, shades and sorts every Gaussian that is neither culled nor left out. */
export function gatherVisible(parameters: Parameters, settings: ViewSettings): VisibleGaussian[] {
  const { camera, options } = settings;
  const centre = cameraCentre(camera.cameraFromWorld);
  const visible: VisibleGaussian[] = [];
  for (let index = 0; index < parameters.count; index++) {
    const factor = settings.opacityFactor(index);
    if (factor === 0) continue;
    const projected = projectGaussian(parameters, index, camera, options.dilation);
    if (projected === null) continue;
    const shade = shadeGaussian(parameters, index, centre, Math.min(options.shDegree, parameters.shDegree));
    visible.push({ projected, shade, opacity: factor * sigmoid(parameters.rawOpacities[index] as number) });
  }
  return sortByDepth(visible);
}

/**
 * The forward model: color = Σ w_i c_i + T background [H, W, 3], depth = Σ w_i z_i [H, W], alpha = Σ w_i [H, W],
 * w_i = α_i T_i, every Gaussian tried at every pixel.
 *
 * @param visible as {@link gatherVisible} gives them.
 */
export function renderImages(visible: readonly VisibleGaussian[], settings: ViewSettings): Images {
  const { width, height } = settings.camera.intrinsics;
  const images = zeroImages(width, height);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const blend = blendPixel(visible, pixel % width, Math.floor(pixel / width), settings.cutoffs);
    const color = settings.options.background.map((value) => value * blend.transmittance);
    let depth = 0;
    let alpha = 0;
    for (const contribution of blend.contributions) {
      const { projected, shade } = visible[contribution.place] as VisibleGaussian;
      const weight = contribution.alpha * contribution.transmittance;
      shade.color.forEach((value, c) => {
        color[c] = (color[c] as number) + weight * value;
      });
      depth += weight * projected.pointInCamera[2];
      alpha += weight;
    }
    images.color.set(color, pixel * 3);
    images.depth[pixel] = depth;
    images.alpha[pixel] = alpha;
  }
  return images;
}
