/** A camera path as data, and its edits as functions from path to path. Times run from 0 to `durationMs`; keys are sorted by time. */
import type { ViewPose } from '../viewer-contract.js';

export interface PathKeyframe {
  readonly id: string;
  readonly timeMs: number;
  readonly pose: ViewPose;
  /** The photo whose camera it is; null once it was moved, or made from a view. */
  readonly photoId: string | null;
}

export interface CameraPath {
  /** Of one lap when it loops: the way from the last key back to the first ends here. */
  readonly durationMs: number;
  readonly fps: number;
  readonly isLoop: boolean;
  /** The camera's speed along the curve is everywhere the same; keys' times then give only their order. */
  readonly isConstantSpeed: boolean;
  readonly keyframes: readonly PathKeyframe[];
}

export const MAX_KEYFRAMES = 2000;
export const MAX_DURATION_MS = 3_600_000;
export const FPS_CHOICES = [24, 25, 30, 50, 60] as const;
export const DEFAULT_FPS = 30;
export const MS_PER_NEW_KEY = 2000;

export const EMPTY_PATH: CameraPath = {
  durationMs: 0,
  fps: DEFAULT_FPS,
  isLoop: false,
  isConstantSpeed: true,
  keyframes: [],
};

function sorted(keyframes: readonly PathKeyframe[]): PathKeyframe[] {
  return [...keyframes].sort((a, b) => a.timeMs - b.timeMs);
}

function clampTime(timeMs: number): number {
  return Number.isFinite(timeMs) ? Math.min(MAX_DURATION_MS, Math.max(0, timeMs)) : 0;
}

/** Ends where the last key is; a loop keeps at least its way home. */
function withKeyframes(path: CameraPath, keyframes: readonly PathKeyframe[]): CameraPath {
  const ordered = sorted(keyframes).slice(0, MAX_KEYFRAMES);
  const last = ordered.at(-1)?.timeMs ?? 0;
  const wayHome = path.isLoop && ordered.length > 1 ? meanSpacing(ordered) : 0;
  const isTooShort = path.durationMs < last || (path.isLoop && path.durationMs <= last + 1);
  return { ...path, keyframes: ordered, durationMs: isTooShort ? clampTime(last + wayHome) : path.durationMs };
}

function meanSpacing(keyframes: readonly PathKeyframe[]): number {
  const span = (keyframes.at(-1)?.timeMs ?? 0) - (keyframes[0]?.timeMs ?? 0);
  return keyframes.length > 1 && span > 0 ? span / (keyframes.length - 1) : MS_PER_NEW_KEY;
}

/** One key more at a time. When a key stands within half a frame of it, that key takes the pose: two keys of one time cannot be. */
export function addKeyframe(path: CameraPath, keyframe: PathKeyframe): CameraPath {
  const halfFrameMs = 500 / path.fps;
  const taken = path.keyframes.find(({ timeMs }) => Math.abs(timeMs - keyframe.timeMs) < halfFrameMs);
  if (taken !== undefined) return updateKeyframe(path, taken.id, { pose: keyframe.pose, photoId: keyframe.photoId });
  return withKeyframes(path, [...path.keyframes, { ...keyframe, timeMs: clampTime(keyframe.timeMs) }]);
}

export function updateKeyframe(
  path: CameraPath,
  id: string,
  change: Partial<Pick<PathKeyframe, 'pose' | 'photoId'>>,
): CameraPath {
  return { ...path, keyframes: path.keyframes.map((key) => (key.id === id ? { ...key, ...change } : key)) };
}

/** Moves a key in time; it may pass others, but comes to stand no closer than a frame to one. */
export function retimeKeyframe(path: CameraPath, id: string, timeMs: number): CameraPath {
  const frameMs = 1000 / path.fps;
  const others = path.keyframes.filter((key) => key.id !== id).map((key) => key.timeMs);
  const isFree = (time: number): boolean => others.every((other) => Math.abs(other - time) >= frameMs - 1e-6);
  const wanted = clampTime(timeMs);
  for (let step = 0; step <= others.length; step++) {
    for (const candidate of [wanted + step * frameMs, wanted - step * frameMs]) {
      if (candidate < 0 || candidate > MAX_DURATION_MS || !isFree(candidate)) continue;
      const keyframes = path.keyframes.map((key) => (key.id === id ? { ...key, timeMs: candidate } : key));
      return withKeyframes(path, keyframes);
    }
  }
  return path;
}

export function deleteKeyframe(path: CameraPath, id: string): CameraPath {
  return { ...path, keyframes: path.keyframes.filter((key) => key.id !== id) };
}

/** A copy of a key, half way to the next one, or a new key's time after the last. */
export function duplicateKeyframe(path: CameraPath, id: string, newId: string): CameraPath {
  const at = path.keyframes.findIndex((key) => key.id === id);
  const key = path.keyframes[at];
  if (key === undefined) return path;
  const next = path.keyframes[at + 1];
  const timeMs = next === undefined ? key.timeMs + MS_PER_NEW_KEY : (key.timeMs + next.timeMs) / 2;
  return addKeyframe(path, { ...key, id: newId, timeMs });
}

/** Opens or closes the curve; a closed one is given the time for its way home, an open one ends with its last key. */
export function setLoop(path: CameraPath, isLoop: boolean): CameraPath {
  if (isLoop === path.isLoop) return path;
  const last = path.keyframes.at(-1)?.timeMs ?? 0;
  const durationMs = isLoop ? clampTime(Math.max(path.durationMs, last + meanSpacing(path.keyframes))) : last;
  return { ...path, isLoop, durationMs: path.keyframes.length === 0 ? path.durationMs : durationMs };
}

/** Stretches all of it to a new duration. */
export function setDuration(path: CameraPath, durationMs: number): CameraPath {
  const wanted = Math.max(1000 / path.fps, clampTime(durationMs));
  const factor = path.durationMs > 0 ? wanted / path.durationMs : 1;
  return {
    ...path,
    durationMs: wanted,
    keyframes: path.keyframes.map((key) => ({ ...key, timeMs: key.timeMs * factor })),
  };
}

export function setFps(path: CameraPath, fps: number): CameraPath {
  return Number.isFinite(fps) ? { ...path, fps: Math.min(120, Math.max(1, Math.round(fps))) } : path;
}

/** Frames of a film of it: a loop's last frame is the one before its first comes again. */
export function frameCount(path: CameraPath): number {
  const frames = (path.durationMs * path.fps) / 1000;
  return path.isLoop ? Math.max(1, Math.round(frames)) : Math.max(1, Math.floor(frames + 1e-6) + 1);
}

export function frameTimeMs(path: CameraPath, frame: number): number {
  return Math.min(path.durationMs, (frame * 1000) / path.fps);
}

export function frameAt(path: CameraPath, timeMs: number): number {
  return Math.round((timeMs * path.fps) / 1000);
}
