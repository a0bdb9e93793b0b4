/** What the columns of a CSV cloud mean: places in cartesian or polar coordinates, colours, fields, units. */
import { ImportError } from '../scene/errors.js';
import type { LengthUnit } from '../scene/sensor-points.js';
import type { NamedColumn } from './cloud-columns.js';
import { fieldOfName, planColors, planFields } from './cloud-columns.js';
import type { CsvColumn } from './csv-header.js';
import { ANGLE_UNITS, LENGTH_UNITS, SPEED_UNITS } from './csv-header.js';
import type { CartesianColumns, CloudPlan, NumberTable, PlannedField, PolarColumns } from './tabular-cloud.js';

/** Names in lower case without `_`, `-` and blanks. */
const PLACE_NAMES = {
  x: ['x', 'posx', 'px'],
  y: ['y', 'posy', 'py'],
  z: ['z', 'posz', 'pz'],
  range: ['range', 'r', 'distance', 'dist', 'rho'],
  azimuth: ['azimuth', 'az', 'azimuthangle', 'azi'],
  elevation: ['elevation', 'el', 'elev', 'elevationangle'],
} as const;
type PlaceName = keyof typeof PLACE_NAMES;

const fold = (name: string): string => name.toLowerCase().replaceAll(/[_\s-]/g, '');

/** A column of the table with its header. */
interface Found extends CsvColumn {
  readonly column: number;
}

function findPlace(columns: readonly Found[], place: PlaceName): Found | undefined {
  const names: readonly string[] = PLACE_NAMES[place];
  // The usual name first, wherever it stands: `r` is a range only where no column is called that.
  return names.map((name) => columns.find((column) => fold(column.name) === name)).find((found) => found !== undefined);
}

function lengthUnitOf(columns: readonly Found[], file: string): { scale: number; unit: LengthUnit } {
  const units = new Set(columns.map(({ unit }) => unit));
  const [unit = null] = units;
  const known = unit === null ? { scale: 1, unit: 'unknown' as const } : LENGTH_UNITS.get(unit);
  if (units.size > 1 || known === undefined)
    throw new ImportError(
      'unsupported',
      `The coordinates are in ${[...units].map((one) => one ?? 'no stated unit').join(' and ')}.`,
      file,
      'header',
      'Give all coordinates in one unit: m, cm, mm, km or ft.',
    );
  return known;
}

function radiansOf({ name, unit }: Found, file: string): number {
  const radians = ANGLE_UNITS.get(unit ?? '');
  if (radians !== undefined) return radians;
  throw new ImportError(
    'unsupported',
    `The column "${name.slice(0, 40)}" does not say whether its angles are degrees or radians.`,
    file,
    'header',
    `Call it ${fold(name).slice(0, 20)}_deg or ${fold(name).slice(0, 20)}_rad.`,
  );
}

interface PlannedPlace {
  readonly place: CartesianColumns | PolarColumns;
  readonly unit: LengthUnit;
  readonly used: readonly Found[];
  readonly warnings: readonly string[];
}

function planPlace(columns: readonly Found[], file: string): PlannedPlace {
  const [x, y, z] = [findPlace(columns, 'x'), findPlace(columns, 'y'), findPlace(columns, 'z')];
  if (x !== undefined && y !== undefined) {
    const used = z === undefined ? [x, y] : [x, y, z];
    const { scale, unit } = lengthUnitOf(used, file);
    return {
      place: { kind: 'cartesian', columns: [x.column, y.column, z?.column ?? null], scale },
      unit,
      used,
      warnings: z === undefined ? ['There is no column z: all points are at z = 0.'] : [],
    };
  }
  const [range, azimuth] = [findPlace(columns, 'range'), findPlace(columns, 'azimuth')];
  if (range === undefined || azimuth === undefined)
    throw new ImportError(
      'malformed',
      'No columns tell where the points are.',
      file,
      'header',
      'Name columns x, y, z, or range, azimuth_deg, elevation_deg.',
    );
  const elevation = findPlace(columns, 'elevation');
  const { scale, unit } = lengthUnitOf([range], file);
  return {
    place: {
      kind: 'polar',
      columns: [range.column, azimuth.column, elevation?.column ?? null],
      scale,
      azimuthToRad: radiansOf(azimuth, file),
      elevationToRad: elevation === undefined ? 0 : radiansOf(elevation, file),
    },
    unit,
    used: elevation === undefined ? [range, azimuth] : [range, azimuth, elevation],
    warnings: elevation === undefined ? ['There is no column of elevations: all points are at elevation 0.'] : [],
  };
}

/** Speeds are handed on in m/s; a unit that is not known leaves the column its own name. */
function withUnit(field: PlannedField, { name, unit }: CsvColumn): PlannedField {
  const isSpeed = fieldOfName(name) === 'radialSpeed' || fieldOfName(name) === 'compensatedRadialSpeed';
  if (!isSpeed || unit === null) return field;
  const scale = SPEED_UNITS.get(unit);
  return scale === undefined
    ? { ...field, name: `${name} [${unit}]` }
    : { ...field, source: { ...field.source, scale } as PlannedField['source'] };
}

/**
 * Plans the table of the given columns (in that order).
 *
 * @throws ImportError 'malformed' (no coordinates), 'unsupported' (angles without unit, mixed units).
 */
export async function planCsvColumns(
  csvColumns: readonly CsvColumn[],
  table: NumberTable,
  file: string,
): Promise<{ plan: CloudPlan; unit: LengthUnit; warnings: string[] }> {
  const found = csvColumns.map((column, i): Found => ({ ...column, column: i }));
  const { place, unit, used, warnings: odd } = planPlace(found, file);
  const warnings = [...odd];
  const rest = found
    .filter((column) => !used.includes(column))
    .map((column): NamedColumn & { header: Found } => ({
      name: column.name,
      column: column.column,
      // Text may hold GPS times and large numbers of points.
      isWide: true,
      integerBits: null,
      header: column,
    }));
  const { colors, used: channels } = await planColors(rest, table);
  const fieldColumns = rest.filter((column) => !channels.includes(column));
  const planned = planFields(fieldColumns, warnings);
  const fields = planned.map((field, i) => {
    const column = fieldColumns[i];
    return column === undefined || field.source.kind !== 'column' ? field : withUnit(field, column.header);
  });
  return { plan: { place, colors, fields }, unit, warnings };
}
