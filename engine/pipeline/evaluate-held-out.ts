/** How well a scene in training shows photos that it is not trained on. */
import { computePsnr } from '../metrics/psnr.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { View } from '../scene/view.js';
import type { RenderOptions, SceneHandle, SplattingBackend } from '../splatting/contract.js';

/**
 * Mean over `views` of the PSNR (dB) of the rendering, clipped to 0..1, against the photo, over the pixels that its mask leaves in.
 * Lets the host run between views. Only renders: the scene is not changed.
 *
 * @returns null when the run was paused or aborted meanwhile, or when no view has an unmasked pixel
 */
export async function measureHeldOutPsnr(
  backend: SplattingBackend,
  scene: SceneHandle,
  views: readonly View[],
  render: RenderOptions,
  { signal, pause }: Pick<StageContext, 'signal' | 'pause'>,
): Promise<number | null> {
  const scores: number[] = [];
  for (const { camera, image, mask } of views) {
    const { color } = await backend.render(scene, camera, render);
    const psnr = computePsnr(
      color.map((value) => Math.min(1, Math.max(0, value))),
      image.data,
      mask,
    );
    if (!Number.isNaN(psnr)) scores.push(psnr);
    await yieldToHost();
    if (signal?.aborted === true || pause?.isPaused === true) return null;
  }
  return scores.length === 0 ? null : scores.reduce((sum, psnr) => sum + psnr, 0) / scores.length;
}
