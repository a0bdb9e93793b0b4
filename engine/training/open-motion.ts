/** Creates the scene that a motion trains: free, on rays with a field, or on rays with a decoder. */
import type { RayAnchors, SceneHandle, SplattingBackend } from '../splatting/contract.js';
import { SceneDecoder } from './decoder/scene-decoder.js';
import type { TensorFlow } from './decoder/tensorflow.js';
import type { InitialScene } from './initialise.js';

/** A motion with what it needs. */
export type MotionPlan =
  | { readonly motion: 'free' }
  | { readonly motion: 'rays'; readonly gridLevels: RayAnchors['gridLevels'] }
  | {
      readonly motion: 'decoder';
      readonly tf: TensorFlow;
      /** The photos' size in pixels. */
      readonly width: number;
      readonly height: number;
      readonly seed: number;
    };

export interface MovingScene {
  readonly scene: SceneHandle;
  /** To be disposed of by the caller; null unless the motion is 'decoder'. */
  readonly decoder: SceneDecoder | null;
}

/**
 * Uploads the initial scene, with its ray anchors unless Gaussians move freely. A decoder moves Gaussians alone: its scene has no
 * grids.
 *
 * @throws ShapeError when the anchors are not those of the splats
 */
export async function openMovingScene(
  backend: SplattingBackend,
  { splats, anchors }: Pick<InitialScene, 'splats' | 'anchors'>,
  plan: MotionPlan,
): Promise<MovingScene> {
  if (plan.motion === 'free') return { scene: await backend.createScene(splats, null), decoder: null };
  const gridLevels = plan.motion === 'rays' ? plan.gridLevels : [];
  const scene = await backend.createScene(splats, { ...anchors, gridLevels });
  if (plan.motion === 'rays') return { scene, decoder: null };
  const { tf, width, height, seed } = plan;
  const viewCount = anchors.origins.length / 3;
  const sizes = { viewCount, width, height, segmentCount: anchors.segmentCount };
  return { scene, decoder: new SceneDecoder(tf, { ...sizes, seed }, anchors) };
}
