/** The frames as numbered PNGs in a ZIP, with the path beside them. PNGs are stored as they are: they are deflated already. */
import { strToU8, Zip, ZipPassThrough } from 'fflate';
import { writePathDocument } from '../path-document.js';
import { encodePng } from './encode-png.js';
import { frameName, MAX_ZIP_BYTES } from './export-plan.js';
import type { FramesRequest } from './render-frames.js';
import { renderFrames } from './render-frames.js';

/** Takes the file's bytes in order. */
export interface ByteSink {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

export class ZipTooLargeError extends Error {
  override readonly name = 'ZipTooLargeError';
}

export async function writeFrameZip(request: FramesRequest, sink: ByteSink): Promise<void> {
  let waiting: Promise<void> = Promise.resolve();
  let failure: Error | null = null;
  let bytes = 0;
  const zip = new Zip((error, chunk) => {
    if (error !== null) failure = error;
    bytes += chunk.length;
    waiting = waiting.then(() => sink.write(chunk));
  });
  const add = async (name: string, data: Uint8Array): Promise<void> => {
    if (bytes + data.length > MAX_ZIP_BYTES) throw new ZipTooLargeError('The ZIP would pass 4 GB.');
    const entry = new ZipPassThrough(name);
    zip.add(entry);
    entry.push(data, true);
    await waiting;
    if (failure !== null) throw failure;
  };
  await add('path.json', strToU8(writePathDocument(request.path)));
  await renderFrames(request, async (picture, index) => {
    const png = await encodePng(picture, request.signal);
    await add(frameName(index), new Uint8Array(await png.arrayBuffer()));
  });
  zip.end();
  await waiting;
}
