/**
 * Pictures as PNG (W3C PNG, third edition): 8 bits, RGB where nothing is transparent, RGBA otherwise, marked as sRGB. Written here
 * because a canvas cannot hold every size that a still may have. Rows are filtered and deflated in stripes, so that neither the window
 * stands still nor a second picture of the same size is held.
 */
import { yieldToPage } from './yield-to-page.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const STRIPE_BYTES = 2 * 1024 * 1024;
const FILTER_SUB = 1;
const FILTER_UP = 2;

/** What is read of an ImageData. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGBA, rows from the top. */
  readonly data: Uint8ClampedArray;
}

export async function encodePng(picture: Picture, signal?: AbortSignal): Promise<Blob> {
  const { width, height, data } = picture;
  const channels = isOpaque(data) ? 3 : 4;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 3 ? 2 : 6, 0, 0, 0], 8);
  const parts: BlobPart[] = [
    new Uint8Array(SIGNATURE),
    chunk('IHDR', header),
    // Rendering intent 0: perceptual.
    chunk('sRGB', new Uint8Array(1)),
  ];
  const deflate = new CompressionStream('deflate');
  const collected = collect(deflate.readable, parts);
  const writer = deflate.writable.getWriter();
  const rowsPerStripe = Math.max(1, Math.floor(STRIPE_BYTES / (width * channels + 1)));
  try {
    for (let row = 0; row < height; row += rowsPerStripe) {
      signal?.throwIfAborted();
      await writer.write(filterRows(picture, channels, row, Math.min(height, row + rowsPerStripe)));
      await yieldToPage();
    }
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    await collected.catch(() => undefined);
    throw error;
  }
  await collected;
  parts.push(chunk('IEND', new Uint8Array(0)));
  return new Blob(parts, { type: 'image/png' });
}

async function collect(readable: ReadableStream<Uint8Array>, parts: BlobPart[]): Promise<void> {
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parts.push(chunk('IDAT', value));
  }
}

function isOpaque(data: Uint8ClampedArray): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  return true;
}

/** Rows without their neighbours' share: of the two filters that need no choice of paths, the one that leaves less. */
function filterRows(picture: Picture, channels: 3 | 4, from: number, to: number): Uint8Array<ArrayBuffer> {
  const rowBytes = picture.width * channels;
  const out = new Uint8Array((to - from) * (rowBytes + 1));
  let current = new Uint8Array(rowBytes);
  let above = new Uint8Array(rowBytes);
  if (from > 0) takeRow(picture, channels, from - 1, above);
  for (let row = from; row < to; row++) {
    takeRow(picture, channels, row, current);
    let sub = 0;
    let up = 0;
    for (let i = 0; i < rowBytes; i++) {
      const value = current[i]!;
      sub += magnitude(value - (i < channels ? 0 : current[i - channels]!));
      up += magnitude(value - above[i]!);
    }
    const at = (row - from) * (rowBytes + 1);
    out[at] = up < sub ? FILTER_UP : FILTER_SUB;
    for (let i = 0; i < rowBytes; i++) {
      const beside = up < sub ? above[i]! : i < channels ? 0 : current[i - channels]!;
      out[at + 1 + i] = current[i]! - beside;
    }
    [current, above] = [above, current];
  }
  return out;
}

/** Of a difference taken modulo 256, as a signed byte. */
function magnitude(difference: number): number {
  const byte = difference & 255;
  return byte < 128 ? byte : 256 - byte;
}

function takeRow({ width, data }: Picture, channels: 3 | 4, row: number, into: Uint8Array): void {
  const start = row * width * 4;
  if (channels === 4) {
    into.set(data.subarray(start, start + width * 4));
    return;
  }
  for (let x = 0, i = start, o = 0; x < width; x++, i += 4, o += 3) {
    into[o] = data[i]!;
    into[o + 1] = data[i + 1]!;
    into[o + 2] = data[i + 2]!;
  }
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC_TABLE[(c ^ byte) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}
