/** Points of a run as columns for the plot and rows for the table. */
import type { HistoryPoint } from '../../../electron/ipc/contract.js';

/** More than a plot of this width has pixels for. */
const MAX_PLOTTED = 1000;

export interface PlotColumns {
  readonly iterations: readonly number[];
  readonly losses: readonly number[];
  readonly psnrs: readonly (number | null)[];
}

/** Evenly thinned; the last point and every point with a score stay, for they are few and what people look for. */
export function toColumns(history: readonly HistoryPoint[], maxPoints = MAX_PLOTTED): PlotColumns {
  const step = Math.max(1, Math.ceil(history.length / maxPoints));
  const kept = history.filter(({ psnr }, index) => index % step === 0 || psnr !== null || index === history.length - 1);
  return {
    iterations: kept.map(({ iteration }) => iteration),
    losses: kept.map(({ loss }) => loss),
    psnrs: kept.map(({ psnr }) => psnr),
  };
}

/** The last points, newest first; those with a score are preferred where there are any between. */
export function toRows(history: readonly HistoryPoint[], count: number): readonly HistoryPoint[] {
  const scored = history.filter(({ psnr }) => psnr !== null);
  const last = history.at(-1);
  const rows = scored.length >= count / 2 ? scored.slice(-count) : history.slice(-count);
  const withLast = last === undefined || rows.includes(last) ? rows : [...rows.slice(1 - count), last];
  return [...withLast].reverse();
}
