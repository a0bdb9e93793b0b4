import type { WrittenFormat } from './format-names.js';

/** Bytes that a scene will take in a format, to within a quarter. */
export function estimateExportBytes(count: number, shDegree: number, format: WrittenFormat): number {
  return count * (format === 'ply' ? 248 : 20) + shDegree;
}
