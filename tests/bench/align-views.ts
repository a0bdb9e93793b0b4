/** Fits cameras to a finished scene: what held-out views can tell of the scene when their cameras are off. */
import type { Splats } from '../../engine/scene/splats.js';
import type { View } from '../../engine/scene/view.js';
import type { LossWeights, SplattingBackend } from '../../engine/splatting/contract.js';
import { DEFAULT_DILATION } from '../../engine/splatting/contract.js';
import { NO_LEARNING, NO_LOSSES } from '../../engine/splatting/no-losses.js';
import { makeTarget } from '../../engine/training/make-targets.js';
import { stepRow, zeroRowMoments } from '../../engine/training/refinement/adam-rows.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { moveInTarget } from '../../engine/math/rotation-vector.js';

const STEPS = 40;
const RATE = 4e-4;
const FINAL_SHARE = 0.05;
const LOSSES: LossWeights = { ...NO_LOSSES, l1: 0.8, dssim: 0.2 };

/** The views with cameras that lower their own loss, nothing of the scene changed. `sceneUnit`: median depth, world units. */
export async function alignViews(
  backend: SplattingBackend,
  splats: Splats,
  views: readonly View[],
  sceneUnit: number,
): Promise<View[]> {
  const scene = await backend.createScene(splats, null);
  const aligned: View[] = [];
  for (const view of views) {
    const target = await backend.createTarget(makeTarget(view, null));
    const moments = zeroRowMoments(6);
    let { camera } = view;
    for (let iteration = 1; iteration <= STEPS; iteration++) {
      const { gradAdjustment } = await backend.step(scene, {
        ...{ iteration, target, losses: LOSSES, learningRates: NO_LEARNING, opacityDecay: 1, activeGridLevels: 0 },
        render: { background: [0, 0, 0], shDegree: splats.shDegree, dilation: DEFAULT_DILATION },
        dropout: { probability: 0, seed: 0 },
        adjustment: { camera, color: null },
      });
      const { gradRotation, gradTranslation } = gradAdjustment!.camera;
      const rate = RATE * FINAL_SHARE ** ((iteration - 1) / (STEPS - 1));
      const rates = [rate, rate, rate, rate * sceneUnit, rate * sceneUnit, rate * sceneUnit];
      const motion = stepRow(moments, 0, [...gradRotation, ...gradTranslation], rates, iteration);
      const cameraFromWorld = moveInTarget(camera.cameraFromWorld, motion.slice(0, 3) as Vec3, motion.slice(3) as Vec3);
      camera = { ...camera, cameraFromWorld };
    }
    await backend.releaseTarget(target);
    aligned.push({ ...view, camera });
  }
  await backend.releaseScene(scene);
  return aligned;
}
