/** The formats of clouds: by which bytes and names they are known, and who opens them. */
import type { ByteSource } from './byte-source.js';
import type { CloudFormat, CloudReader } from './cloud-reader.js';
import { isLas } from './las-header.js';
import type { BinCloudOptions } from './read-bin-cloud.js';
import { openBinCloud } from './read-bin-cloud.js';
import { openCsvCloud } from './read-csv-cloud.js';
import { openE57 } from './read-e57.js';
import type { OpenLasOptions } from './read-las.js';
import { openLas } from './read-las.js';
import { openPcd } from './read-pcd.js';
import { openPlyCloud } from './read-ply-cloud.js';
import { openPts } from './read-pts.js';
import { parseNumber } from './text-rows.js';
import { wordsOf } from './text-records.js';

/** What a host hands in, and what a caller knows of a file that does not say it itself. */
export type OpenCloudOptions = OpenLasOptions & BinCloudOptions;

export interface CloudFormatEntry {
  readonly format: CloudFormat;
  /** As people call it. */
  readonly title: string;
  /** Endings of file names, in lower case, with the dot. */
  readonly extensions: readonly string[];
  /** Whether a file that begins with these bytes (FIRST_BYTES of open-cloud.ts) can be of the format; null for those that have no mark. */
  readonly matches: ((firstBytes: Uint8Array) => boolean) | null;
  readonly open: (source: ByteSource, options?: OpenCloudOptions) => Promise<CloudReader>;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((character, i) => bytes[i] === character.charCodeAt(0));
}

/** Words of the first line that is not empty; null for bytes that are no text. */
function firstWords(bytes: Uint8Array): string[] | null {
  if (bytes.includes(0)) return null;
  const lines = new TextDecoder('latin1').decode(bytes).split(/[\r\n]+/);
  return wordsOf(lines.find((line) => line.trim() !== '') ?? '');
}

function isPts(bytes: Uint8Array): boolean {
  const words = firstWords(bytes) ?? [];
  return [1, 3, 4, 6, 7].includes(words.length) && words.every((word) => parseNumber(word) !== undefined);
}

/** A line with a name that is no number, and one of the names that tell places. */
function isCsv(bytes: Uint8Array): boolean {
  const line = firstWords(bytes)?.join(' ') ?? '';
  return /(^|[^a-z])(x|range|r|distance)([^a-z]|$)/i.test(line) && /(^|[^a-z])(y|az|azimuth)([^a-z]|$)/i.test(line);
}

const PCD_KEYWORD = /^(VERSION|FIELDS|COLUMNS|SIZE|TYPE|COUNT|WIDTH|HEIGHT|VIEWPOINT|POINTS)\s/;

/** The first line that is neither empty nor a comment is an entry of PCD's header. */
function isPcd(bytes: Uint8Array): boolean {
  const lines = new TextDecoder('latin1').decode(bytes).split('\n');
  return PCD_KEYWORD.test(lines.find((line) => line.trim() !== '' && !line.startsWith('#'))?.trimStart() ?? '');
}

function isPly(bytes: Uint8Array): boolean {
  return /^ply[ \t]*[\r\n]/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 16)));
}

function isE57(bytes: Uint8Array): boolean {
  return startsWith(bytes, 'ASTM-E57');
}

/** The first that fits wins: by mark, then by the file's name. */
export const CLOUD_FORMATS: readonly CloudFormatEntry[] = [
  { format: 'las', title: 'LAS', extensions: ['.las', '.laz'], matches: isLas, open: openLas },
  { format: 'e57', title: 'E57', extensions: ['.e57'], matches: isE57, open: openE57 },
  { format: 'pcd', title: 'PCD', extensions: ['.pcd'], matches: isPcd, open: openPcd },
  { format: 'ply', title: 'PLY', extensions: ['.ply'], matches: isPly, open: openPlyCloud },
  { format: 'pts', title: 'PTS', extensions: ['.pts', '.xyz'], matches: isPts, open: openPts },
  { format: 'csv', title: 'CSV', extensions: ['.csv', '.txt'], matches: isCsv, open: openCsvCloud },
  // nuScenes calls its LiDAR `.pcd.bin`; there is nothing of PCD in it.
  {
    format: 'bin',
    title: 'KITTI, nuScenes and View-of-Delft .bin',
    extensions: ['.bin'],
    matches: null,
    open: openBinCloud,
  },
];
