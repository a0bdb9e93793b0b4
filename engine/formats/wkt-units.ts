/**
 * What a coordinate reference system in well-known text says of its lengths (OGC 01-009 "WKT 1", ISO 19162 "WKT 2"). Only the structure is
 * read, `KEYWORD[value, KEYWORD[…], …]`; nothing of it is computed.
 */
import type { LengthUnit } from '../scene/sensor-points.js';

export interface WktMeaning {
  readonly kind: 'projected' | 'geographic' | 'geocentric' | 'local' | 'unknown';
  /** Of the coordinates along the ground (of all three where the system is geocentric). */
  readonly unit: LengthUnit;
  /** Of the heights; the same as `unit` where the text names no system of heights. */
  readonly heightUnit: LengthUnit;
}

interface WktNode {
  readonly keyword: string;
  readonly values: readonly string[];
  readonly children: readonly WktNode[];
}

/** Deeper nesting is no coordinate system. */
const MAX_DEPTH = 32;
const TOKEN = /\s*(?:"((?:[^"]|"")*)"|([[\](),])|([^\s"[\](),]+))/y;

const KINDS: Readonly<Record<string, WktMeaning['kind']>> = {
  PROJCS: 'projected',
  PROJCRS: 'projected',
  PROJECTEDCRS: 'projected',
  GEOGCS: 'geographic',
  GEOGCRS: 'geographic',
  GEOGRAPHICCRS: 'geographic',
  GEOCCS: 'geocentric',
  GEODCRS: 'geocentric',
  GEODETICCRS: 'geocentric',
  LOCAL_CS: 'local',
  ENGCRS: 'local',
  ENGINEERINGCRS: 'local',
};
const COMPOUND = new Set(['COMPD_CS', 'COMPOUNDCRS', 'BOUNDCRS', 'SOURCECRS']);
const VERTICAL = new Set(['VERT_CS', 'VERTCS', 'VERTCRS', 'VERTICALCRS']);

/** International foot: exactly 0.3048 m. US survey foot: 1200/3937 m; texts give it to between seven and sixteen digits. */
const UNIT_OF_METRES: readonly [number, LengthUnit][] = [
  [1, 'metre'],
  [0.3048, 'foot'],
  [1200 / 3937, 'us-survey-foot'],
];
/** The two feet differ by 2e-6 of their length. */
const FACTOR_TOLERANCE = 1e-7;

/** The unit that is so many metres long; 'unknown' for any other. */
export function lengthUnitOfMetres(metres: number): LengthUnit {
  return UNIT_OF_METRES.find(([length]) => Math.abs(metres / length - 1) < FACTOR_TOLERANCE)?.[1] ?? 'unknown';
}

/**
 * Reads kind and units out of a WKT of either generation.
 *
 * @returns 'unknown' throughout for a text that is no WKT: it is shown as it is and believed in nothing.
 */
export function readWktUnits(text: string): WktMeaning {
  const root = parseWkt(text);
  const nothing: WktMeaning = { kind: 'unknown', unit: 'unknown', heightUnit: 'unknown' };
  if (root === null) return nothing;
  const horizontal = findNode(root, (keyword) => keyword in KINDS);
  if (horizontal === null) return nothing;
  // WKT 2 calls both kinds geodetic: with a cartesian coordinate system it is geocentric.
  const named = KINDS[horizontal.keyword] as WktMeaning['kind'];
  const isEllipsoidal = horizontal.children.some(
    ({ keyword, values }) => keyword === 'CS' && values[0]?.toLowerCase() === 'ellipsoidal',
  );
  const kind = named === 'geocentric' && isEllipsoidal ? 'geographic' : named;
  const unit = kind === 'geographic' ? 'unknown' : unitOf(horizontal);
  const vertical = findNode(root, (keyword) => VERTICAL.has(keyword), true);
  return { kind, unit, heightUnit: vertical === null ? unit : unitOf(vertical) };
}

/** Breadth first through what wraps a system, never into a system's own base. */
function findNode(root: WktNode, matches: (keyword: string) => boolean, isAnywhere = false): WktNode | null {
  if (matches(root.keyword)) return root;
  if (!isAnywhere && !COMPOUND.has(root.keyword)) return null;
  for (const child of root.children) {
    const found = findNode(child, matches, isAnywhere);
    if (found !== null) return found;
  }
  return null;
}

/** WKT 1 gives a system one `UNIT`; WKT 2 one `LENGTHUNIT`, or one an axis. */
function unitOf(node: WktNode): LengthUnit {
  const isUnit = ({ keyword }: WktNode): boolean => keyword === 'UNIT' || keyword === 'LENGTHUNIT';
  const stated =
    node.children.find(isUnit) ??
    node.children.find(({ keyword }) => keyword === 'AXIS')?.children.find(isUnit) ??
    null;
  if (stated === null) return 'unknown';
  const unit = lengthUnitOfMetres(Number(stated.values[1]));
  // Texts exist that call a unit a foot and make it one metre long: neither is believed.
  const isFoot = /\b(foot|feet|ft)\b/i.test(stated.values[0] ?? '');
  return (isFoot && unit === 'metre') || (/^met(re|er)$/i.test(stated.values[0] ?? '') && unit !== 'metre')
    ? 'unknown'
    : unit;
}

function parseWkt(text: string): WktNode | null {
  const pattern = new RegExp(TOKEN);
  const next = (): RegExpExecArray | null => pattern.exec(text);
  const parseNode = (keyword: string, depth: number): WktNode | null => {
    if (depth > MAX_DEPTH) return null;
    const values: string[] = [];
    const children: WktNode[] = [];
    let word: string | null = null;
    for (;;) {
      const token = next();
      if (token === null) return null;
      const [, quoted, mark, bare] = token;
      if (quoted !== undefined || bare !== undefined) word = (quoted ?? bare) as string;
      else if (mark === '[' || mark === '(') {
        const child = parseNode((word ?? '').toUpperCase(), depth + 1);
        if (child === null) return null;
        children.push(child);
        word = null;
      } else {
        if (word !== null) values.push(word);
        word = null;
        if (mark !== ',') return { keyword, values, children };
      }
    }
  };
  const keyword = next()?.[3];
  const open = next()?.[2];
  return keyword === undefined || (open !== '[' && open !== '(') ? null : parseNode(keyword.toUpperCase(), 0);
}
