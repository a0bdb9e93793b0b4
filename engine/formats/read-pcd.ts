/** Clouds of PCD files (https://pointclouds.org/documentation/tutorials/pcd_file_format.html): ascii, binary, binary_compressed. */
import { ImportError } from '../scene/errors.js';
import { openAsciiTable } from './ascii-table.js';
import type { ByteSource } from './byte-source.js';
import type { NamedColumn } from './cloud-columns.js';
import { planNamedColumns } from './cloud-columns.js';
import type { CloudHeader, CloudReader } from './cloud-reader.js';
import type { PackedColumn, PackedType } from './packed-records.js';
import { PACKED_TYPE_BYTES, isWideType, openPackedRecords } from './packed-records.js';
import { openCompressedPcd } from './pcd-compressed.js';
import type { PcdField, PcdHeader } from './pcd-header.js';
import { readPcdHeader } from './pcd-header.js';
import type { NumberTable } from './tabular-cloud.js';
import { openTabularCloud } from './tabular-cloud.js';

/** Longer runs of numbers are descriptors of a point (FPFH, VFH), of no use here. */
const MAX_NUMBERS_OF_FIELD = 16;

interface PcdColumn extends NamedColumn, PackedColumn {
  readonly fieldOffset: number;
  readonly fieldBytes: number;
  /** Word of an ascii line. */
  readonly word: number;
}

function isPackedColor({ name, count, numberBytes }: PcdField): boolean {
  return /^rgba?$/i.test(name) && count === 1 && numberBytes === 4;
}

/** The type as which a field's bytes are read: PCL packs colours into the bits of a float. */
function storedTypeOf(field: PcdField): PackedType {
  return isPackedColor(field) ? 'uint32' : field.type;
}

/** Every number of every field that is kept, in the file's order. `_` is PCL's name of padding. */
function columnsOf({ fields }: PcdHeader, warnings: string[]): PcdColumn[] {
  const columns: PcdColumn[] = [];
  let word = 0;
  for (const field of fields) {
    const firstWord = word;
    word += field.count;
    if (field.name === '_') continue;
    if (field.count > MAX_NUMBERS_OF_FIELD) {
      warnings.push(`The field "${field.name}" with ${field.count} numbers a point is passed over.`);
      continue;
    }
    const type = storedTypeOf(field);
    for (let number = 0; number < field.count; number++)
      columns.push({
        name: field.count === 1 ? field.name : `${field.name}_${number}`,
        column: columns.length,
        isWide: isWideType(type),
        integerBits: type.startsWith('float') ? null : 8 * PACKED_TYPE_BYTES[type],
        type,
        offset: field.offset + number * field.numberBytes,
        fieldOffset: field.offset,
        fieldBytes: field.count * field.numberBytes,
        word: firstWord + number,
      });
  }
  return columns;
}

const FLOAT_BITS = new DataView(new ArrayBuffer(4));

/** A colour that was written as the decimal of the float whose bits it is. NaN has lost its bits and becomes black. */
function bitsOfFloat(value: number): number {
  if (Number.isNaN(value)) return 0;
  FLOAT_BITS.setFloat32(0, value);
  return FLOAT_BITS.getUint32(0);
}

/** Of all words of the lines those of the columns that are kept. */
function chooseWords(lines: NumberTable, header: PcdHeader, columns: readonly PcdColumn[]): NumberTable {
  const width = columns.length;
  const packed = columns.findIndex(({ fieldOffset }) =>
    header.fields.some((field) => field.offset === fieldOffset && isPackedColor(field) && field.type === 'float32'),
  );
  return {
    width,
    atMostRows: lines.atMostRows,
    async *rows(signal) {
      for await (const { count, values } of lines.rows(signal)) {
        const chosen = new Float64Array(count * width);
        for (let i = 0; i < count; i++) {
          columns.forEach(({ word, column }) => (chosen[i * width + column] = values[i * lines.width + word]!));
          if (packed >= 0) chosen[i * width + packed] = bitsOfFloat(chosen[i * width + packed]!);
        }
        yield { count, values: chosen };
      }
    },
  };
}

function openTable(source: ByteSource, header: PcdHeader, columns: readonly PcdColumn[]): NumberTable {
  const { dataOffset, dataLine, points, recordBytes, encoding } = header;
  if (encoding === 'ascii') {
    const start = { offset: dataOffset, number: dataLine };
    const width = header.fields.reduce((sum, { count }) => sum + count, 0);
    return chooseWords(openAsciiTable(source, { start, rows: points, width, allowsCommas: true }), header, columns);
  }
  if (encoding === 'binary_compressed') return openCompressedPcd(source, header, columns);
  if (dataOffset + points * recordBytes > source.sizeBytes)
    throw new ImportError(
      'truncated',
      `The header promises ${points} points of ${recordBytes} bytes, but ${source.sizeBytes - dataOffset} bytes follow it.`,
      source.name,
      `byte ${source.sizeBytes}`,
      'Copy or export the file again.',
    );
  return openPackedRecords(source, { start: dataOffset, records: points, recordBytes, littleEndian: true, columns });
}

/** A viewpoint that says something: PCL writes 0 0 0 1 0 0 0 for an unknown one. */
function sensorOriginsOf({ viewpoint }: PcdHeader): CloudHeader['sensorOrigins'] {
  if (viewpoint === null || viewpoint.every((value, i) => value === (i === 3 ? 1 : 0))) return [];
  const [x, y, z] = viewpoint as [number, number, number];
  return [[x, y, z]];
}

/**
 * Opens a PCD file.
 *
 * VIEWPOINT is where the cloud was seen from; the points are already in the world's frame, as in PCL, which does not move them: it
 * is given in `sensorOrigins`. Fields keep their names or get those of `POINT_FIELDS`; of a field with several numbers each gets
 * its own, `name_0` on; `rgb` and `rgba` (bits of a float, or an integer) become colours. Of nuScenes' radar (`vx_comp`, `vy_comp`
 * beside `rcs`) `compensatedRadialSpeed`, and of `vx`, `vy` `radialSpeed`, m/s, are derived as the part along the horizontal ray.
 * Points with NaN, which organised clouds have where nothing was seen, are left out and counted. PCD states neither unit nor axis.
 *
 * @throws ImportError 'malformed', 'truncated', 'unsupported' or 'too-large' with line or byte; reading throws them too.
 */
export async function openPcd(source: ByteSource): Promise<CloudReader> {
  const header = await readPcdHeader(source);
  const warnings: string[] = [];
  const columns = columnsOf(header, warnings);
  const table = openTable(source, header, columns);
  const plan = await planNamedColumns(columns, table, source.name, warnings);
  const trailing = source.sizeBytes - header.dataOffset - header.points * header.recordBytes;
  if (header.encoding === 'binary' && trailing > 0)
    warnings.push(`${trailing} bytes after the last point are passed over.`);
  return openTabularCloud(
    {
      format: 'pcd',
      variant: `PCD ${header.version} ${header.encoding}`.replace('  ', ' '),
      points: header.points,
      bounds: null,
      frame: { unit: 'unknown', upAxis: 'unknown', crs: null },
      sensorOrigins: sensorOriginsOf(header),
      warnings,
    },
    table,
    plan,
  );
}
