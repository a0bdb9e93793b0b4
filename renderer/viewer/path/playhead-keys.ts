/** Where the playhead stands among the keys, in the path's own timing: at constant speed keys are passed at other times than their own. */
import type { CameraPath, PathKeyframe } from './camera-path.js';
import { addKeyframe, MS_PER_NEW_KEY } from './camera-path.js';
import { createPathSampler } from './path-sampler.js';

/** The key that is passed within half a frame of a time. */
export function keyAt(path: CameraPath, keyTimesMs: readonly number[], timeMs: number): PathKeyframe | null {
  const halfFrameMs = 500 / path.fps;
  const at = keyTimesMs.findIndex((keyTime) => Math.abs(keyTime - timeMs) <= halfFrameMs);
  return path.keyframes[at] ?? null;
}

/** A key's own time that puts it where the playhead stands: between the same two keys, at the same share of the way. */
export function ownTimeAt(path: CameraPath, keyTimesMs: readonly number[], timeMs: number): number {
  const next = keyTimesMs.findIndex((keyTime) => keyTime > timeMs);
  if (next <= 0) return timeMs;
  const [from, to] = [keyTimesMs[next - 1] as number, keyTimesMs[next] as number];
  const share = to > from ? (timeMs - from) / (to - from) : 0;
  const [ownFrom, ownTo] = [path.keyframes[next - 1]!.timeMs, path.keyframes[next]!.timeMs];
  return ownFrom + share * (ownTo - ownFrom);
}

/**
 * A new key at the playhead. Where a key stands already the new one comes after it: half way to the next, or some time after the last,
 * so that views can be added one after the other without touching the time.
 */
export function insertAtPlayhead(
  path: CameraPath,
  keyframe: Omit<PathKeyframe, 'timeMs'>,
  playheadMs: number,
): CameraPath {
  const { keyTimesMs } = createPathSampler(path);
  const standing = keyAt(path, keyTimesMs, playheadMs);
  if (standing === null) {
    return addKeyframe(path, { ...keyframe, timeMs: ownTimeAt(path, keyTimesMs, playheadMs) });
  }
  const next = path.keyframes[path.keyframes.indexOf(standing) + 1];
  const timeMs = next === undefined ? standing.timeMs + MS_PER_NEW_KEY : (standing.timeMs + next.timeMs) / 2;
  return addKeyframe(path, { ...keyframe, timeMs });
}

/** The same path with constant speed off, and keys at the times at which it passed them. */
export function withOwnTimes(path: CameraPath): CameraPath {
  if (!path.isConstantSpeed) return path;
  const { keyTimesMs } = createPathSampler(path);
  return {
    ...path,
    isConstantSpeed: false,
    keyframes: path.keyframes.map((key, i) => ({ ...key, timeMs: keyTimesMs[i] as number })),
  };
}
