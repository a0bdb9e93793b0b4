/** What the named columns of a table mean: places, colours, and the fields that code asks for by name. */
import { ImportError } from '../scene/errors.js';
import type { PointFieldName } from '../scene/sensor-points.js';
import type { CartesianColumns, CloudPlan, ColorColumns, NumberTable, PlannedField } from './tabular-cloud.js';

/** One column of a table, in the file's own words. */
export interface NamedColumn {
  readonly name: string;
  /** Position in the table's rows. */
  readonly column: number;
  readonly isWide: boolean;
  /** Bits of an integer; null for floats and for text. */
  readonly integerBits: number | null;
}

/** More columns than any sensor writes; what goes beyond it (descriptors of points) is passed over with a warning. */
export const MAX_FIELDS = 64;

/** Names in use for each field of `POINT_FIELDS`, in lower case, without `scalar_` (CloudCompare) and without `_`, `-` and spaces. */
const FIELD_ALIASES: Readonly<Record<PointFieldName, readonly string[]>> = {
  intensity: ['intensity', 'intensities', 'reflectance', 'reflectivity', 'remission'],
  ring: ['ring', 'ringindex', 'laserid', 'beam', 'beamid'],
  classification: ['classification', 'class'],
  returnNumber: ['returnnumber'],
  time: ['time', 'timestamp', 't', 'gpstime'],
  rcs: ['rcs', 'rcsdbsm', 'rcsdbm2', 'radarcrosssection'],
  radialSpeed: [
    ...['vr', 'vrad', 'vradial', 'radialspeed', 'radialvelocity', 'velocityradial'],
    ...['doppler', 'dopplervelocity', 'dopplerspeed', 'rangerate'],
  ],
  compensatedRadialSpeed: [
    ...['vrcomp', 'vrcompensated', 'vradcomp', 'vradcompensated', 'vradialcomp', 'vradialcompensated'],
    ...['compensatedradialspeed', 'compensatedradialvelocity', 'radialvelocitycompensated', 'dopplercompensated'],
  ],
};

const FIELD_OF_ALIAS: ReadonlyMap<string, PointFieldName> = new Map(
  (Object.keys(FIELD_ALIASES) as PointFieldName[]).flatMap((field) =>
    FIELD_ALIASES[field].map((alias): [string, PointFieldName] => [alias, field]),
  ),
);

/** The field of `POINT_FIELDS` that a file's column name stands for, or null. The list of names is in this file. */
export function fieldOfName(name: string): PointFieldName | null {
  const folded = name
    .toLowerCase()
    .replace(/^scalar_/, '')
    .replaceAll(/[_\s-]/g, '');
  return FIELD_OF_ALIAS.get(folded) ?? null;
}

/** Names under which fields are handed on: those of `POINT_FIELDS` where one fits, the file's own otherwise, none twice. */
export function fieldNamesOf(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let chosen: string = fieldOfName(name) ?? name;
    if (taken.has(chosen)) chosen = name;
    for (let again = 2; taken.has(chosen); again++) chosen = `${name}_${again}`;
    taken.add(chosen);
    return chosen;
  });
}

const CHANNEL_NAMES = [
  ['red', 'green', 'blue'],
  ['diffuse_red', 'diffuse_green', 'diffuse_blue'],
  ['r', 'g', 'b'],
] as const;

/** Finds red, green and blue; null unless all three are there. */
function findChannels(columns: readonly NamedColumn[]): readonly [NamedColumn, NamedColumn, NamedColumn] | null {
  for (const names of CHANNEL_NAMES) {
    const found = names.map((name) => columns.find((column) => column.name.toLowerCase() === name));
    if (found.every((column) => column !== undefined)) return found as [NamedColumn, NamedColumn, NamedColumn];
  }
  return null;
}

/**
 * The factor to 0..255 of three colour columns. Eight bits are taken as they are. Wider integers and floats are written both
 * ways, so the first rows decide: floats up to 1 are shares; integers up to 255 are bytes, unless all are 0; others are 16 bits.
 */
async function scaleOfChannels(channels: readonly NamedColumn[], table: NumberTable): Promise<number> {
  if (channels.every(({ integerBits }) => integerBits === 8)) return 1;
  let greatest = 0;
  let hasFraction = false;
  for await (const { count, values } of table.rows()) {
    for (let i = 0; i < count; i++)
      for (const { column } of channels) {
        const value = values[i * table.width + column]!;
        if (value > greatest) greatest = value;
        hasFraction ||= value % 1 !== 0;
      }
    break;
  }
  const areShares = channels.every(({ integerBits }) => integerBits === null) && greatest <= 1;
  // Text does not say whether "1" is a share or a byte: one number with a fraction says it.
  if (areShares && (hasFraction || greatest === 1)) return 255;
  return greatest > 255 || greatest === 0 ? 255 / 65_535 : 1;
}

/** Colours of named columns, and which columns they take; null where there are none. */
export async function planColors(
  columns: readonly NamedColumn[],
  table: NumberTable,
): Promise<{ colors: ColorColumns | null; used: readonly NamedColumn[] }> {
  const packed = columns.find(({ name }) => /^rgba?$/i.test(name));
  if (packed !== undefined) return { colors: { kind: 'packed', column: packed.column }, used: [packed] };
  const channels = findChannels(columns);
  if (channels === null) return { colors: null, used: [] };
  const scale = await scaleOfChannels(channels, table);
  return {
    colors: { kind: 'channels', columns: channels.map(({ column }) => column) as [number, number, number], scale },
    used: channels,
  };
}

/**
 * nuScenes' radar layout: `vx_comp, vy_comp` is the velocity along the ray, without the sensor's own motion, split into x and y
 * (and `vx, vy` the same with it). Both are kept; the speed along the ray is derived from them.
 * https://github.com/nutonomy/nuscenes-devkit/blob/master/python-sdk/nuscenes/utils/data_classes.py
 */
function planAlongRay(columns: readonly NamedColumn[]): PlannedField[] {
  const find = (name: string): number | undefined => columns.find((column) => column.name === name)?.column;
  const derive = (name: PointFieldName, vx: number | undefined, vy: number | undefined): PlannedField[] =>
    vx === undefined || vy === undefined
      ? []
      : [{ name, isWide: false, source: { kind: 'along-ray', columns: [vx, vy] } }];
  if (find('vx_comp') === undefined || find('rcs') === undefined) return [];
  return [
    ...derive('radialSpeed', find('vx'), find('vy')),
    ...derive('compensatedRadialSpeed', find('vx_comp'), find('vy_comp')),
  ];
}

/** Fields of the columns that are left when places and colours are taken out. */
export function planFields(columns: readonly NamedColumn[], warnings: string[]): PlannedField[] {
  const kept = columns.slice(0, MAX_FIELDS);
  if (kept.length < columns.length)
    warnings.push(`${columns.length - kept.length} of ${columns.length} fields are passed over.`);
  const names = fieldNamesOf(kept.map(({ name }) => name));
  const plain = kept.map(({ column, isWide }, i): PlannedField => ({
    name: names[i]!,
    isWide,
    source: { kind: 'column', column, scale: 1 },
  }));
  return [...plain, ...planAlongRay(columns).filter(({ name }) => !names.includes(name))];
}

/**
 * The plan of a table with columns x, y, z in any letter case.
 *
 * @param warnings what is passed over is added to it.
 * @throws ImportError 'malformed' where a coordinate is missing.
 */
export async function planNamedColumns(
  columns: readonly NamedColumn[],
  table: NumberTable,
  file: string,
  warnings: string[],
): Promise<CloudPlan> {
  const axes = ['x', 'y', 'z'].map((axis) => {
    const found = columns.find(({ name }) => name === axis) ?? columns.find(({ name }) => name.toLowerCase() === axis);
    if (found === undefined)
      throw new ImportError(
        'malformed',
        `The points have no coordinate "${axis}".`,
        file,
        'header',
        'Export the cloud with x, y and z.',
      );
    return found;
  });
  const place: CartesianColumns = {
    kind: 'cartesian',
    columns: axes.map(({ column }) => column) as [number, number, number],
    scale: 1,
  };
  const { colors, used } = await planColors(columns, table);
  const rest = columns.filter((column) => !axes.includes(column) && !used.includes(column));
  return { place, colors, fields: planFields(rest, warnings) };
}
