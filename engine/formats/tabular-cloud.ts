/** Clouds whose records are rows of numbers: most formats only differ in how they write the rows. */
import type { CloudHeader, CloudReader, CloudSummary, PointBatch } from './cloud-reader.js';
import { CloudBatchBuilder } from './cloud-batch.js';

/** Some rows of a table; the array is used again for the next ones. */
export interface NumberRows {
  readonly count: number;
  /** [count, width] row-major; may be longer than that. */
  readonly values: Float64Array;
}

export interface NumberTable {
  readonly width: number;
  /** The file cannot hold more rows than this. */
  readonly atMostRows: number;
  /** All rows in the file's order; may be called again. @throws ImportError where the file is damaged. */
  rows(signal?: AbortSignal): AsyncGenerator<NumberRows>;
}

/** x, y, z in the frame's unit: `scale · column`. Without a third column z is 0. */
export interface CartesianColumns {
  readonly kind: 'cartesian';
  readonly columns: readonly [number, number, number | null];
  readonly scale: number;
}

/**
 * Range, azimuth from +x towards +y, elevation above the xy plane (0 without a column):
 * `x = r cos(el) cos(az)`, `y = r cos(el) sin(az)`, `z = r sin(el)`. ASTM E2807 and ISO 8855 agree on it.
 */
export interface PolarColumns {
  readonly kind: 'polar';
  readonly columns: readonly [range: number, azimuth: number, elevation: number | null];
  readonly scale: number;
  readonly azimuthToRad: number;
  readonly elevationToRad: number;
}

/** Three columns times a scale, or one with 0xRRGGBB in it. */
export type ColorColumns =
  | { readonly kind: 'channels'; readonly columns: readonly [number, number, number]; readonly scale: number }
  | { readonly kind: 'packed'; readonly column: number };

/**
 * A field: a column times a scale, or of a velocity in the xy plane the part along the horizontal ray from the sensor,
 * `(x vx + y vy) / √(x² + y²)`; 0 where there is no ray.
 */
export type FieldSource =
  | { readonly kind: 'column'; readonly column: number; readonly scale: number }
  | { readonly kind: 'along-ray'; readonly columns: readonly [vx: number, vy: number] };

export interface PlannedField {
  readonly name: string;
  readonly isWide: boolean;
  readonly source: FieldSource;
}

/** What the columns of a table mean. */
export interface CloudPlan {
  readonly place: CartesianColumns | PolarColumns;
  readonly colors: ColorColumns | null;
  readonly fields: readonly PlannedField[];
}

type RowReader = (builder: CloudBatchBuilder, values: Float64Array, row: number) => void;

function placeReader(place: CloudPlan['place']): RowReader {
  const [first, second, third] = place.columns;
  const { scale } = place;
  if (place.kind === 'cartesian')
    return ({ positions, count }, values, row) => {
      positions[count * 3] = scale * values[row + first]!;
      positions[count * 3 + 1] = scale * values[row + second]!;
      positions[count * 3 + 2] = third === null ? 0 : scale * values[row + third]!;
    };
  return ({ positions, count }, values, row) => {
    const range = scale * values[row + first]!;
    const azimuth = place.azimuthToRad * values[row + second]!;
    const elevation = third === null ? 0 : place.elevationToRad * values[row + third]!;
    positions[count * 3] = range * Math.cos(elevation) * Math.cos(azimuth);
    positions[count * 3 + 1] = range * Math.cos(elevation) * Math.sin(azimuth);
    positions[count * 3 + 2] = range * Math.sin(elevation);
  };
}

function colorReader(colors: ColorColumns): RowReader {
  if (colors.kind === 'packed') {
    const { column } = colors;
    return ({ colors: target, count }, values, row) => {
      const packed = values[row + column]!;
      for (let channel = 0; channel < 3; channel++)
        target![count * 3 + channel] = (packed >>> (16 - 8 * channel)) & 255;
    };
  }
  const { columns, scale } = colors;
  return ({ colors: target, count }, values, row) => {
    for (let channel = 0; channel < 3; channel++) {
      const value = Math.round(values[row + columns[channel]!]! * scale);
      // NaN fails the comparison and becomes black.
      target![count * 3 + channel] = value > 0 ? Math.min(255, value) : 0;
    }
  };
}

function fieldReader({ source }: PlannedField, at: number): RowReader {
  if (source.kind === 'column') {
    const { column, scale } = source;
    return ({ columns, count }, values, row) => {
      columns[at]![count] = scale * values[row + column]!;
    };
  }
  const [vx, vy] = source.columns;
  return ({ columns, positions, count }, values, row) => {
    const [x, y] = [positions[count * 3]!, positions[count * 3 + 1]!];
    const range = Math.hypot(x, y);
    columns[at]![count] = range > 0 ? (x * values[row + vx]! + y * values[row + vy]!) / range : 0;
  };
}

/**
 * A reader over a table of numbers.
 *
 * @param header what the file says of itself; colours and field names are taken from the plan.
 */
export function openTabularCloud(
  header: Omit<CloudHeader, 'hasColors' | 'fieldNames'>,
  table: NumberTable,
  plan: CloudPlan,
): CloudReader {
  const readers = [
    placeReader(plan.place),
    ...(plan.colors === null ? [] : [colorReader(plan.colors)]),
    ...plan.fields.map(fieldReader),
  ];
  async function* batches(signal?: AbortSignal): AsyncGenerator<PointBatch, CloudSummary> {
    const builder = new CloudBatchBuilder(plan.fields, plan.colors !== null, table.atMostRows);
    builder.begin();
    for await (const { count, values } of table.rows(signal))
      for (let i = 0; i < count; i++) {
        for (const read of readers) read(builder, values, i * table.width);
        builder.commit();
        if (!builder.isFull) continue;
        yield builder.take();
        builder.begin();
      }
    if (builder.count > 0) yield builder.take();
    return { points: builder.points, leftOut: builder.leftOut };
  }
  return {
    header: { ...header, hasColors: plan.colors !== null, fieldNames: plan.fields.map(({ name }) => name) },
    batches,
  };
}
