/**
 * Where the coordinates of a LAS file live ("LAS Specification 1.4 - R15", section 3): well-known text, or in older files GeoTIFF keys
 * ("GeoTIFF Standard", OGC 19-008r4).
 */
import type { CloudFrame, LengthUnit } from '../scene/sensor-points.js';
import type { ByteSource } from './byte-source.js';
import type { LasHeader } from './las-header.js';
import type { LasRecords } from './las-records.js';
import { readLasRecord, zeroTerminated } from './las-records.js';
import type { WktMeaning } from './wkt-units.js';
import { readWktUnits } from './wkt-units.js';

export interface LasFrame {
  readonly frame: CloudFrame;
  readonly warnings: readonly string[];
}

const MAX_WKT_BYTES = 1 << 20;
const WKT: readonly [string, number] = ['LASF_Projection', 2112];
/** Files of before LAS 1.4: libLAS and GDAL's programs put the text here, beside the keys. */
const OLD_WKT: readonly [string, number] = ['liblas', 2112];
const GEO_KEYS: readonly [string, number] = ['LASF_Projection', 34735];

/** GeoTIFF's numbers of the keys, and of values in them. */
const KEY = {
  modelType: 1024,
  geographic: 2048,
  projected: 3072,
  projectedUnit: 3076,
  vertical: 4096,
  heightUnit: 4099,
};
const MODEL_KINDS: Readonly<Record<number, WktMeaning['kind']>> = { 1: 'projected', 2: 'geographic', 3: 'geocentric' };
const EPSG_UNITS: Readonly<Record<number, LengthUnit>> = { 9001: 'metre', 9002: 'foot', 9003: 'us-survey-foot' };
/** 0: undefined, 32767: user-defined; both name nothing. */
const isEpsgCode = (code: number | undefined): code is number => code !== undefined && code > 0 && code < 32_767;
/** EPSG's blocks of UTM zones, all of them in metres: ETRS89, NAD83, WGS 84 north and south. */
const UTM_ZONES: readonly [number, number][] = [
  [25_828, 25_838],
  [26_901, 26_923],
  [32_601, 32_660],
  [32_701, 32_760],
];

/**
 * Reads the reference system. A LAS file's z is its height: heights are what section 3 speaks of as the vertical part of the system, and
 * only a geocentric one has none.
 *
 * @returns `crs` as the file states it (the text, or `EPSG:n`), null where it states none; unit 'unknown' unless it is said.
 * @throws ImportError where the file cannot be read.
 */
export async function readLasFrame(source: ByteSource, header: LasHeader, records: LasRecords): Promise<LasFrame> {
  const readText = async (name: readonly [string, number]): Promise<string | null> => {
    const bytes = await readLasRecord(source, records, name, MAX_WKT_BYTES);
    const text = bytes === null ? '' : zeroTerminated(bytes);
    return text === '' ? null : text;
  };
  const keyBytes = await readLasRecord(source, records, GEO_KEYS, 1 << 16);
  const keys = keyBytes === null ? new Map<number, number>() : readGeoKeys(keyBytes);
  const text = await readText(WKT);
  if (text !== null && (header.hasWktFlag || header.pointFormat >= 6 || keys.size === 0)) return frameOfWkt(text);
  const geoTiff = frameOfKeys(keys);
  if (geoTiff.crs !== null) return describe(geoTiff.crs, geoTiff);
  const oldText = text ?? (await readText(OLD_WKT));
  if (oldText !== null) return frameOfWkt(oldText);
  return describe(null, geoTiff);
}

function frameOfWkt(text: string): LasFrame {
  return describe(text, readWktUnits(text));
}

function describe(crs: string | null, { kind, unit, heightUnit }: WktMeaning): LasFrame {
  const warnings: string[] = [];
  if (kind === 'geographic')
    warnings.push('The coordinates are longitudes and latitudes in degrees, not lengths; project them before use.');
  else if (kind === 'geocentric')
    warnings.push("The coordinates are geocentric: z is the Earth's axis, and no axis points up.");
  else if (heightUnit !== unit) warnings.push(`Heights are in another unit (${heightUnit}) than x and y (${unit}).`);
  return { frame: { unit, upAxis: kind === 'geocentric' ? 'unknown' : 'z', crs }, warnings };
}

/** Keys whose value stands in the directory itself, the only ones that are asked for here. */
function readGeoKeys(bytes: Uint8Array): Map<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const keys = new Map<number, number>();
  const announced = bytes.length >= 8 ? view.getUint16(6, true) : 0;
  for (let entry = 1; entry <= announced && (entry + 1) * 8 <= bytes.length; entry++) {
    const at = entry * 8;
    if (view.getUint16(at + 2, true) === 0) keys.set(view.getUint16(at, true), view.getUint16(at + 6, true));
  }
  return keys;
}

function frameOfKeys(keys: ReadonlyMap<number, number>): WktMeaning & { readonly crs: string | null } {
  const kind = MODEL_KINDS[keys.get(KEY.modelType) ?? 0] ?? 'unknown';
  const code = keys.get(kind === 'projected' ? KEY.projected : KEY.geographic);
  const vertical = keys.get(KEY.vertical);
  let unit: LengthUnit =
    kind === 'geographic' ? 'unknown' : (EPSG_UNITS[keys.get(KEY.projectedUnit) ?? 0] ?? 'unknown');
  if (unit === 'unknown' && kind === 'projected' && isEpsgCode(code))
    unit = UTM_ZONES.some(([first, last]) => code >= first && code <= last) ? 'metre' : 'unknown';
  const heightCode = keys.get(KEY.heightUnit);
  return {
    kind,
    unit,
    heightUnit: heightCode === undefined ? unit : (EPSG_UNITS[heightCode] ?? 'unknown'),
    crs: isEpsgCode(code) ? `EPSG:${code}${isEpsgCode(vertical) ? `+${vertical}` : ''}` : null,
  };
}
