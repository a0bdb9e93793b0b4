/**
 * Camera paths as JSON: our own format, and nerfstudio's `camera_path.json`.
 *
 * Ours: `{ "format": "vantage-camera-path", "version": 1, "durationMs", "fps", "isLoop", "isConstantSpeed", "keyframes": [{ "id", "timeMs",
 * "position": [x, y, z], "rotation": [9 numbers, worldFromCamera, row-major, camera axes +x right, +y down, +z forward], "fovYDegrees",
 * "photoId" }] }`. What is read was perhaps written by others: sizes and numbers are checked before anything is taken.
 */
import { z } from 'zod';
import {
  cameraFromWorldOfOpengl,
  openglOfCameraFromWorld,
  rotationOfQuaternion,
} from '../../../engine/math/conventions.js';
import type { Mat3, Vec3 } from '../../../engine/math/rigid-transform.js';
import { invertRigid } from '../../../engine/math/rigid-transform.js';
import type { ViewPose } from '../viewer-contract.js';
import type { CameraPath, PathKeyframe } from './camera-path.js';
import { EMPTY_PATH, frameCount, frameTimeMs, MAX_DURATION_MS, MAX_KEYFRAMES } from './camera-path.js';
import { createPathSampler } from './path-sampler.js';
import { isRotation, quaternionOfRotation } from './quaternion.js';

const FORMAT = 'vantage-camera-path';
const VERSION = 1;
/** Characters of a file: a path of as many keys as are allowed stays far below. */
export const MAX_PATH_CHARACTERS = 8 * 1024 * 1024;
const ROTATION_TOLERANCE = 1e-3;
const FARTHEST = 1e9;
const RAD_PER_DEGREE = Math.PI / 180;

export type PathReadFailure = 'too-large' | 'not-json' | 'not-a-path' | 'newer' | 'bad-keys' | 'too-many-keys';

/** `where` names the field that was refused. */
export type PathReadResult =
  | { readonly ok: true; readonly path: CameraPath }
  | { readonly ok: false; readonly failure: PathReadFailure; readonly where: string };

const coordinate = z.number().min(-FARTHEST).max(FARTHEST);
const keyframeSchema = z.object({
  id: z.string().min(1).max(200),
  timeMs: z.number().min(0).max(MAX_DURATION_MS),
  position: z.tuple([coordinate, coordinate, coordinate]),
  rotation: z
    .array(z.number())
    .length(9)
    .refine((m) => isRotation(m, ROTATION_TOLERANCE)),
  fovYDegrees: z.number().min(1).max(175),
  photoId: z.string().max(200).nullable(),
});
const documentSchema = z.object({
  durationMs: z.number().min(0).max(MAX_DURATION_MS),
  fps: z.number().int().min(1).max(120),
  isLoop: z.boolean(),
  isConstantSpeed: z.boolean(),
  keyframes: z.array(keyframeSchema).max(MAX_KEYFRAMES),
});
const matrixSchema = z.array(coordinate).length(16);
const nerfstudioSchema = z.object({
  fps: z.number().min(1).max(120).optional(),
  seconds: z
    .number()
    .min(0)
    .max(MAX_DURATION_MS / 1000)
    .optional(),
  is_cycle: z.boolean().optional(),
  camera_path: z
    .array(z.object({ camera_to_world: matrixSchema, fov: z.number().min(1).max(175) }))
    .min(1)
    .max(200_000),
});

export function writePathDocument(path: CameraPath): string {
  const keyframes = path.keyframes.map(({ id, timeMs, pose, photoId }) => ({
    id,
    timeMs,
    position: pose.position,
    rotation: pose.rotation,
    fovYDegrees: pose.fovYRad / RAD_PER_DEGREE,
    photoId,
  }));
  const { durationMs, fps, isLoop, isConstantSpeed } = path;
  return JSON.stringify(
    { format: FORMAT, version: VERSION, durationMs, fps, isLoop, isConstantSpeed, keyframes },
    null,
    1,
  );
}

/** Reads either format. Never throws. */
export function readPathDocument(text: string): PathReadResult {
  if (text.length > MAX_PATH_CHARACTERS) return { ok: false, failure: 'too-large', where: '' };
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { ok: false, failure: 'not-json', where: '' };
  }
  if (typeof data !== 'object' || data === null) return { ok: false, failure: 'not-a-path', where: '' };
  if ('camera_path' in data) return readNerfstudio(data);
  if (!('format' in data) || data.format !== FORMAT) return { ok: false, failure: 'not-a-path', where: 'format' };
  if (!('version' in data) || typeof data.version !== 'number')
    return { ok: false, failure: 'not-a-path', where: 'version' };
  if (data.version > VERSION) return { ok: false, failure: 'newer', where: 'version' };
  const parsed = documentSchema.safeParse(data);
  if (!parsed.success) return refusal(parsed.error);
  const { keyframes, ...rest } = parsed.data;
  const ids = new Set<string>();
  const keys = keyframes.map((key): PathKeyframe => {
    const id = ids.has(key.id) ? `${key.id}-${ids.size}` : key.id;
    ids.add(id);
    const rotation = straightened(key.rotation as unknown as Mat3);
    const pose = { position: key.position, rotation, fovYRad: key.fovYDegrees * RAD_PER_DEGREE };
    return { id, timeMs: key.timeMs, pose, photoId: key.photoId };
  });
  keys.sort((a, b) => a.timeMs - b.timeMs);
  const durationMs = Math.max(rest.durationMs, keys.at(-1)?.timeMs ?? 0);
  return { ok: true, path: { ...rest, durationMs, keyframes: keys } };
}

function refusal(error: z.ZodError): PathReadResult {
  const issue = error.issues[0];
  const isTooMany = issue?.code === 'too_big' && issue.path.length === 1 && issue.origin === 'array';
  return { ok: false, failure: isTooMany ? 'too-many-keys' : 'bad-keys', where: (issue?.path ?? []).join('.') };
}

/** The nearest exact rotation, as far as a file's rounding goes; one that is exact already stays bit for bit. */
function straightened(rotation: Mat3): Mat3 {
  return isRotation(rotation, 1e-9) ? rotation : rotationOfQuaternion(quaternionOfRotation(rotation));
}

/** Every frame stands in nerfstudio's file, and keys only as its editor knows them: the frames are thinned to keys of ours. */
const NERFSTUDIO_KEYS = 200;

function readNerfstudio(data: object): PathReadResult {
  const parsed = nerfstudioSchema.safeParse(data);
  if (!parsed.success) return refusal(parsed.error);
  const { camera_path: frames, is_cycle: isLoop = false } = parsed.data;
  const fps = Math.round(parsed.data.fps ?? EMPTY_PATH.fps);
  const durationMs = (parsed.data.seconds ?? Math.max(1, frames.length - 1) / fps) * 1000;
  const count = Math.min(frames.length, NERFSTUDIO_KEYS);
  const keyframes: PathKeyframe[] = [];
  for (let i = 0; i < count; i++) {
    const at = count === 1 ? 0 : Math.round((i * (frames.length - 1)) / (count - 1));
    const { camera_to_world: matrix, fov } = frames[at]!;
    const pose = poseOfOpengl(matrix, fov * RAD_PER_DEGREE);
    if (pose === null) return { ok: false, failure: 'bad-keys', where: `camera_path.${at}.camera_to_world` };
    const steps = isLoop ? frames.length : Math.max(1, frames.length - 1);
    keyframes.push({ id: `frame-${at}`, timeMs: (at / steps) * durationMs, pose, photoId: null });
  }
  return { ok: true, path: { durationMs, fps, isLoop, isConstantSpeed: false, keyframes } };
}

/** Row-major 4×4 camera-to-world in OpenGL axes; older editors wrote it column by column, which shows in where the translation stands. */
function poseOfOpengl(matrix: readonly number[], fovYRad: number): ViewPose | null {
  const isColumnMajor = [3, 7, 11].every((i) => matrix[i] === 0) && [12, 13, 14].some((i) => matrix[i] !== 0);
  const m = isColumnMajor ? matrix.map((_, i) => matrix[(i % 4) * 4 + (i >> 2)] as number) : matrix;
  const rotation = [m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]] as Mat3;
  if (!isRotation(rotation, ROTATION_TOLERANCE)) return null;
  const translation: Vec3 = [m[3] as number, m[7] as number, m[11] as number];
  const worldFromCamera = invertRigid(cameraFromWorldOfOpengl({ rotation: straightened(rotation), translation }));
  return { rotation: worldFromCamera.rotation, position: worldFromCamera.translation, fovYRad };
}

/** Each frame of the path as nerfstudio's `ns-render camera-path` reads it, for a picture of a size. */
export function writeNerfstudioPath(path: CameraPath, width: number, height: number): string {
  const sampler = createPathSampler(path);
  const frames = Array.from({ length: path.keyframes.length === 0 ? 0 : frameCount(path) }, (_, frame) => {
    const pose = sampler.poseAt(frameTimeMs(path, frame)) as ViewPose;
    const cameraFromWorld = invertRigid({ rotation: pose.rotation, translation: pose.position });
    const { rotation: r, translation: t } = openglOfCameraFromWorld(cameraFromWorld);
    const rows = [0, 1, 2].flatMap((row) => [...r.slice(row * 3, row * 3 + 3), t[row] as number]);
    return { camera_to_world: [...rows, 0, 0, 0, 1], fov: pose.fovYRad / RAD_PER_DEGREE, aspect: width / height };
  });
  return JSON.stringify({
    camera_type: 'perspective',
    render_height: height,
    render_width: width,
    fps: path.fps,
    seconds: path.durationMs / 1000,
    is_cycle: path.isLoop,
    smoothness_value: 0,
    keyframes: [],
    camera_path: frames,
  });
}
