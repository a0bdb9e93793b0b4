/** Clouds of PLY files (Greg Turk, "The PLY Polygon File Format", 1994): the vertices, whatever else the file has. */
import { ImportError } from '../scene/errors.js';
import type { CloudFrame, LengthUnit, UpAxis } from '../scene/sensor-points.js';
import type { ByteSource } from './byte-source.js';
import type { NamedColumn } from './cloud-columns.js';
import { planNamedColumns } from './cloud-columns.js';
import type { CloudReader } from './cloud-reader.js';
import { isWideType } from './packed-records.js';
import { openPlyBinaryTable } from './ply-binary-table.js';
import type { PlyHeader, PlyScalarProperty, PlyScalarType } from './ply-header.js';
import { PLY_TYPE_BYTES, readPlyHeader } from './ply-header.js';
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

const UNITS: readonly LengthUnit[] = ['metre', 'foot', 'us-survey-foot'];
const UP_AXES: readonly UpAxis[] = ['y', 'z'];
const MAX_CRS_LENGTH = 20_000;

/** What the comments that writeCloudPly writes say; unknown where they say something else or nothing. */
function frameOf({ comments }: PlyHeader): CloudFrame {
  const told = (label: string): string | undefined =>
    comments.find((comment) => comment.startsWith(`${label}: `))?.slice(label.length + 2);
  const [unit, axis, crs = ''] = [told('Unit'), told('Vertical axis'), told('CRS')];
  return {
    unit: UNITS.find((name) => name === unit) ?? 'unknown',
    upAxis: UP_AXES.find((name) => name === axis) ?? 'unknown',
    crs: crs === '' || crs.length > MAX_CRS_LENGTH ? null : crs,
  };
}

/**
 * Opens the vertices of a PLY file as a cloud: x, y, z of any type, red, green, blue (bytes, 16 bits, or shares of 1; also
 * `diffuse_red` and so on), and every other scalar as a field. Lists and other elements are passed over, but must be whole. PLY
 * itself states neither unit nor axis; the comments of our own clouds (writeCloudPly) do.
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
      integerBits: type.startsWith('float') ? null : 8 * PLY_TYPE_BYTES[type],
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
