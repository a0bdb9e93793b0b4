/** What makes a run the run that a checkpoint was taken of. */
import { ContentHash } from '../math/content-hash.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { View } from '../scene/view.js';
import type { Preset } from '../training/presets.js';
import type { RunFingerprint } from './checkpoint.js';
import { CheckpointMismatchError } from './checkpoint.js';
import type { ReconstructOptions } from './reconstruction.js';

async function hashPhotos(
  views: readonly View[],
  sensors: ReconstructOptions['sensors'],
  context: StageContext,
): Promise<string> {
  const hash = new ContentHash();
  for (const { name, camera, image, mask } of views) {
    const { intrinsics: k, cameraFromWorld: pose } = camera;
    hash.updateText(name);
    hash.update(Float64Array.of(k.fx, k.fy, k.cx, k.cy, k.width, k.height, ...pose.rotation, ...pose.translation));
    hash.update(image.data);
    if (mask !== null) hash.update(mask);
    for (const { pixels, depth, sigmaLogDepth } of sensors?.byView.get(name)?.anchors ?? [])
      for (const numbers of [pixels, depth, sigmaLogDepth]) hash.update(numbers);
    await yieldToHost(context);
  }
  return hash.digest();
}

/**
 * The texts that must agree for an exact resume. Where `maxSplats` is left out it is "default" (the memory that is free differs from one
 * start to the next), and a resume takes the checkpoint's number.
 *
 * @param views sorted as they are trained on
 * @throws the signal's reason
 */
export async function fingerprintRun(
  options: ReconstructOptions,
  resolved: { readonly views: readonly View[]; readonly preset: Preset; readonly iterations: number },
  context: StageContext,
): Promise<RunFingerprint> {
  const { views, preset, iterations } = resolved;
  return {
    photos: await hashPhotos(views, options.sensors, context),
    preset: JSON.stringify([options.preset, preset]),
    iterations: String(iterations),
    seed: String(options.seed),
    motion: options.motion ?? preset.training.motion,
    'number of splats': String(options.maxSplats ?? 'default'),
    backend: options.splatting.name,
    'depth model': options.depthNetwork?.name ?? 'none',
  };
}

/** @throws CheckpointMismatchError naming what differs */
export function assertSameRun(saved: RunFingerprint, present: RunFingerprint): void {
  const names = Object.keys(present) as (keyof RunFingerprint)[];
  const differences = names.filter((name) => saved[name] !== present[name]);
  if (differences.length > 0) throw new CheckpointMismatchError(differences);
}
