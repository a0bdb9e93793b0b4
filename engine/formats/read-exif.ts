/** Reads what EXIF says about lens and sensor. EXIF is a nicety: damage makes it say less, never fail. */
import type { PhotoExif } from '../scene/photo-exif.js';

/** Tags of EXIF 2.32 (CIPA DC-008-2019), sections 4.6.4 and 4.6.5. */
const TAG = {
  make: 0x010f,
  model: 0x0110,
  exifDirectory: 0x8769,
  focalLength: 0x920a,
  widthPx: 0xa002,
  heightPx: 0xa003,
  focalPlaneXResolution: 0xa20e,
  focalPlaneResolutionUnit: 0xa210,
  digitalZoom: 0xa404,
  focal35Mm: 0xa405,
} as const;

/** Bytes of one value of the types 1 … 5 and 7 … 10: BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SLONG, SRATIONAL. */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };
const ASCII = 2;
const MAX_ENTRIES = 1000;
const MAX_TEXT = 100;
/** FocalPlaneResolutionUnit: inches unless it says centimetres; 4 and 5 (mm, µm) are not in the standard, and written. */
const MM_PER_UNIT: Readonly<Record<number, number>> = { 2: 25.4, 3: 10, 4: 1, 5: 0.001 };

const NOTHING: PhotoExif = {
  make: null,
  model: null,
  focalMm: null,
  focal35Mm: null,
  focalPlanePxPerMm: null,
  digitalZoom: null,
  widthPx: null,
  heightPx: null,
};

/** First value of each tag, as a number or a text. */
type Directory = ReadonlyMap<number, number | string>;

function readText(view: DataView, at: number, count: number): string {
  let text = '';
  for (let k = 0; k < Math.min(count, MAX_TEXT); k++) {
    const code = view.getUint8(at + k);
    if (code === 0) break;
    if (code >= 0x20 && code < 0x7f) text += String.fromCharCode(code);
  }
  return text.trim();
}

function readNumber(view: DataView, at: number, type: number, little: boolean): number {
  switch (type) {
    case 3:
      return view.getUint16(at, little);
    case 4:
      return view.getUint32(at, little);
    case 5:
      return view.getUint32(at, little) / view.getUint32(at + 4, little);
    case 9:
      return view.getInt32(at, little);
    case 10:
      return view.getInt32(at, little) / view.getInt32(at + 4, little);
    default:
      return view.getUint8(at);
  }
}

/** Entries that lie within the bytes; others, and those of unknown types, are passed over. */
function readDirectory(view: DataView, offset: number, little: boolean): Directory {
  const values = new Map<number, number | string>();
  if (offset + 2 > view.byteLength) return values;
  const entries = Math.min(view.getUint16(offset, little), MAX_ENTRIES);
  for (let k = 0; k < entries; k++) {
    const entry = offset + 2 + 12 * k;
    if (entry + 12 > view.byteLength) break;
    const type = view.getUint16(entry + 2, little);
    const count = view.getUint32(entry + 4, little);
    const bytes = (TYPE_BYTES[type] ?? NaN) * count;
    const at = bytes <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
    if (!(bytes > 0 && at + bytes <= view.byteLength)) continue;
    const value = type === ASCII ? readText(view, at, count) : readNumber(view, at, type, little);
    values.set(view.getUint16(entry, little), value);
  }
  return values;
}

/**
 * Lens and sensor from an EXIF block: a TIFF header and its directories, with or without "Exif\0\0" before it. Numbers that are not positive and
 * finite, which cameras write for "unknown", become null.
 */
export function readExif(block: Uint8Array): PhotoExif {
  const hasMark = block.length > 6 && block[0] === 0x45 && block[1] === 0x78 && block[2] === 0x69 && block[3] === 0x66;
  const bytes = hasMark ? block.subarray(6) : block;
  if (bytes.length < 8) return NOTHING;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = view.getUint16(0);
  const little = order === 0x4949;
  if ((!little && order !== 0x4d4d) || view.getUint16(2, little) !== 42) return NOTHING;
  const main = readDirectory(view, view.getUint32(4, little), little);
  const offset = main.get(TAG.exifDirectory);
  const exif = typeof offset === 'number' ? readDirectory(view, offset, little) : new Map<number, number>();
  const number = (tag: number): number | null => {
    const value = exif.get(tag);
    return typeof value === 'number' && value > 0 && value < Infinity ? value : null;
  };
  const text = (tag: number): string | null => {
    const value = main.get(tag);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const perUnit = number(TAG.focalPlaneXResolution);
  const unitMm = MM_PER_UNIT[number(TAG.focalPlaneResolutionUnit) ?? 2] ?? null;
  return {
    make: text(TAG.make),
    model: text(TAG.model),
    focalMm: number(TAG.focalLength),
    focal35Mm: number(TAG.focal35Mm),
    focalPlanePxPerMm: perUnit !== null && unitMm !== null ? perUnit / unitMm : null,
    digitalZoom: number(TAG.digitalZoom),
    widthPx: number(TAG.widthPx),
    heightPx: number(TAG.heightPx),
  };
}
