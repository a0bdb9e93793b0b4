/**
 * `checkpoints/` of a project: the run's process writes `<name>.checkpoint` (bytes of engine/pipeline/checkpoint.ts) and, after it is
 * safely there, `<name>.checkpoint.json`, this sidecar. A checkpoint without a sidecar that fits was cut off and does not count.
 */
import { z } from 'zod';

export const CHECKPOINT_EXTENSION = '.checkpoint';
export const CHECKPOINT_SIDECAR_MARK = 'vantage-checkpoint';

export const checkpointSidecarSchema = z.object({
  format: z.literal(CHECKPOINT_SIDECAR_MARK),
  formatVersion: z.literal(1),
  iteration: z.number().int().min(0),
  iterations: z.number().int().min(0),
  savedAtMs: z.number(),
  /** Of the file of bytes beside it. */
  bytes: z.number().int().min(1),
});

export type CheckpointSidecar = z.infer<typeof checkpointSidecarSchema>;

export interface CheckpointEntry extends Omit<CheckpointSidecar, 'format' | 'formatVersion'> {
  /** Absolute path of the bytes. */
  readonly file: string;
}
