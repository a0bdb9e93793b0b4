/** Names that a page sends become names of files: inside the upload's folder, possible on every system, and otherwise as they were. */
import { createHash } from 'node:crypto';

const MAX_PARTS = 24;
const MAX_PATH_CHARACTERS = 4096;
/** File systems allow 255 bytes; a number may have to be put in, and others copy these files with a few characters more. */
const MAX_PART_BYTES = 200;
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i;
const WINDOWS_CHARACTERS = /[<>:"|?*]/g;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

function shorten(part: string): string {
  if (Buffer.byteLength(part) <= MAX_PART_BYTES) return part;
  const dot = part.lastIndexOf('.');
  const ending = dot > 0 && part.length - dot <= 12 ? part.slice(dot) : '';
  const mark = createHash('sha256').update(part).digest('hex').slice(0, 8);
  const room = MAX_PART_BYTES - Buffer.byteLength(ending) - mark.length - 1;
  let stem = '';
  for (const character of part) {
    if (Buffer.byteLength(stem + character) > room) break;
    stem += character;
  }
  return `${stem}~${mark}${ending}`;
}

function safePart(part: string, isWindows: boolean): string {
  const possible = isWindows ? part.replace(WINDOWS_CHARACTERS, '_').replace(/[. ]+$/, '_') : part;
  return shorten(WINDOWS_DEVICE.test(possible) ? `_${possible}` : possible);
}

/**
 * @param encoded percent-encoded parts with slashes between them, as they stand in the address.
 * @returns parts of a relative path; null when it is none, or would lead elsewhere.
 */
export function safeUploadPath(encoded: string, isWindows = process.platform === 'win32'): readonly string[] | null {
  if (encoded.length > MAX_PATH_CHARACTERS * 3) return null;
  let decoded: string[];
  try {
    decoded = encoded.split('/').map(decodeURIComponent);
  } catch {
    return null;
  }
  const isHarmful = (part: string): boolean =>
    part === '' || part === '.' || part === '..' || CONTROL.test(part) || /[\\/]/.test(part);
  if (decoded.length > MAX_PARTS || decoded.join('/').length > MAX_PATH_CHARACTERS || decoded.some(isHarmful))
    return null;
  return decoded.map((part) => safePart(part, isWindows));
}
