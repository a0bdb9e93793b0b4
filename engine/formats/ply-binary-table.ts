/** The scalars of one element of a binary PLY file, with lists in it or around it. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import { ByteWindow } from './byte-window.js';
import type { PackedColumn } from './packed-records.js';
import { PACKED_TYPE_BYTES, READ_PACKED, openPackedRecords } from './packed-records.js';
import type { PlyElement, PlyHeader, PlyScalarType } from './ply-header.js';
import { RowCollector } from './row-collector.js';
import type { NumberTable } from './tabular-cloud.js';

/** Bytes of one record; null where a list makes records of different lengths. */
function recordBytesOf({ properties }: PlyElement): number | null {
  let bytes = 0;
  for (const property of properties) {
    if (property.kind === 'list') return null;
    bytes += PACKED_TYPE_BYTES[property.type];
  }
  return bytes;
}

/** The least that a record takes: its scalars and the counts of its lists. */
function leastRecordBytesOf({ properties }: PlyElement): number {
  return properties.reduce(
    (sum, property) => sum + PACKED_TYPE_BYTES[property.kind === 'list' ? property.countType : property.type],
    0,
  );
}

type ReadScalar = (type: PlyScalarType) => number;

function readList(
  window: ByteWindow,
  read: ReadScalar,
  property: PlyElement['properties'][number],
  file: string,
): void {
  if (property.kind !== 'list') return;
  const at = window.position;
  const items = read(property.countType);
  if (!Number.isInteger(items) || items < 0)
    throw new ImportError(
      'malformed',
      `A list of "${property.name.slice(0, 40)}" has ${items} items.`,
      file,
      `byte ${at}`,
      'Export the file again.',
    );
  window.skip(items * PACKED_TYPE_BYTES[property.itemType]);
}

/** Walks over the records of an element; `visit` is handed the scalars of each (the array is used again), once per record. */
async function* walkRecords(
  window: ByteWindow,
  element: PlyElement,
  littleEndian: boolean,
  file: string,
): AsyncGenerator<readonly number[]> {
  const read: ReadScalar = (type) => {
    const value = READ_PACKED[type](window.view, window.at, littleEndian);
    window.at += PACKED_TYPE_BYTES[type];
    return value;
  };
  const scalars: number[] = [];
  for (let record = 0; record < element.count; record++) {
    scalars.length = 0;
    for (const property of element.properties) {
      if (!window.has(8))
        await window.fill(PACKED_TYPE_BYTES[property.kind === 'list' ? property.countType : property.type]);
      if (property.kind === 'list') readList(window, read, property, file);
      else scalars.push(read(property.type));
    }
    yield scalars;
  }
}

/** Moves past an element. An element without properties takes no bytes, whatever its count says. */
async function passElement(window: ByteWindow, element: PlyElement, header: PlyHeader, file: string): Promise<void> {
  const bytes = recordBytesOf(element);
  if (bytes !== null) {
    window.skip(bytes * element.count);
    return;
  }
  const records = walkRecords(window, element, header.encoding === 'binary_little_endian', file);
  while ((await records.next()).done !== true);
}

/**
 * Opens the scalar properties of one element, a column each in the header's order; `types` may name others of the same size.
 * Lists are passed over, in this element and in those around it; the elements after it are walked at the end of each pass, so that
 * a file that is cut off there is found out.
 *
 * @throws ImportError 'truncated' where the file is shorter than the header's counts need at least; (while reading) 'truncated',
 * 'malformed'.
 */
export async function openPlyBinaryTable(
  source: ByteSource,
  header: PlyHeader,
  element: PlyElement,
  types: readonly PlyScalarType[],
): Promise<NumberTable> {
  const least = header.elements.reduce((sum, other) => sum + other.count * leastRecordBytesOf(other), 0);
  const at = header.elements.indexOf(element);
  const window = new ByteWindow(source, header.dataOffset, `the records that its header promises`);
  if (header.dataOffset + least > source.sizeBytes) await window.fill(least);
  for (const earlier of header.elements.slice(0, at)) await passElement(window, earlier, header, source.name);
  const start = window.position;
  const littleEndian = header.encoding === 'binary_little_endian';
  const recordBytes = recordBytesOf(element);
  if (recordBytes !== null && start + recordBytes * element.count > source.sizeBytes)
    await window.fill(recordBytes * element.count);

  async function passRest(behind: ByteWindow): Promise<void> {
    for (const later of header.elements.slice(at + 1)) await passElement(behind, later, header, source.name);
  }
  const shape = { width: types.length, atMostRows: element.count };
  if (recordBytes !== null) {
    let offset = 0;
    const columns = types.map((type): PackedColumn => {
      offset += PACKED_TYPE_BYTES[type];
      return { type, offset: offset - PACKED_TYPE_BYTES[type] };
    });
    const packed = openPackedRecords(source, { start, records: element.count, recordBytes, littleEndian, columns });
    return {
      ...shape,
      async *rows(signal) {
        yield* packed.rows(signal);
        await passRest(new ByteWindow(source, start + recordBytes * element.count, 'the elements after the points'));
      },
    };
  }
  return {
    ...shape,
    async *rows(signal) {
      const behind = new ByteWindow(source, start, `the element "${element.name.slice(0, 40)}"`);
      const collector = new RowCollector(types.length, element.count);
      for await (const scalars of walkRecords(behind, element, littleEndian, source.name)) {
        const { values, at: row } = collector.next();
        // An int8 that is read as uint8 differs by 256 where it is negative.
        scalars.forEach((value, i) => (values[row + i] = types[i] === 'uint8' ? value & 255 : value));
        if (!collector.isFull) continue;
        signal?.throwIfAborted();
        yield collector.take();
      }
      await passRest(behind);
      yield collector.take();
    },
  };
}
