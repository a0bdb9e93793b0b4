/** The window's camera path and its playhead. The path changes by operations of the history (path-editing.ts), the playhead freely. */
import { create } from 'zustand';
import type { CameraPath } from '../../viewer/path/camera-path.js';
import { EMPTY_PATH } from '../../viewer/path/camera-path.js';
import type { PathSampler } from '../../viewer/path/path-sampler.js';
import { createPathSampler } from '../../viewer/path/path-sampler.js';
import type { PlaybackState } from '../../viewer/path/playback.js';
import { STOPPED } from '../../viewer/path/playback.js';

/** A look aside from the path's own direction, in the camera's axes. */
export interface LookOffset {
  readonly yawRad: number;
  readonly pitchRad: number;
}

export const LOOK_AHEAD: LookOffset = { yawRad: 0, pitchRad: 0 };

export interface PathState {
  readonly path: CameraPath;
  /** It is the one through the photos and follows them; nobody has edited it. */
  readonly isAutomatic: boolean;
  readonly selectedKeyId: string | null;
}

export interface PathStore extends PathState {
  readonly playback: PlaybackState;
  /** The viewer's camera is the path's; any other movement of it ends that. */
  readonly isFollowing: boolean;
  readonly look: LookOffset;
}

export const usePathStore = create<PathStore>(() => ({
  path: EMPTY_PATH,
  isAutomatic: true,
  selectedKeyId: null,
  playback: STOPPED,
  isFollowing: false,
  look: LOOK_AHEAD,
}));

let sampled: { readonly path: CameraPath; readonly sampler: PathSampler } | null = null;

/** Of the present path; made once for each. */
export function samplerOf(path: CameraPath): PathSampler {
  if (sampled?.path !== path) sampled = { path, sampler: createPathSampler(path) };
  return sampled.sampler;
}
