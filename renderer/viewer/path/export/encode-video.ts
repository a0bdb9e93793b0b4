/** A path as MP4 or WebM, by the browser's own encoders (WebCodecs). */
import type { Target } from 'mediabunny';
import {
  BufferTarget,
  canEncodeVideo,
  Mp4OutputFormat,
  NullTarget,
  Output,
  Quality,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from 'mediabunny';
import type { Picture } from './encode-png.js';
import type { PictureSize } from './export-plan.js';
import type { FramesRequest } from './render-frames.js';
import { renderFrames, untilAborted } from './render-frames.js';
import { rgbaToI420, VIDEO_COLOR_SPACE } from './rgba-to-i420.js';
import type { VideoCandidate, VideoContainer, VideoQuality } from './video-candidates.js';
import { candidatesFor, pickCandidate } from './video-candidates.js';

const KEY_FRAME_SECONDS = 2;
const TRIAL_FRAMES = 2;

/** No encoder of this browser takes the size. */
export class NoVideoEncoderError extends Error {
  override readonly name = 'NoVideoEncoderError';
}

/** What can be encoded at a size; null where nothing can. */
export function findVideoEncoder(
  wanted: VideoContainer,
  size: PictureSize,
  fps: number,
  quality: VideoQuality,
): Promise<VideoCandidate | null> {
  if (typeof VideoEncoder === 'undefined') return Promise.resolve(null);
  return pickCandidate(candidatesFor(wanted), async (candidate) => {
    const options = { ...size, frameRate: fps, quality: new Quality(quality) };
    return (await canEncodeVideo(candidate.codec, options)) && (await passesTrial(candidate, size, fps, quality));
  });
}

/** Two frames through the encoder, thrown away. */
async function passesTrial(
  candidate: VideoCandidate,
  size: PictureSize,
  fps: number,
  quality: VideoQuality,
): Promise<boolean> {
  const { output, source } = createOutput(candidate, quality, fps, new NullTarget());
  await output.start();
  const grey = { ...size, data: new Uint8ClampedArray(size.width * size.height * 4).fill(128) };
  for (let frame = 0; frame < TRIAL_FRAMES; frame++) await addFrame(source, grey, frame, fps);
  await output.finalize();
  return true;
}

export interface VideoResult {
  readonly candidate: VideoCandidate;
  /** null: it was written to the target that was handed in. */
  readonly blob: Blob | null;
}

/** `target` null: into memory. On cancel and on failure nothing is kept. */
export async function encodeVideo(
  request: FramesRequest,
  wanted: { readonly container: VideoContainer; readonly quality: VideoQuality },
  target: Target | null,
): Promise<VideoResult> {
  const { size, path, signal } = request;
  const candidate = await findVideoEncoder(wanted.container, size, path.fps, wanted.quality);
  if (candidate === null) throw new NoVideoEncoderError('This browser has no encoder for a video of this size.');
  const memory = target === null ? new BufferTarget() : null;
  const { output, source } = createOutput(candidate, wanted.quality, path.fps, memory ?? (target as Target));
  try {
    await output.start();
    await renderFrames(request, (picture, index) => addFrame(source, picture, index, path.fps));
    await untilAborted(output.finalize(), signal);
  } catch (error) {
    await output.cancel().catch(() => undefined);
    throw error;
  }
  const buffer = memory?.buffer ?? null;
  const type = candidate.container === 'mp4' ? 'video/mp4' : 'video/webm';
  return { candidate, blob: buffer === null ? null : new Blob([buffer], { type }) };
}

function createOutput(
  { container, codec }: VideoCandidate,
  quality: VideoQuality,
  fps: number,
  target: Target,
): { readonly output: Output; readonly source: VideoSampleSource } {
  const output = new Output({
    format: container === 'mp4' ? new Mp4OutputFormat() : new WebMOutputFormat(),
    target,
  });
  const source = new VideoSampleSource({
    codec,
    quality: new Quality(quality),
    keyFrameInterval: KEY_FRAME_SECONDS,
    latencyMode: 'quality',
  });
  output.addVideoTrack(source, { frameRate: fps });
  return { output, source };
}

async function addFrame(source: VideoSampleSource, picture: Picture, index: number, fps: number): Promise<void> {
  const sample = new VideoSample(rgbaToI420(picture), {
    format: 'I420',
    codedWidth: picture.width,
    codedHeight: picture.height,
    timestamp: index / fps,
    duration: 1 / fps,
    colorSpace: VIDEO_COLOR_SPACE,
  });
  try {
    await source.add(sample);
  } finally {
    sample.close();
  }
}
