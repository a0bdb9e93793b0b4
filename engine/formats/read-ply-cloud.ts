/** Clouds of PLY files (Greg Turk, "The PLY Polygon File Format", 1994): the vertices, whatever else the file has. */
import { ImportError } from '../scene/errors.js';
import type { CloudFrame } from '../scene/sensor-points.js';
import type { ByteSource } from './byte-source.js';
import type { NamedColumn } from './cloud-columns.js';
import { planNamedColumns } from './cloud-columns.js';
import type { CloudReader } from './cloud-reader.js';
import { PACKED_TYPE_BYTES, isWideType } from './packed-records.js';
import { openPlyBinaryTable } from './ply-binary-table.js';
import type { PlyHeader, PlyScalarProperty, PlyScalarType } from './ply-header.js';
import { readPlyHeader } from './ply-header.js';
import { openPlyTextTable } from './ply-text-table.js';
import { openTabularCloud } from './tabular-cloud.js';

/** As much as readPlyHeader looks at. */
const MAX_HEADER_BYTES = 1 << 20;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Line ends in the header; CR LF is one. */
function countLines(header: Uint8Array): number {
  let lines = 0;
  header.forEach((byte, at) => {
    if (byte === LINE_FEED || (byte === CARRIAGE_RETURN && header[at + 1] !== LINE_FEED)) lines++;
  });
  return lines;
}

/** Some writers say `char` of colours and mean bytes: no colour is negative. */
function storedTypeOf({ name, type }: PlyScalarProperty): PlyScalarType {
  return type === 'int8' && /^(diffuse_)?(red|green|blue)$/i.test(name) ? 'uint8' : type;
}

function warningsOf({ elements }: PlyHeader): string[] {
  return elements
    .filter(({ name, count }) => name !== 'vertex' && count > 0)
    .map(({ name, count }) => `${count} records of the element "${name.slice(0, 40)}" are passed over.`);
}

const UNITS = ['metre', 'foot', 'us-survey-foot'] as const;
const UP_AXES = ['y', 'z'] as const;

/** Unit, axis and reference system as {@link writeCloudPly} of write-cloud-ply.ts says them in comments. */
function frameOf({ comments }: PlyHeader): CloudFrame {
  const said = (what: string): string | null =>
    comments.find((comment) => comment.startsWith(`${what}: `))?.slice(what.length + 2) ?? null;
  return {
    unit: UNITS.find((unit) => unit === said('Unit')) ?? 'unknown',
    upAxis: UP_AXES.find((axis) => axis === said('Vertical axis')) ?? 'unknown',
    crs: said('CRS'),
  };
}

/**
 * Opens the vertices of a PLY file as a cloud: x, y, z of any type, red, green, blue (bytes, 16 bits, or shares of 1; also
 * `diffuse_red` and so on), and every other scalar as a field. Lists and other elements are passed over, but must be whole. PLY
 * itself states neither unit nor axis; comments as `writeCloudPly` leaves them (`Unit: metre`, `Vertical axis: z`, `CRS: …`) do.
 *
 * @throws ImportError 'malformed' (no PLY, no vertices, no x, y or z), 'unsupported', 'truncated'; reading throws them too.
 */
export async function openPlyCloud(source: ByteSource): Promise<CloudReader> {
  const beginning = await source.read(0, Math.min(source.sizeBytes, MAX_HEADER_BYTES));
  const header = readPlyHeader(beginning, source.name);
  const element = header.elements.find(({ name }) => name === 'vertex');
  if (element === undefined)
    throw new ImportError(
      'malformed',
      'The file has no element "vertex", so no points.',
      source.name,
      'header',
      'Export it with vertices.',
    );
  const scalars = element.properties.filter((property): property is PlyScalarProperty => property.kind === 'scalar');
  const types = scalars.map(storedTypeOf);
  const columns = scalars.map(({ name }, column): NamedColumn => {
    const type = types[column]!;
    return {
      name,
      column,
      isWide: isWideType(type),
      integerBits: type.startsWith('float') ? null : 8 * PACKED_TYPE_BYTES[type],
    };
  });
  const start = { offset: header.dataOffset, number: countLines(beginning.subarray(0, header.dataOffset)) + 1 };
  const table =
    header.encoding === 'ascii'
      ? openPlyTextTable(source, header, element, start)
      : await openPlyBinaryTable(source, header, element, types);
  const warnings = warningsOf(header);
  const plan = await planNamedColumns(columns, table, source.name, warnings);
  return openTabularCloud(
    {
      format: 'ply',
      variant: `PLY ${header.encoding}`,
      points: element.count,
      bounds: null,
      frame: frameOf(header),
      sensorOrigins: [],
      warnings,
    },
    table,
    plan,
  );
}
