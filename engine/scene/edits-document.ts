/**
 * The edits of a scene as a document of the project: which Gaussians are hidden, and the crop box. JSON:
 *
 *   { "format": "vantage-edits", "version": 1, "sceneId": text, "count": N, "fingerprint": text,
 *     "hidden": base64, "removed": base64 or null,
 *     "crop": { "min": [x, y, z], "max": [x, y, z], "up": [x, y, z] } or null }
 *
 * `hidden` is all that the scene is shown and exported without: ⌈N / 8⌉ bytes, Gaussian i in bit i mod 8 of byte ⌊i / 8⌋ (least
 * significant first). `removed` is the part of it that was hidden by hand, where a crop box hides more; null: the same. The box lies in
 * the upright frame of `up` (see uprightRotation). Readers that only export need `count`, `fingerprint` and `hidden`.
 */
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat } from '../math/rigid-transform.js';
import { ImportError, ShapeError } from './errors.js';
import type { Splats } from './splats.js';

const FORMAT = 'vantage-edits';
const VERSION = 1;
const MAX_COUNT = 50_000_000;
const FINGERPRINT_SAMPLES = 4096;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A box whose inside is kept, in the upright frame of a direction. */
export interface CropBox {
  readonly min: Vec3;
  readonly max: Vec3;
  /** Unit vector in the scene's frame that is the box's +y. */
  readonly up: Vec3;
}

export interface EditsDocument {
  readonly sceneId: string;
  readonly count: number;
  /** Of the scene that was edited, by {@link fingerprintSplats}. */
  readonly fingerprint: string;
  /** [N] 1: hidden. */
  readonly hidden: Uint8Array;
  /** [N] 1: hidden by hand. */
  readonly removed: Uint8Array;
  readonly crop: CropBox | null;
}

/** Packs a mask [N] of 0 and 1 into ⌈N / 8⌉ bytes, least significant bit first; any value but 0 counts as 1. */
export function packBits(mask: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(mask.length / 8));
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) bytes[i >> 3]! |= 1 << (i & 7);
  return bytes;
}

/**
 * The inverse of {@link packBits}: a mask [count] of 0 and 1.
 *
 * @throws ShapeError when the bytes are not ⌈count / 8⌉.
 */
export function unpackBits(bytes: Uint8Array, count: number): Uint8Array {
  if (bytes.length !== Math.ceil(count / 8)) throw new ShapeError(`${bytes.length} bytes do not hold ${count} bits`);
  const mask = new Uint8Array(count);
  for (let i = 0; i < count; i++) mask[i] = (bytes[i >> 3]! >> (i & 7)) & 1;
  return mask;
}

/** RFC 4648, section 4, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b = 0, c = 0] = [bytes[i]!, bytes[i + 1], bytes[i + 2]];
    const left = bytes.length - i;
    text += ALPHABET[a >> 2]! + ALPHABET[((a & 3) << 4) | (b >> 4)]!;
    text += left > 1 ? ALPHABET[((b & 15) << 2) | (c >> 6)]! : '=';
    text += left > 2 ? ALPHABET[c & 63]! : '=';
    if (text.length > 8192) {
      parts.push(text);
      text = '';
    }
  }
  parts.push(text);
  return parts.join('');
}

/** The inverse of {@link encodeBase64}; null for a text that is not base64 in that exact form. */
export function decodeBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  const values = new Int8Array(128).fill(-1);
  for (let i = 0; i < 64; i++) values[ALPHABET.charCodeAt(i)] = i;
  const significant = text.length - padding;
  let word = 0;
  for (let i = 0, at = 0; i < text.length; i++) {
    const value = i < significant ? (values[text.charCodeAt(i)] ?? -1) : 0;
    if (value < 0) return null;
    word = ((word << 6) | value) & 0xffffff;
    if ((i & 3) !== 3) continue;
    for (let shift = 16; shift >= 0 && at < bytes.length; shift -= 8) bytes[at++] = (word >> shift) & 255;
  }
  return bytes;
}

/** The document's text. Both masks are [N] for the same N; `removed` must be part of `hidden`. */
export function encodeEdits(edits: EditsDocument): string {
  const { sceneId, count, fingerprint, hidden, removed, crop } = edits;
  if (hidden.length !== count || removed.length !== count) throw new ShapeError(`masks do not fit ${count} Gaussians`);
  const hiddenText = encodeBase64(packBits(hidden));
  const removedText = encodeBase64(packBits(removed));
  return JSON.stringify({
    format: FORMAT,
    version: VERSION,
    sceneId,
    count,
    fingerprint,
    hidden: hiddenText,
    removed: removedText === hiddenText ? null : removedText,
    crop,
  });
}

function malformed(where: string): ImportError {
  return new ImportError('malformed', 'These edits cannot be read.', 'edits', where, 'Edit the scene again.');
}

/**
 * Reads the document; sizes are compared with the count before anything is allocated.
 *
 * @throws ImportError 'malformed' with the field, 'unsupported' for a newer version.
 */
export function decodeEdits(text: string): EditsDocument {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw malformed('');
  }
  if (typeof data !== 'object' || data === null) throw malformed('');
  const fields = data as Readonly<Record<string, unknown>>;
  const { version, count, sceneId, fingerprint } = fields;
  if (fields['format'] !== FORMAT || typeof version !== 'number') throw malformed('format');
  if (version > VERSION) {
    const hint = 'Open the project with a newer Vantage.';
    throw new ImportError('unsupported', 'These edits were saved by a newer version.', 'edits', 'version', hint);
  }
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > MAX_COUNT) throw malformed('count');
  if (typeof sceneId !== 'string') throw malformed('sceneId');
  if (typeof fingerprint !== 'string') throw malformed('fingerprint');
  const hidden = readMask(fields['hidden'], count, 'hidden');
  const removed = fields['removed'] === null ? hidden.slice() : readMask(fields['removed'], count, 'removed');
  return { sceneId, count, fingerprint, hidden, removed, crop: readCrop(fields['crop']) };
}

function readMask(text: unknown, count: number, field: string): Uint8Array {
  if (typeof text !== 'string' || text.length !== 4 * Math.ceil(Math.ceil(count / 8) / 3)) throw malformed(field);
  const bytes = decodeBase64(text);
  if (bytes?.length !== Math.ceil(count / 8)) throw malformed(field);
  return unpackBits(bytes, count);
}

function isVec3(value: unknown): value is Vec3 {
  return Array.isArray(value) && value.length === 3 && value.every((part) => Number.isFinite(part));
}

function readCrop(value: unknown): CropBox | null {
  if (value === null) return null;
  if (typeof value !== 'object') throw malformed('crop');
  const { min, max, up } = value as Readonly<Record<string, unknown>>;
  if (!isVec3(min) || !isVec3(max) || !isVec3(up) || Math.abs(Math.hypot(...up) - 1) > 1e-3) throw malformed('crop');
  if (min.some((low, axis) => low > (max[axis] as number))) throw malformed('crop');
  return { min, max, up };
}

/**
 * What is hidden in a scene by an edits document: [N] 1 = hidden; null when there is none, it cannot be read, or it belongs to another
 * scene. Never throws: edits that do not fit hide nothing.
 */
export function hiddenByEdits(text: string | null, splats: Splats): Uint8Array | null {
  if (text === null) return null;
  try {
    const edits = decodeEdits(text);
    return edits.count === splats.count && edits.fingerprint === fingerprintSplats(splats) ? edits.hidden : null;
  } catch {
    return null;
  }
}

/** Tells scenes of one count apart: FNV-1a (32 bits) over evenly spaced numbers of `means`, as they are stored. */
export function fingerprintSplats(splats: Pick<Splats, 'count' | 'means'>): string {
  const { means, count } = splats;
  const bits = new Uint32Array(1);
  const number = new Float32Array(bits.buffer);
  let hash = 0x811c9dc5;
  const stride = Math.max(1, Math.floor(means.length / FINGERPRINT_SAMPLES));
  for (let i = 0; i < means.length; i += stride) {
    number[0] = means[i]!;
    for (let shift = 0; shift < 32; shift += 8) hash = Math.imul(hash ^ ((bits[0]! >>> shift) & 255), 0x01000193);
  }
  return `${count.toString(16)}-${(hash >>> 0).toString(16).padStart(8, '0')}`;
}

/**
 * worldFromUpright for a unit direction `up`: a rotation whose y column is `up`, by the smallest turn from +y, or from −y and half a
 * turn about x where `up` points below. The upright frame of −y is therefore x, −y, −z.
 */
export function uprightRotation(up: Readonly<Vec3>): Mat3 {
  const isBelow = up[1] < 0;
  const [x, y, z] = isBelow ? [-up[0], -up[1], -up[2]] : up;
  // Rodrigues for the turn from +y to (x, y, z) about (z, 0, −x), with 1 + cos = 1 + y ≥ 1.
  const f = 1 / (1 + y);
  const turn: Mat3 = [1 - x * x * f, x, -x * z * f, -x, y, -z, -x * z * f, z, 1 - z * z * f];
  return isBelow ? multiplyMat(turn, [1, 0, 0, 0, -1, 0, 0, 0, -1]) : turn;
}
