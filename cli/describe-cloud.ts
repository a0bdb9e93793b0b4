/** `vantage info` of a point cloud. */
import { FIRST_BYTES, recogniseCloud } from '../engine/formats/open-cloud.js';
import { readPlyHeader } from '../engine/formats/ply-header.js';
import { openFileSource } from '../host/clouds/file-source.js';
import { openCloudFile } from '../host/clouds/open-cloud-file.js';
import { formatCount } from '../host/run/format-text.js';
import type { CloudSummary } from './cloud-summary.js';
import { summarizeCloud } from './cloud-summary.js';
import { listenForInterrupt } from './interrupt.js';
import { showLateProgress } from './late-progress.js';

/** A PLY's header is looked for in so many bytes; headers of real files are a few kilobytes. */
const PLY_HEADER_BYTES = 1 << 16;
/** What every record of a splat has, packed or not, and no sensor measures. */
const SPLAT_PROPERTIES = ['f_dc_0', 'packed_position'];
const MAX_CRS_LENGTH = 80;

/** Whether a file is a point cloud, by its first bytes and its name; a PLY of splats is none. */
export async function isCloudFile(path: string): Promise<boolean> {
  const source = await openFileSource(path);
  try {
    const head = await source.read(0, Math.min(source.sizeBytes, PLY_HEADER_BYTES));
    if (recogniseCloud(path, head.subarray(0, FIRST_BYTES)) === null) return false;
    return !hasSplatProperties(head, path);
  } finally {
    await source.close();
  }
}

function hasSplatProperties(head: Uint8Array, path: string): boolean {
  const isPly = head[0] === 0x70 && head[1] === 0x6c && head[2] === 0x79;
  if (!isPly) return false;
  try {
    const { elements } = readPlyHeader(head, path);
    return elements.some(({ properties }) => properties.some(({ name }) => SPLAT_PROPERTIES.includes(name)));
  } catch {
    // What is wrong with it is for a reader to say.
    return false;
  }
}

/** Coordinates to the tenth of a millimetre, where the unit is a metre; sums of float64 have no more to say. */
function formatCoordinate(value: number): string {
  return String(Number(value.toFixed(4)));
}

function describeCrs({ crs }: CloudSummary): string {
  if (crs === null) return 'not stated';
  return crs.length > MAX_CRS_LENGTH ? `${crs.slice(0, MAX_CRS_LENGTH)}…` : crs;
}

/** Reads the whole cloud and says what it holds: lines for people, an object for `--json`. */
export async function describeCloud(path: string): Promise<{ lines: string[]; data: object }> {
  const interrupt = listenForInterrupt('Stopping …', 'Stopped before the cloud was read.');
  const progress = showLateProgress(`Reading ${path}`);
  try {
    const { reader, close } = await openCloudFile(path, { signal: interrupt.signal });
    try {
      const { onProgress } = progress;
      const summary = await summarizeCloud(reader, { onProgress, signal: interrupt.signal });
      return { data: { kind: 'cloud', file: path, ...summary }, lines: linesOf(path, summary) };
    } finally {
      await close();
    }
  } finally {
    progress.finish();
    interrupt.release();
  }
}

function linesOf(path: string, summary: CloudSummary): string[] {
  const { bounds, fields, hasColors, leftOut, scans, unit, upAxis, variant, warnings } = summary;
  const point = (values: readonly number[]): string => `(${values.map(formatCoordinate).join(', ')})`;
  return [
    `${path}: ${formatCount(summary.points)} points (${variant})`,
    ...(leftOut > 0 ? [`not finite  ${formatCount(leftOut)} more records, passed over`] : []),
    ...(bounds === null ? [] : [`bounds      ${point(bounds.min)} to ${point(bounds.max)}`]),
    `fields      ${[...(hasColors ? ['colour'] : []), ...fields].join(', ') || 'none'}`,
    `unit        ${unit}`,
    `up axis     ${upAxis}`,
    `CRS         ${describeCrs(summary)}`,
    ...(scans > 0 ? [`scans       ${scans}`] : []),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
}
