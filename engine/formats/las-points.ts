/** Points of a LAS file out of their records, formats 0 to 10 ("LAS Specification 1.4 - R15", section 2.6, tables 7 to 17). */
import type { PointFieldData } from '../scene/sensor-points.js';
import type { PointBatch } from './cloud-reader.js';
import type { ExtraField } from './las-extra-bytes.js';

/** Where a point's parts lie in its record; null where its format has none. */
export interface LasLayout {
  readonly recordBytes: number;
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  readonly isExtended: boolean;
  readonly timeByte: number | null;
  readonly colorByte: number | null;
  readonly nirByte: number | null;
  readonly extraFields: readonly ExtraField[];
}

/** How the 16-bit colours of a file are meant. */
export type ColorDepth = 'none' | '8-bit' | '16-bit';

const TIME_BYTES: readonly (number | null)[] = [null, 20, null, 20, 20, 20, 22, 22, 22, 22, 22];
const COLOR_BYTES: readonly (number | null)[] = [null, null, 20, 28, null, 28, null, 30, 30, null, 30];
const NIR_BYTES: readonly (number | null)[] = [null, null, null, null, null, null, null, null, 36, null, 36];

/** The layout of a point format; names of extra fields that are taken already get a number. */
export function layoutOfLas(
  header: { readonly pointFormat: number; readonly recordBytes: number } & Pick<LasLayout, 'scale' | 'offset'>,
  extraFields: readonly ExtraField[],
): LasLayout {
  const { pointFormat, recordBytes, scale, offset } = header;
  return {
    recordBytes,
    scale,
    offset,
    isExtended: pointFormat >= 6,
    timeByte: TIME_BYTES[pointFormat] ?? null,
    colorByte: COLOR_BYTES[pointFormat] ?? null,
    nirByte: NIR_BYTES[pointFormat] ?? null,
    extraFields,
  };
}

/** One number of every record. */
interface FieldReader {
  readonly name: string;
  readonly isWide: boolean;
  readonly read: (view: DataView, at: number) => number;
}

/** Readers of all fields, in the order in which they are shown. */
function fieldReaders(layout: LasLayout): FieldReader[] {
  const { isExtended, timeByte, nirByte } = layout;
  const readers: FieldReader[] = [
    { name: 'intensity', isWide: false, read: (view, at) => view.getUint16(at + 12, true) },
    {
      name: 'classification',
      isWide: false,
      // Up to format 5 the byte's three high bits are flags.
      read: isExtended ? (view, at) => view.getUint8(at + 16) : (view, at) => view.getUint8(at + 15) & 31,
    },
    {
      name: 'returnNumber',
      isWide: false,
      read: (view, at) => view.getUint8(at + 14) & (isExtended ? 15 : 7),
    },
  ];
  if (timeByte !== null)
    readers.push({ name: 'time', isWide: true, read: (view, at) => view.getFloat64(at + timeByte, true) });
  if (nirByte !== null)
    readers.push({ name: 'nir', isWide: false, read: (view, at) => view.getUint16(at + nirByte, true) });
  const taken = new Set(readers.map(({ name }) => name));
  for (const field of layout.extraFields) {
    let name = field.name;
    for (let n = 2; taken.has(name); n++) name = `${field.name} (${n})`;
    taken.add(name);
    readers.push({ name, isWide: field.isWide, read: (view, at) => readExtra(field, view, at) });
  }
  return readers;
}

function readExtra({ read, byte, scale, offset, noData }: ExtraField, view: DataView, at: number): number {
  const stored = read(view, at + byte);
  return stored === noData ? NaN : stored * scale + offset;
}

export interface LasDecoder {
  readonly fieldNames: readonly string[];
  /** Points of `count` records that lie one after the other in `records`, and how many were left out. */
  decode(records: Uint8Array, count: number): { readonly batch: PointBatch; readonly leftOut: number };
}

/**
 * Makes the decoder of a file's records: `position = stored · scale + offset` in float64. A record whose position is not finite (a scale
 * near 1e300) is left out; a field that is not a number, such as a GPS time of NaN or a stated "no data", stays NaN and keeps its point.
 */
export function createLasDecoder(layout: LasLayout, depth: ColorDepth): LasDecoder {
  const readers = fieldReaders(layout);
  return {
    fieldNames: readers.map(({ name }) => name),
    decode(records, count) {
      const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
      const positions = new Float64Array(count * 3);
      const kept = readPositions(view, layout, { count, positions });
      const colorByte = depth === 'none' ? null : layout.colorByte;
      const fields = new Map<string, PointFieldData>();
      for (const { name, isWide, read } of readers) {
        const values = isWide ? new Float64Array(kept.length) : new Float32Array(kept.length);
        for (let i = 0; i < kept.length; i++) values[i] = read(view, kept[i]!);
        fields.set(name, values);
      }
      const batch: PointBatch = {
        count: kept.length,
        positions: positions.subarray(0, kept.length * 3),
        colors: colorByte === null ? null : readColors(view, kept, { colorByte, depth }),
        fields,
      };
      return { batch, leftOut: count - kept.length };
    },
  };
}

/** Fills the positions and gives where the records begin that have a finite one. */
function readPositions(
  view: DataView,
  { recordBytes, scale, offset }: LasLayout,
  { count, positions }: { count: number; positions: Float64Array },
): Uint32Array {
  const starts = new Uint32Array(count);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const at = i * recordBytes;
    const x = view.getInt32(at, true) * scale[0]! + offset[0]!;
    const y = view.getInt32(at + 4, true) * scale[1]! + offset[1]!;
    const z = view.getInt32(at + 8, true) * scale[2]! + offset[2]!;
    if (!Number.isFinite(x + y + z)) continue;
    positions[kept * 3] = x;
    positions[kept * 3 + 1] = y;
    positions[kept * 3 + 2] = z;
    starts[kept++] = at;
  }
  return starts.subarray(0, kept);
}

/** The high byte: exact whether a writer made 16 bits of 8 by times 257 (the specification's normalisation) or by times 256. */
function readColors(
  view: DataView,
  starts: Uint32Array,
  { colorByte, depth }: { colorByte: number; depth: ColorDepth },
): Uint8Array {
  const colors = new Uint8Array(starts.length * 3);
  for (let i = 0; i < starts.length; i++)
    for (let channel = 0; channel < 3; channel++) {
      const stored = view.getUint16(starts[i]! + colorByte + 2 * channel, true);
      colors[i * 3 + channel] = depth === '16-bit' ? stored >> 8 : Math.min(stored, 255);
    }
  return colors;
}
