/** Starts, watches and ends an export of pictures. The file reaches the user only when it is whole. */
import { StreamTarget } from 'mediabunny';
import { useAppStore } from '../../../app/store.js';
import { frameCount } from '../../../viewer/path/camera-path.js';
import { encodePng } from '../../../viewer/path/export/encode-png.js';
import { encodeVideo, NoVideoEncoderError } from '../../../viewer/path/export/encode-video.js';
import type { ExportProgress } from '../../../viewer/path/export/export-plan.js';
import { evenSize, framesBytes, progressOf, STREAM_FROM_BYTES } from '../../../viewer/path/export/export-plan.js';
import { writeFrameZip, ZipTooLargeError } from '../../../viewer/path/export/frame-zip.js';
import { untilAborted } from '../../../viewer/path/export/render-frames.js';
import { getViewer } from '../../viewer/viewer-instance.js';
import { usePathStore } from '../path-store.js';
import { saveBlob } from '../save-file.js';
import type { PathExportOutcome } from './export-store.js';
import { usePathExport } from './export-store.js';
import { openFileStream } from './file-stream.js';

interface Running {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ExportProgress) => void;
}

type Finished = Extract<PathExportOutcome, { status: 'finished' }>;

export async function runPathExport(): Promise<void> {
  const { kind, outcome } = usePathExport.getState();
  if (outcome.status === 'running') return;
  const abort = new AbortController();
  const cancel = (): void => abort.abort();
  const show = (now: PathExportOutcome): void => usePathExport.setState({ outcome: now });
  show({ status: 'running', progress: null, cancel });
  usePathStore.setState(({ playback }) => ({ playback: { ...playback, isPlaying: false } }));
  const running: Running = {
    signal: abort.signal,
    onProgress: (progress) => {
      if (!abort.signal.aborted) show({ status: 'running', progress, cancel });
    },
  };
  const jobs = { video: exportVideo, frames: exportFrames, still: exportStill };
  try {
    show(await jobs[kind](running));
  } catch (error) {
    show(abort.signal.aborted || isAbort(error) ? { status: 'cancelled' } : failureOf(error));
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

function failureOf(error: unknown): PathExportOutcome {
  const detail = error instanceof Error ? error.message : '';
  if (error instanceof NoVideoEncoderError) return { status: 'failed', reason: 'no-encoder', detail };
  if (error instanceof ZipTooLargeError || error instanceof RangeError) {
    return { status: 'failed', reason: 'too-large', detail };
  }
  return { status: 'failed', reason: 'other', detail };
}

function baseName(): string {
  const name = useAppStore.getState().state?.scene?.name ?? '';
  const safe = name.replace(/[^\p{L}\p{N}_.-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '');
  return safe === '' ? 'vantage' : safe;
}

async function exportStill({ signal, onProgress }: Running): Promise<Finished> {
  const { size } = usePathExport.getState();
  const viewer = getViewer();
  onProgress(progressOf(0, 1, 0));
  const picture = await untilAborted(viewer.renderStill(viewer.pose, size.width, size.height), signal);
  const blob = await untilAborted(encodePng(picture, signal), signal);
  const fileName = `${baseName()}.png`;
  saveBlob(blob, fileName);
  return { status: 'finished', fileName, bytes: blob.size, codec: null };
}

async function exportFrames(running: Running): Promise<Finished> {
  const { size } = usePathExport.getState();
  const { path } = usePathStore.getState();
  const fileName = `${baseName()}-frames.zip`;
  const isLarge = framesBytes(size, frameCount(path)) > STREAM_FROM_BYTES;
  const file = isLarge ? await openFileStream(fileName, 'application/zip', '.zip') : null;
  const parts: Blob[] = [];
  const request = { viewer: getViewer(), path, size, ...running };
  try {
    await writeFrameZip(request, {
      // Each a blob of its own: the browser may keep blobs on disk, arrays it may not.
      write: async (bytes) => (file === null ? void parts.push(new Blob([bytes])) : file.write(bytes)),
    });
    await file?.close();
  } catch (error) {
    await file?.abort().catch(() => undefined);
    throw error;
  }
  const blob = file === null ? new Blob(parts, { type: 'application/zip' }) : null;
  if (blob !== null) saveBlob(blob, fileName);
  return { status: 'finished', fileName, bytes: blob?.size ?? null, codec: null };
}

async function exportVideo(running: Running): Promise<Finished> {
  const { size, container, quality } = usePathExport.getState();
  const { path } = usePathStore.getState();
  const even = evenSize(size);
  // At the highest quality a pixel of a frame seldom takes more than a quarter of a bit.
  const isLarge = (even.width * even.height * frameCount(path)) / 32 > STREAM_FROM_BYTES;
  const file = isLarge
    ? await openFileStream(`${baseName()}.${container}`, `video/${container}`, `.${container}`)
    : null;
  const request = { viewer: getViewer(), path, size: even, ...running };
  const target = file === null ? null : new StreamTarget(file, { chunked: true });
  try {
    const { candidate, blob } = await encodeVideo(request, { container, quality }, target);
    const fileName = `${baseName()}.${candidate.container}`;
    if (blob !== null) saveBlob(blob, fileName);
    return { status: 'finished', fileName, bytes: blob?.size ?? null, codec: candidate.codec };
  } catch (error) {
    await file?.abort().catch(() => undefined);
    throw error;
  }
}
