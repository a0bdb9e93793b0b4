/** The playhead: plays, halts, steps and jumps. Time comes in from outside, so that it can be tested without a clock. */
import type { CameraPath } from './camera-path.js';
import { frameAt, frameTimeMs } from './camera-path.js';

export interface PlaybackState {
  readonly timeMs: number;
  readonly isPlaying: boolean;
  /** 1: as it was timed. */
  readonly speed: number;
}

export const SPEEDS = [0.25, 0.5, 1, 2, 4] as const;
export const STOPPED: PlaybackState = { timeMs: 0, isPlaying: false, speed: 1 };

/** Starts from the beginning where it had come to the end. */
export function togglePlay(state: PlaybackState, path: CameraPath): PlaybackState {
  if (state.isPlaying) return { ...state, isPlaying: false };
  if (path.keyframes.length < 2 || path.durationMs <= 0) return state;
  const isAtEnd = !path.isLoop && state.timeMs >= path.durationMs - 1e-6;
  return { ...state, isPlaying: true, timeMs: isAtEnd ? 0 : state.timeMs };
}

/** After some time of the clock: goes round a loop, halts at the end of an open path. */
export function advance(state: PlaybackState, path: CameraPath, elapsedMs: number): PlaybackState {
  if (!state.isPlaying) return state;
  const timeMs = state.timeMs + Math.max(0, elapsedMs) * state.speed;
  if (timeMs < path.durationMs) return { ...state, timeMs };
  if (path.isLoop && path.durationMs > 0) return { ...state, timeMs: timeMs % path.durationMs };
  return { ...state, timeMs: path.durationMs, isPlaying: false };
}

/** Whole frames on or back; halts. A loop goes round, an open path ends. */
export function stepFrames(state: PlaybackState, path: CameraPath, frames: number): PlaybackState {
  const wanted = frameTimeMs({ ...path, durationMs: Infinity }, frameAt(path, state.timeMs) + frames);
  return seek({ ...state, isPlaying: false }, path, wanted);
}

export function seek(state: PlaybackState, path: CameraPath, timeMs: number): PlaybackState {
  if (!Number.isFinite(timeMs)) return state;
  const lap = path.durationMs;
  if (!path.isLoop || lap <= 0) return { ...state, timeMs: Math.min(lap, Math.max(0, timeMs)) };
  return { ...state, timeMs: timeMs === lap ? lap : ((timeMs % lap) + lap) % lap };
}

/** To the nearest key before or after the playhead; stays where there is none. */
export function jumpToKey(
  state: PlaybackState,
  path: CameraPath,
  keyTimesMs: readonly number[],
  direction: 1 | -1,
): PlaybackState {
  const tolerance = 1;
  const candidates = keyTimesMs.filter((time) => (time - state.timeMs) * direction > tolerance);
  const sorted = [...candidates].sort((a, b) => (a - b) * direction);
  return sorted[0] === undefined ? state : seek({ ...state, isPlaying: false }, path, sorted[0]);
}
