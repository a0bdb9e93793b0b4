/** Settles how a run's Gaussians move: what was asked for, or what can be had. */
import type { TensorFlow } from '../training/decoder/tensorflow.js';
import type { MotionPlan } from '../training/open-motion.js';
import type { TrainingPreset } from '../training/presets.js';
import type { ReconstructOptions } from './reconstruction.js';
import type { StageRunner } from './run-stages.js';

/** @throws Error where the host has none, and what loading throws */
export async function openTensors(open: ReconstructOptions['openDecoderTensors']): Promise<TensorFlow> {
  if (open === undefined) throw new Error('this host has no TensorFlow.js');
  return open();
}

/**
 * The motion of `options`, else of the preset. The decoder's tensors are loaded here and only for it: where they cannot be, a
 * warning is told and Gaussians move by the field of 'rays'.
 *
 * @param photo size of the photos in pixels
 */
export async function chooseMotion(
  options: Pick<ReconstructOptions, 'motion' | 'openDecoderTensors' | 'seed'>,
  training: TrainingPreset,
  photo: { readonly width: number; readonly height: number },
  stages: Pick<StageRunner, 'warn'>,
): Promise<MotionPlan> {
  const motion = options.motion ?? training.motion;
  if (motion === 'free') return { motion };
  const rays = { motion: 'rays', gridLevels: training.gridLevels } as const;
  if (motion === 'rays') return rays;
  try {
    const tf = await openTensors(options.openDecoderTensors);
    return { motion, tf, width: photo.width, height: photo.height, seed: options.seed };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    stages.warn(`The decoder cannot be used (${reason}); Gaussians move along rays by a smooth field instead.`);
    return rays;
  }
}
