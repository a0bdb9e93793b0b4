/** What an export will take, before it is begun. */

export const MAX_STILL_SIDE_PX = 16_384;
export const MAX_VIDEO_SIDE_PX = 7680;
const MIN_SIDE_PX = 16;
/** RGBA of the picture, the tiles it is drawn in, and what the file may need at worst. */
const STILL_BYTES_PER_PIXEL = 4 + 1 + 3;
const FRAME_PNG_BYTES_PER_PIXEL = 1.2;
/** Only part of what is free can be had by one window. */
const USABLE_SHARE = 0.6;

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export function isUsableSize({ width, height }: PictureSize, maxSidePx: number): boolean {
  return [width, height].every((side) => Number.isInteger(side) && side >= MIN_SIDE_PX && side <= maxSidePx);
}

/** Video frames have even sides: chroma is stored for every second pixel. */
export function evenSize({ width, height }: PictureSize): PictureSize {
  return { width: width - (width % 2), height: height - (height % 2) };
}

export function stillBytes({ width, height }: PictureSize): number {
  return width * height * STILL_BYTES_PER_PIXEL;
}

/** `freeBytes`: what the machine has free; null: not known, and then the device's own limit decides when it is tried. */
export function fitsMemory(bytes: number, freeBytes: number | null): boolean {
  return freeBytes === null || bytes <= freeBytes * USABLE_SHARE;
}

export function framesBytes({ width, height }: PictureSize, frames: number): number {
  return Math.round(width * height * FRAME_PNG_BYTES_PER_PIXEL * frames);
}

/** ZIP without its 64-bit extension. */
export const MAX_ZIP_BYTES = 0xffffffff;

/** What is expected to be larger goes straight into a file, where the browser can. */
export const STREAM_FROM_BYTES = 300 * 1024 * 1024;

export interface ExportProgress {
  readonly done: number;
  readonly total: number;
  /** null until a frame tells how long one takes. */
  readonly etaMs: number | null;
}

export function progressOf(done: number, total: number, elapsedMs: number): ExportProgress {
  return { done, total, etaMs: done === 0 ? null : (elapsedMs / done) * (total - done) };
}

export function frameName(index: number): string {
  return `frame_${String(index + 1).padStart(5, '0')}.png`;
}
