/** Draws each frame of a path, one after the other, as fast as it goes: the film does not depend on the machine. */
import type { SceneViewer, ViewPose } from '../../viewer-contract.js';
import type { CameraPath } from '../camera-path.js';
import { frameCount, frameTimeMs } from '../camera-path.js';
import { createPathSampler } from '../path-sampler.js';
import type { Picture } from './encode-png.js';
import type { ExportProgress, PictureSize } from './export-plan.js';
import { progressOf } from './export-plan.js';
import { yieldToPage } from './yield-to-page.js';

export interface FramesRequest {
  readonly viewer: Pick<SceneViewer, 'renderStill'>;
  readonly path: CameraPath;
  readonly size: PictureSize;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ExportProgress) => void;
}

/** Rejects as soon as it is cancelled, also while the work itself cannot be halted: its result is dropped then. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

export async function renderFrames(
  { viewer, path, size, signal, onProgress }: FramesRequest,
  take: (picture: Picture, index: number) => Promise<void>,
): Promise<void> {
  const sampler = createPathSampler(path);
  const total = frameCount(path);
  const startMs = performance.now();
  onProgress(progressOf(0, total, 0));
  for (let index = 0; index < total; index++) {
    // Drawing and encoding may never leave the chain of promises, and then no click on Cancel would ever arrive.
    await yieldToPage();
    signal.throwIfAborted();
    const pose = sampler.poseAt(frameTimeMs(path, index)) as ViewPose;
    const picture = await untilAborted(viewer.renderStill(pose, size.width, size.height), signal);
    await untilAborted(take(picture, index), signal);
    onProgress(progressOf(index + 1, total, performance.now() - startMs));
  }
}
