/** What the export dialog starts from, and what a format can hold. */
import type { ExportFormat, ExportOptions } from '../../../electron/ipc/contract.js';

/** `.splat` has one colour a Gaussian and nothing more. */
const MAX_DEGREE: Readonly<Partial<Record<ExportFormat, number>>> = { splat: 0 };

export const maxDegreeOf = (format: ExportFormat): number => MAX_DEGREE[format] ?? 3;

export const FIRST_OPTIONS: ExportOptions = { format: 'ply', upAxis: 'unchanged', shDegree: 3, applyEdits: true };

/** Changes the format; what it cannot hold is taken back. */
export function withFormat(options: ExportOptions, format: ExportFormat): ExportOptions {
  return { ...options, format, shDegree: Math.min(options.shDegree, maxDegreeOf(format)) };
}
