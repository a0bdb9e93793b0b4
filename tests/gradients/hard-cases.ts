import type { Camera } from '../../engine/scene/camera.js';
import type { Splats } from '../../engine/scene/splats.js';
import type { SplatRecipe } from '../fixtures/random-splats.js';
import {
  createAskewCamera,
  createPlainCamera,
  createRandomSplats,
  DEFAULT_RECIPE,
  moveBehindCamera,
} from '../fixtures/random-splats.js';

/** A scene and a camera that a projection's derivative is often wrong for. */
export interface HardCase {
  readonly name: string;
  readonly camera: Camera;
  readonly splats: Splats;
  readonly shDegree: number;
  readonly dilation: number;
  /** Step of the central differences; smaller where things are small. */
  readonly h: number;
}

function createCase(
  name: string,
  recipe: Partial<SplatRecipe> & Pick<SplatRecipe, 'camera'>,
  settings: Partial<Pick<HardCase, 'h' | 'dilation' | 'shDegree'>> = {},
): HardCase {
  const splats = createRandomSplats({ ...DEFAULT_RECIPE, ...recipe });
  return { name, camera: recipe.camera, splats, shDegree: splats.shDegree, dilation: 0.3, h: 1e-4, ...settings };
}

/** Small images and few Gaussians: every parameter is perturbed four times. */
export function createHardCases(): HardCase[] {
  const askew = createAskewCamera(14, 11);
  const plain = createPlainCamera(12, 10);
  const behind = createCase('Gaussians behind the camera', { camera: askew, seed: 6 });
  moveBehindCamera(behind.splats, [1, 4, 5, 9], askew);
  return [
    createCase('plain camera, degree 0', { camera: plain, shDegree: 0, seed: 2 }),
    createCase('rotated camera, principal point off centre', { camera: askew, seed: 3 }),
    createCase('SH degree 3', { camera: askew, shDegree: 3, count: 6, seed: 4 }),
    createCase(
      'degree 1 evaluated of degree 3 stored',
      { camera: askew, shDegree: 3, count: 5, seed: 5 },
      { shDegree: 1 },
    ),
    createCase('strong anisotropy', { camera: askew, sigmasPx: [0.05, 12], seed: 7 }),
    createCase('near and far', { camera: askew, depths: [0.03, 300], seed: 8 }, { h: 2e-6 }),
    behind,
    createCase('slopes beyond the clamp', { camera: askew, spread: 3, sigmasPx: [3, 12], seed: 9 }),
    createCase('alpha clipped to its maximum', {
      camera: askew,
      opacities: [0.985, 0.9999],
      sigmasPx: [6, 20],
      count: 8,
      seed: 10,
    }),
    createCase('no dilation', { camera: askew, sigmasPx: [1, 3], seed: 11 }, { dilation: 0 }),
  ];
}
