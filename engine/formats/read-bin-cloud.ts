/** Headerless float32 records of driving datasets: nothing in the file says what they are, so values are held against it. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import type { CloudReader } from './cloud-reader.js';
import { openPackedRecords } from './packed-records.js';
import type { CloudPlan, NumberTable } from './tabular-cloud.js';
import { openTabularCloud } from './tabular-cloud.js';

/**
 * - `kitti-lidar`: x y z intensity (KITTI; also View-of-Delft's LiDAR)
 * - `nuscenes-lidar`: x y z intensity ring (nuScenes' `.pcd.bin`)
 * - `vod-radar`: x y z RCS v_r v_r_compensated time (View-of-Delft's radar)
 */
export const BIN_LAYOUTS = ['kitti-lidar', 'nuscenes-lidar', 'vod-radar'] as const;
export type BinLayout = (typeof BIN_LAYOUTS)[number];

export interface BinCloudOptions {
  /** What the file is; without it, it is inferred. */
  readonly layout?: BinLayout;
  /** Leaves only that sensor's layouts to choose from. */
  readonly sensor?: 'lidar' | 'radar';
}

interface LayoutRules {
  readonly sensor: 'lidar' | 'radar';
  /** Fields after x, y, z. */
  readonly fields: readonly string[];
  readonly described: string;
  /** Whether what stands after x, y, z at `row + 3` could be what the layout says. */
  readonly isPlausible: (values: Float64Array, row: number) => boolean;
}

/** No vehicle's sensor sees farther, m. */
const MAX_COORDINATE = 1e4;
/** 16 bits is the widest that LiDARs count their returns' strength in. */
const MAX_INTENSITY = 65_535;
const MAX_RING = 255;
/** A ship's and an insect's cross section, dB m². */
const [MIN_RCS, MAX_RCS] = [-150, 150];
/** Two trains that meet, m/s. */
const MAX_SPEED = 200;
/** View-of-Delft counts scans back from 0 and ships up to five together. Whole numbers are what no LiDAR has in that place. */
const MAX_SCAN_AGE = 100;

const within = (value: number, least: number, most: number): boolean => value >= least && value <= most;
const isIntensity = (value: number): boolean => within(value, 0, MAX_INTENSITY);

const RULES: Readonly<Record<BinLayout, LayoutRules>> = {
  'kitti-lidar': {
    sensor: 'lidar',
    fields: ['intensity'],
    described: 'x y z intensity',
    isPlausible: (values, row) => isIntensity(values[row + 3]!),
  },
  'nuscenes-lidar': {
    sensor: 'lidar',
    fields: ['intensity', 'ring'],
    described: 'x y z intensity ring',
    isPlausible: (values, row) =>
      isIntensity(values[row + 3]!) && Number.isInteger(values[row + 4]) && within(values[row + 4]!, 0, MAX_RING),
  },
  'vod-radar': {
    sensor: 'radar',
    fields: ['rcs', 'radialSpeed', 'compensatedRadialSpeed', 'time'],
    described: 'x y z RCS v_r v_r_compensated time',
    isPlausible: (values, row) =>
      within(values[row + 3]!, MIN_RCS, MAX_RCS) &&
      within(values[row + 4]!, -MAX_SPEED, MAX_SPEED) &&
      within(values[row + 5]!, -MAX_SPEED, MAX_SPEED) &&
      Number.isInteger(values[row + 6]) &&
      within(values[row + 6]!, -MAX_SCAN_AGE, MAX_SCAN_AGE),
  },
};

const widthOf = (layout: BinLayout): number => 3 + RULES[layout].fields.length;
const recordBytesOf = (layout: BinLayout): number => 4 * widthOf(layout);

function openTable(source: ByteSource, layout: BinLayout): NumberTable {
  const recordBytes = recordBytesOf(layout);
  return openPackedRecords(source, {
    start: 0,
    records: Math.floor(source.sizeBytes / recordBytes),
    recordBytes,
    littleEndian: true,
    columns: Array.from({ length: widthOf(layout) }, (_, i) => ({ type: 'float32', offset: 4 * i })),
  });
}

/** The first record of a block that cannot be what the layout says, or −1. NaN fits nothing. */
function findImplausible(values: Float64Array, count: number, layout: BinLayout): number {
  const width = widthOf(layout);
  for (let i = 0; i < count; i++) {
    const row = i * width;
    for (let axis = 0; axis < 3; axis++) if (!(Math.abs(values[row + axis]!) <= MAX_COORDINATE)) return i;
    if (!RULES[layout].isPlausible(values, row)) return i;
  }
  return -1;
}

/** Offset of a record near the file's beginning that the layout cannot explain, or null. */
async function firstImplausible(source: ByteSource, layout: BinLayout): Promise<number | null> {
  for await (const { count, values } of openTable(source, layout).rows()) {
    const record = findImplausible(values, count, layout);
    return record < 0 ? null : record * recordBytesOf(layout);
  }
  return null;
}

/** Layouts of which the file may hold whole records; an error where it holds none. */
function layoutsOfSize(source: ByteSource, asked: readonly BinLayout[]): BinLayout[] {
  const fitting = asked.filter((layout) => source.sizeBytes % recordBytesOf(layout) === 0);
  if (fitting.length > 0) return fitting;
  throw new ImportError(
    'size-mismatch',
    `${source.sizeBytes} bytes are no whole number of records of ${asked.map(recordBytesOf).join(', ')} bytes.`,
    source.name,
    `byte ${source.sizeBytes}`,
    'Copy the file again: it is cut off, or it is no file of this kind.',
  );
}

async function inferLayout(source: ByteSource, sensor: BinCloudOptions['sensor']): Promise<BinLayout> {
  const asked = BIN_LAYOUTS.filter((layout) => sensor === undefined || RULES[layout].sensor === sensor);
  const plausible: BinLayout[] = [];
  let lastBad = 0;
  for (const layout of layoutsOfSize(source, asked)) {
    const bad = await firstImplausible(source, layout);
    if (bad === null) plausible.push(layout);
    else lastBad = bad;
  }
  const [only, other] = plausible;
  if (only !== undefined && other === undefined) return only;
  const names = (layouts: readonly BinLayout[]): string =>
    layouts.map((layout) => `${layout} (${RULES[layout].described})`).join(', ');
  if (only === undefined)
    throw new ImportError(
      'malformed',
      `The numbers are none of ${names(asked)}.`,
      source.name,
      `byte ${lastBad}`,
      'Check which sensor wrote the file; if it is one of these, name the layout.',
    );
  throw new ImportError(
    'unsupported',
    `The numbers could be any of ${names(plausible)}.`,
    source.name,
    '',
    'Name the layout.',
  );
}

/** Holds every record against an inferred layout: what was looked at first may have fitted by chance. */
function checkedTable(table: NumberTable, layout: BinLayout, file: string): NumberTable {
  return {
    ...table,
    async *rows(signal) {
      let seen = 0;
      for await (const rows of table.rows(signal)) {
        const bad = findImplausible(rows.values, rows.count, layout);
        if (bad >= 0)
          throw new ImportError(
            'malformed',
            `A record is not what ${layout} (${RULES[layout].described}) would hold.`,
            file,
            `byte ${(seen + bad) * recordBytesOf(layout)}`,
            'Copy the file again; if it is of this layout after all, name the layout.',
          );
        seen += rows.count;
        yield rows;
      }
    },
  };
}

/**
 * Opens a headerless file of float32 records, little-endian. A layout that is not named is inferred from the file's size and from
 * what its numbers could be, and then every record is held against it: finite, |x|, |y|, |z| ≤ 10⁴ m, intensity ≥ 0, ring a
 * small whole number, speeds and cross sections of this world, the number of a scan whole. Of a layout that is named, records that are not finite are left
 * out and counted, and implausible ones get a warning. Unit metre, z up: the datasets' documents say so.
 *
 * @throws ImportError 'size-mismatch' (no whole number of records), 'malformed' (no layout fits), 'unsupported' (several fit: one
 * must be named); reading an inferred layout throws 'malformed' with the byte.
 */
export async function openBinCloud(source: ByteSource, options: BinCloudOptions = {}): Promise<CloudReader> {
  if (source.sizeBytes === 0)
    throw new ImportError('malformed', 'The file is empty.', source.name, '', 'Copy the file again.');
  const { layout: named } = options;
  if (named !== undefined) layoutsOfSize(source, [named]);
  const layout = named ?? (await inferLayout(source, options.sensor));
  const table = openTable(source, layout);
  const bad = named === undefined ? null : await firstImplausible(source, named);
  const plan: CloudPlan = {
    place: { kind: 'cartesian', columns: [0, 1, 2], scale: 1 },
    colors: null,
    fields: RULES[layout].fields.map((name, i) => ({
      name,
      isWide: false,
      source: { kind: 'column', column: 3 + i, scale: 1 },
    })),
  };
  return openTabularCloud(
    {
      format: 'bin',
      variant: `${layout}, float32 × ${widthOf(layout)}`,
      points: table.atMostRows,
      bounds: null,
      frame: { unit: 'metre', upAxis: 'z', crs: null },
      sensorOrigins: [],
      warnings: bad === null ? [] : [`The record at byte ${bad} looks like no ${RULES[layout].described}.`],
    },
    named === undefined ? checkedTable(table, layout, source.name) : table,
    plan,
  );
}
