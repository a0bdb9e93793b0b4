/** A photo as the window is told of it: its file, what it is for, its camera, and what became of it where cameras were looked for. */
import { z } from 'zod';
import { finite, id, mediaUrl, shortText, vec3 } from './primitives.js';

export const cameraSchema = z.object({
  fx: finite,
  fy: finite,
  cx: finite,
  cy: finite,
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** cameraFromWorld, row-major 3×3 and translation; camera axes +x right, +y down, +z forward. */
  rotation: z.array(finite).length(9),
  translation: vec3,
});

/** As the pose stage has them; 'unexplained': nobody says why; 'unreadable': the file could not be decoded. */
export const LEFT_OUT_REASONS = [
  'too-few-features',
  'blurred',
  'no-overlap',
  'apart',
  'no-parallax',
  'contradicts',
  'unexplained',
  'unreadable',
] as const;
export const DOUBTS = [
  'planar',
  'few-points',
  'repeated-pattern',
  'guessed-focal',
  'depth-prior',
  'camera-prior',
] as const;

/** What became of a photo when cameras were looked for. */
export const outcomeSchema = z.discriminatedUnion('isPlaced', [
  z.object({
    isPlaced: z.literal(true),
    pointCount: z.number().int().min(0),
    /** In pixels of the file. */
    medianErrorPx: finite,
    doubts: z.array(z.enum(DOUBTS)).max(DOUBTS.length),
  }),
  z.object({ isPlaced: z.literal(false), reason: z.enum(LEFT_OUT_REASONS) }),
]);

export const photoSchema = z.object({
  id,
  name: shortText,
  /** As the user knows it: relative to what was dropped, or a path. */
  shownPath: z.string().max(4096),
  bytes: finite.nullable(),
  width: z.number().int().nullable(),
  height: z.number().int().nullable(),
  status: z.enum(['reading', 'ready', 'missing', 'failed']),
  role: z.enum(['train', 'held-out', 'left-out']),
  isMasked: z.boolean(),
  /** null: no camera known. */
  camera: cameraSchema.nullable(),
  /** null: no camera was looked for, as one was given or no run was started yet. */
  outcome: outcomeSchema.nullable(),
  /** Why it failed, is missing or was left out: what is wrong, and what helps. */
  problem: z.object({ message: shortText, hint: shortText }).nullable(),
  /** null until it has been made. */
  thumbnailUrl: mediaUrl.nullable(),
  /** The undistorted photo at working size, for comparing with the rendering. */
  pictureUrl: mediaUrl.nullable(),
});

export type Photo = z.infer<typeof photoSchema>;
export type PhotoCamera = z.infer<typeof cameraSchema>;
export type PhotoOutcome = z.infer<typeof outcomeSchema>;
