import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Metadata, Sharp } from 'sharp';
import sharp from 'sharp';
import type { DecodeOptions, DecodedPhoto, PhotoDecoder } from '../engine/pipeline/load-views.js';
import type { RgbImage } from '../engine/scene/view.js';
import { ImportError } from '../engine/scene/errors.js';

const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** At 12 bytes a pixel, 768 MiB once decoded. */
const MAX_PIXELS = 64 * 1024 * 1024;
const MAX_SIDE = 32768;
const RGB = 3;

const startsWith = (bytes: Uint8Array, signature: readonly number[], at = 0): boolean =>
  signature.every((byte, i) => bytes[at + i] === byte);
const text = (letters: string): number[] => [...letters].map((letter) => letter.charCodeAt(0));

/** sharp would also open SVG, PDF and others that can name further files; only these four ever reach it. */
export function sniffPhotoFormat(bytes: Uint8Array): 'jpeg' | 'png' | 'webp' | 'tiff' | null {
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'jpeg';
  if (startsWith(bytes, [0x89, ...text('PNG\r\n'), 0x1a, 0x0a])) return 'png';
  if (startsWith(bytes, text('RIFF')) && startsWith(bytes, text('WEBP'), 8)) return 'webp';
  const isTiff = (['II', 'MM'] as const).some((order) =>
    [42, 43].some((magic) => startsWith(bytes, [...text(order), ...(order === 'II' ? [magic, 0] : [0, magic])])),
  );
  return isTiff ? 'tiff' : null;
}

function refuse(bytes: Uint8Array, file: string): ImportError {
  if (bytes.length === 0) return new ImportError('truncated', 'The file is empty.', file, '', 'Copy the photo again.');
  const brand = startsWith(bytes, text('ftyp'), 4) ? new TextDecoder('latin1').decode(bytes.subarray(8, 12)) : '';
  const problem = /^(?:hei|hev|mif|msf|avi)/.test(brand)
    ? 'HEIC and AVIF photos cannot be read.'
    : 'This is not a photo in a format that can be read (JPEG, PNG, WebP, TIFF).';
  return new ImportError('unsupported', problem, file, '', 'Convert it to JPEG or PNG.');
}

function translate(error: unknown, file: string): ImportError {
  if (error instanceof ImportError) return error;
  const reason = (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ').slice(0, 200);
  if (/pixel limit/i.test(reason)) return tooLarge(file, 'more pixels than can be taken in');
  const isCut =
    /premature|truncat|end of (stream|file|image)|unexpected end|not enough|out of (data|order read)|eof/i.test(reason);
  return new ImportError(
    isCut ? 'truncated' : 'unreadable',
    isCut ? 'The photo is cut off.' : `The photo cannot be decoded (${reason}).`,
    file,
    '',
    'Copy the photo again, or open it in an image editor and save it anew.',
  );
}

function tooLarge(file: string, what: string): ImportError {
  return new ImportError(
    'too-large',
    `The photo has ${what}.`,
    file,
    '',
    `Scale it down to at most ${MAX_PIXELS / 2 ** 20} megapixels; poses are scaled with it.`,
  );
}

function checkMetadata({ width, height, depth }: Metadata, file: string): void {
  if (!(width >= 1 && height >= 1))
    throw new ImportError('malformed', 'The photo has no pixels.', file, '', 'Copy it again.');
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS)
    throw tooLarge(file, `${width} × ${height} pixels`);
  if (depth !== 'uchar' && depth !== 'ushort')
    throw new ImportError(
      'unsupported',
      `The photo stores its pixels as ${depth}; 8 and 16 bits are supported.`,
      file,
      '',
      'Save it with 8 or 16 bits a channel.',
    );
}

/** Interleaved integers of `channels` channels to RGB and, from a fourth channel, alpha; both 0..1. */
function splitChannels(
  pixels: Uint8Array | Uint16Array,
  size: { readonly width: number; readonly height: number; readonly channels: number },
): Pick<DecodedPhoto, 'image' | 'alpha'> {
  const { width, height, channels } = size;
  const scale = 1 / (pixels instanceof Uint16Array ? 65535 : 255);
  const data = new Float32Array(width * height * RGB);
  const alpha = channels > RGB ? new Float32Array(width * height) : null;
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < RGB; c++) data[i * RGB + c] = pixels[i * channels + c]! * scale;
    if (alpha !== null) alpha[i] = pixels[i * channels + RGB]! * scale;
  }
  return { image: { width, height, data }, alpha };
}

async function decodePixels(input: Sharp, isDeep: boolean): Promise<Pick<DecodedPhoto, 'image' | 'alpha'>> {
  const pipeline = isDeep
    ? input.toColourspace('rgb16').raw({ depth: 'ushort' })
    : input.toColourspace('srgb').raw({ depth: 'uchar' });
  const { data, info } = await pipeline.toBuffer({ resolveWithObject: true });
  if (info.channels < RGB) throw new Error(`decoded to ${info.channels} channels`);
  const pixels = isDeep ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : data;
  return splitChannels(pixels, info);
}

/**
 * Decodes a JPEG, PNG, WebP or TIFF photo (8 or 16 bits, greyscale, palette, CMYK, with or without alpha) to sRGB floats 0..1.
 * An embedded colour profile is honoured for 8 bits; 16-bit values are taken as stored. Of several pages or frames the first is taken. The EXIF orientation is applied once unless asked not to.
 *
 * @param source the file's bytes, or its path. @param file its name for messages.
 * @throws ImportError 'not-found', 'unsupported', 'truncated', 'unreadable', 'too-large' (64 megapixels, 256 MiB).
 */
export async function decodePhoto(
  source: Uint8Array | string,
  file: string = typeof source === 'string' ? basename(source) : 'photo',
  options: DecodeOptions = {},
): Promise<DecodedPhoto> {
  const bytes = typeof source === 'string' ? await readPhotoFile(source, file) : source;
  return openChecked(bytes, file, async (input, metadata) => {
    const isDeep = metadata.depth === 'ushort';
    const decoded = await decodePixels(options.applyOrientation === false ? input : input.autoOrient(), isDeep);
    return { ...decoded, orientation: metadata.orientation ?? 1 };
  });
}

export interface ReducedPhoto {
  readonly image: RgbImage;
  /** Of the whole photo, upright. */
  readonly width: number;
  readonly height: number;
}

/**
 * A photo of at most `maxPixels` pixels, upright, never enlarged; what is transparent is grey.
 *
 * @throws ImportError as {@link decodePhoto} does.
 */
export async function decodeReduced(bytes: Uint8Array, file: string, maxPixels: number): Promise<ReducedPhoto> {
  return openChecked(bytes, file, async (input, { autoOrient: { width, height }, depth }) => {
    const scale = Math.min(1, Math.sqrt(maxPixels / (width * height)));
    const reduced = input
      .autoOrient()
      .resize(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)), { fit: 'fill' })
      .flatten({ background: '#808080' });
    const { image } = await decodePixels(reduced, depth === 'ushort');
    return { image, width, height };
  });
}

export interface SmallPicture {
  readonly jpeg: Uint8Array;
  /** Of the whole photo, as seen. */
  readonly width: number;
  readonly height: number;
}

/**
 * A photo as a small JPEG, upright, its longer side at most `longSide`. The whole photo is decoded on the way, so that one that is cut off
 * or damaged is found out.
 *
 * @throws ImportError as decodePhoto does.
 */
export async function makeThumbnail(path: string, file: string, longSide: number): Promise<SmallPicture> {
  const { jpeg, width, height } = await encodeUpright(await readPhotoFile(path, file), file, { longSide, quality: 80 });
  return { jpeg, width, height };
}

export interface UprightPhoto extends SmallPicture {
  /** Of the JPEG. */
  readonly encodedWidth: number;
  readonly encodedHeight: number;
}

/**
 * A photo as a JPEG that every program reads: upright, sRGB of 8 bits, never enlarged; what is transparent is grey.
 *
 * @param options.focal35Mm written into its EXIF, rounded, and nothing else; left out: no EXIF.
 * @throws ImportError as decodePhoto does.
 */
export async function encodeUpright(
  bytes: Uint8Array,
  file: string,
  options: { readonly longSide: number; readonly quality: number; readonly focal35Mm?: number },
): Promise<UprightPhoto> {
  const { longSide, quality, focal35Mm } = options;
  return openChecked(bytes, file, async (input, { autoOrient: { width, height } }) => {
    const picture = input
      .autoOrient()
      .resize(longSide, longSide, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#808080' })
      .toColourspace('srgb');
    if (focal35Mm !== undefined) picture.withExif({ IFD2: { FocalLengthIn35mmFilm: String(Math.round(focal35Mm)) } });
    const { data, info } = await picture.jpeg({ quality }).toBuffer({ resolveWithObject: true });
    return { jpeg: data, width, height, encodedWidth: info.width, encodedHeight: info.height };
  });
}

/** Hands a photo to sharp, once it is certain that it is one that sharp may be given. */
async function openChecked<T>(
  bytes: Uint8Array,
  file: string,
  use: (input: Sharp, metadata: Metadata) => Promise<T>,
): Promise<T> {
  if (bytes.length > MAX_FILE_BYTES) throw tooLarge(file, `${bytes.length} bytes`);
  if (sniffPhotoFormat(bytes) === null) throw refuse(bytes, file);
  try {
    const settings = { limitInputPixels: MAX_PIXELS, failOn: 'error', pages: 1 } as const;
    const metadata = await sharp(bytes, settings).metadata();
    checkMetadata(metadata, file);
    // sharp converts 16-bit photos with a colour profile to Display P3 primaries, also those that are sRGB already.
    return await use(sharp(bytes, { ...settings, ignoreIcc: metadata.depth === 'ushort' }), metadata);
  } catch (error) {
    throw translate(error, file);
  }
}

/**
 * Size of a photo, upright, from its header alone: the pixels may still turn out to be damaged.
 *
 * @throws ImportError as {@link decodePhoto} does.
 */
export async function measurePhoto(bytes: Uint8Array, file: string): Promise<{ width: number; height: number }> {
  return openChecked(bytes, file, async (_input, { autoOrient: { width, height } }) => ({ width, height }));
}

async function readPhotoFile(path: string, file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) throw tooLarge(file, `${size} bytes`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof ImportError) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const problem = isMissing ? 'The photo does not exist.' : 'The photo cannot be read.';
    throw new ImportError(
      isMissing ? 'not-found' : 'unreadable',
      problem,
      file,
      '',
      'Check the path and its permissions.',
    );
  }
}

/** The engine's photo decoder on Node: libvips through sharp. */
export const sharpPhotoDecoder: PhotoDecoder = { decode: decodePhoto };
