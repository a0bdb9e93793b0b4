/** The extra bytes of LAS points, as the file's own record describes them ("LAS Specification 1.4 - R15", section 4.3 and table 24). */
import { zeroTerminated } from './las-records.js';

/** One number that every point has besides those of its format. */
export interface ExtraField {
  readonly name: string;
  /** Within a point's record. */
  readonly byte: number;
  readonly read: (view: DataView, at: number) => number;
  /** `value = stored · scale + offset`. */
  readonly scale: number;
  readonly offset: number;
  /** Stored value that means "not measured"; null where there is none. */
  readonly noData: number | null;
  /** Whether float32 would lose digits. */
  readonly isWide: boolean;
}

const DESCRIPTOR_BYTES = 192;
const NO_DATA_FLAG = 1;
const SCALE_FLAG = 8;
const OFFSET_FLAG = 16;

interface StoredType {
  readonly bytes: number;
  readonly isWide: boolean;
  readonly read: ExtraField['read'];
}

/** Types 1 to 10 of table 24; 11 to 20 are pairs and 21 to 30 triples of them. */
const TYPES: readonly StoredType[] = [
  { bytes: 1, isWide: false, read: (view, at) => view.getUint8(at) },
  { bytes: 1, isWide: false, read: (view, at) => view.getInt8(at) },
  { bytes: 2, isWide: false, read: (view, at) => view.getUint16(at, true) },
  { bytes: 2, isWide: false, read: (view, at) => view.getInt16(at, true) },
  { bytes: 4, isWide: true, read: (view, at) => view.getUint32(at, true) },
  { bytes: 4, isWide: true, read: (view, at) => view.getInt32(at, true) },
  { bytes: 8, isWide: true, read: (view, at) => Number(view.getBigUint64(at, true)) },
  { bytes: 8, isWide: true, read: (view, at) => Number(view.getBigInt64(at, true)) },
  { bytes: 4, isWide: false, read: (view, at) => view.getFloat32(at, true) },
  { bytes: 8, isWide: true, read: (view, at) => view.getFloat64(at, true) },
];

export interface ExtraFields {
  readonly fields: readonly ExtraField[];
  readonly warnings: readonly string[];
}

/**
 * What the extra bytes hold.
 *
 * @param descriptors content of the record `LASF_Spec` 4: 192 bytes each.
 * @param from first extra byte within a point; `to` the point's length.
 * @returns pairs and triples as `name[0]`, `name[1]` …; undocumented bytes (type 0) are passed over. A description of more bytes than the
 * points have makes the whole record invalid (section 4.3): no fields and a warning.
 */
export function readExtraFields(descriptors: Uint8Array, from: number, to: number): ExtraFields {
  const view = new DataView(descriptors.buffer, descriptors.byteOffset, descriptors.byteLength);
  const fields: ExtraField[] = [];
  let byte = from;
  for (let at = 0; at + DESCRIPTOR_BYTES <= descriptors.length; at += DESCRIPTOR_BYTES) {
    const code = view.getUint8(at + 2);
    const options = view.getUint8(at + 3);
    if (code === 0) {
      byte += options;
      continue;
    }
    const type = TYPES[(code - 1) % 10];
    if (code > 30 || type === undefined)
      return { fields, warnings: [`Extra bytes of the unknown type ${code} and those after them were passed over.`] };
    const name = zeroTerminated(descriptors.subarray(at + 4, at + 36)) || `extra ${fields.length}`;
    const members = 1 + Math.floor((code - 1) / 10);
    for (let member = 0; member < members; member++) {
      fields.push({
        name: members === 1 ? name : `${name}[${member}]`,
        byte,
        ...describeValues(view, at, { type, options, member }),
      });
      byte += type.bytes;
    }
  }
  if (byte > to)
    return {
      fields: [],
      warnings: ['The file describes more extra bytes than its points have; none of them were read.'],
    };
  return { fields, warnings: [] };
}

function describeValues(
  view: DataView,
  at: number,
  { type, options, member }: { type: StoredType; options: number; member: number },
): Omit<ExtraField, 'name' | 'byte'> {
  const stated = (flag: number, start: number, otherwise: number): number => {
    const value = (options & flag) === 0 ? otherwise : view.getFloat64(at + start + 8 * member, true);
    return Number.isFinite(value) ? value : otherwise;
  };
  const scale = stated(SCALE_FLAG, 112, 1);
  const offset = stated(OFFSET_FLAG, 136, 0);
  return {
    read: type.read,
    scale,
    offset,
    noData: (options & NO_DATA_FLAG) === 0 ? null : readNoData(view, at + 40 + 8 * member, type),
    isWide: type.isWide || scale !== 1 || offset !== 0,
  };
}

/** Eight bytes: a number of the field's own kind, widened (integers to 64 bits, floats to double). */
function readNoData(view: DataView, at: number, type: StoredType): number {
  const index = TYPES.indexOf(type);
  if (index >= 8) return view.getFloat64(at, true);
  return Number(index % 2 === 0 ? view.getBigUint64(at, true) : view.getBigInt64(at, true));
}
