/** From a scan's records to points in the file's frame: coordinates, invalid states, colours within their limits. */
import { transformPoint } from '../math/rigid-transform.js';
import { ImportError } from '../scene/errors.js';
import type { E57Field, E57Scan } from './e57-scans.js';
import type { NumberRows } from './tabular-cloud.js';

/** Where things stand in a scan's records; columns of its prototype. */
export interface E57Target {
  readonly kind: 'cartesian' | 'spherical';
  readonly place: readonly [number, number, number];
  /** 0 for a valid point. */
  readonly invalidState: number | null;
  readonly hasColors: boolean;
  readonly colors: readonly { readonly column: number; readonly minimum: number; readonly scale: number }[];
  /** Fields to hand on, their columns, and of each the column that is not 0 where it holds nothing. */
  readonly fieldNames: readonly string[];
  readonly fieldColumns: readonly number[];
  readonly fieldInvalid: readonly (number | null)[];
  readonly passedOver: readonly string[];
}

const PLACES = {
  cartesian: ['cartesianX', 'cartesianY', 'cartesianZ'],
  spherical: ['sphericalRange', 'sphericalAzimuth', 'sphericalElevation'],
} as const;
const COLORS = ['colorRed', 'colorGreen', 'colorBlue'] as const;
/** Flags of other fields, and directions, which would have to be turned with the scan. */
const PASSED_OVER =
  /^(is(TimeStamp|Intensity|Color)Invalid|(cartesian|spherical)InvalidState|cartesian[XYZ]|spherical\w+|color(Red|Green|Blue))$/;
const INVALID_FLAGS: Readonly<Record<string, string>> = {
  intensity: 'isIntensityInvalid',
  timeStamp: 'isTimeStampInvalid',
};

/** From the stated limits, or the prototype's; floats are shares of 1 where nothing is stated. */
function colorScale(field: E57Field, limits: readonly [number, number] | undefined) {
  const bounded = field.kind === 'integer' && field.bits <= 32;
  const valueOf = (stored: bigint): number => field.scale * Number(stored) + field.offset;
  const own: readonly [number, number] = bounded ? [valueOf(field.minimum), valueOf(field.maximum)] : [0, 1];
  const [minimum, maximum] = limits !== undefined && limits[1] > limits[0] ? limits : own;
  return { minimum, scale: maximum > minimum ? 255 / (maximum - minimum) : 0 };
}

/**
 * Plans how a scan's records become points.
 *
 * @throws ImportError 'malformed' for a scan without coordinates.
 */
export function planScan(scan: E57Scan, file: string): E57Target {
  const columnOf = (name: string): number | null => {
    const column = scan.fields.findIndex((field) => field.name === name);
    return column < 0 ? null : column;
  };
  const kind = (['cartesian', 'spherical'] as const).find((one) =>
    PLACES[one].every((name) => columnOf(name) !== null),
  );
  if (kind === undefined)
    throw new ImportError(
      'malformed',
      `The scan "${scan.name}" has neither cartesian nor spherical coordinates.`,
      file,
      'XML, prototype',
      'Export the file again.',
    );
  const channels = COLORS.map(columnOf);
  const hasColors = channels.every((column) => column !== null);
  const rest = scan.fields.filter(({ name, kind: type }) => !PASSED_OVER.test(name) && type !== 'string');
  const kept = rest.filter(({ name }) => !name.startsWith('nor:'));
  return {
    kind,
    place: PLACES[kind].map((name) => columnOf(name)!) as [number, number, number],
    invalidState: columnOf(`${kind}InvalidState`),
    hasColors,
    colors: hasColors
      ? channels.map((column, i) => ({ column: column, ...colorScale(scan.fields[column]!, scan.colorLimits?.[i]) }))
      : [],
    fieldNames: kept.map(({ name }) => name),
    fieldColumns: kept.map(({ name }) => columnOf(name)!),
    fieldInvalid: kept.map(({ name }) => columnOf(INVALID_FLAGS[name] ?? '')),
    passedOver: scan.fields
      .filter(({ name, kind: type }) => name.startsWith('nor:') || type === 'string')
      .map(({ name }) => name.slice(0, 40)),
  };
}

/** x, y, z in the scan's frame. */
function placeOf({ kind, place }: E57Target, values: Float64Array, row: number): [number, number, number] {
  const [first, second, third] = place.map((column) => values[row + column]!) as [number, number, number];
  if (kind === 'cartesian') return [first, second, third];
  const horizontal = first * Math.cos(third);
  return [horizontal * Math.cos(second), horizontal * Math.sin(second), first * Math.sin(third)];
}

/**
 * Rows of x y z, red green blue 0..255, and the named fields (NaN where the scan has none). Invalid points have NaN places.
 *
 * @param names the fields of all scans; columns 6 on.
 */
export function placeRecords(
  records: NumberRows,
  scan: E57Scan,
  target: E57Target,
  names: readonly string[],
): NumberRows {
  const { count, values } = records;
  const width = 6 + names.length;
  const [from, placed] = [scan.fields.length, new Float64Array(count * width)];
  const sources = names.map((name) => target.fieldNames.indexOf(name));
  for (let i = 0; i < count; i++) {
    const [row, at] = [i * from, i * width];
    const isInvalid = target.invalidState !== null && values[row + target.invalidState] !== 0;
    const inScan = placeOf(target, values, row);
    const place = scan.worldFromScan === null ? inScan : transformPoint(scan.worldFromScan, inScan);
    for (let axis = 0; axis < 3; axis++) placed[at + axis] = isInvalid ? NaN : place[axis]!;
    target.colors.forEach(({ column, minimum, scale }, channel) => {
      placed[at + 3 + channel] = (values[row + column]! - minimum) * scale;
    });
    sources.forEach((source, k) => {
      const flag = source < 0 ? null : target.fieldInvalid[source]!;
      const isStated = source >= 0 && (flag === null || values[row + flag] === 0);
      placed[at + 6 + k] = isStated ? values[row + target.fieldColumns[source]!]! : NaN;
    });
  }
  return { count, values: placed };
}
