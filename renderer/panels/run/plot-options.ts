/** How the curve is drawn, in the colours of the present theme. */
import type uPlot from 'uplot';
import { formatNumber } from '../../app/format.js';

/** uPlot's `Axis.Side.Right`: the enum exists in its types alone, so that no member of it can be named here. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const RIGHT = 1 as uPlot.Axis.Side.Right;

/** Scores that hardly differ are not drawn as if they leapt, and a single one gets a scale to stand on. */
const LEAST_PSNR_SPAN_DB = 2;

/** Limits of the PSNR axis around scores from `least` to `most`, in dB; null where there is none yet. */
export function psnrRange(least: number | null, most: number | null): uPlot.Range.MinMax {
  // A curve without points hands over null, whatever the types say; its axis has no numbers then.
  if (least === null || most === null) return [null, null];
  const margin = Math.max((most - least) * 0.1, (LEAST_PSNR_SPAN_DB - (most - least)) / 2);
  return [least - margin, most + margin];
}

interface PlotNames {
  readonly iteration: string;
  readonly loss: string;
  readonly psnr: string;
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function plotOptions(
  size: { readonly width: number; readonly height: number },
  names: PlotNames,
  language: string,
): uPlot.Options {
  const [lossColor, psnrColor] = [token('--plot-1'), token('--plot-2')];
  const grid = { stroke: token('--plot-grid'), width: 1 };
  const font = `11px ${token('--font')}`;
  const axis = { stroke: token('--text-muted'), font, grid, ticks: { show: false }, gap: 4 };
  const values = (_plot: uPlot, splits: number[]): string[] => splits.map((split) => formatNumber(split, language, 3));
  return {
    ...size,
    padding: [8, 4, 0, 0],
    cursor: { drag: { x: false, y: false }, y: false },
    legend: { show: true, live: false },
    scales: { x: { time: false }, loss: {}, psnr: { range: (_plot, least, most) => psnrRange(least, most) } },
    axes: [
      { ...axis, size: 24, space: 64, values },
      { ...axis, scale: 'loss', size: 44, space: 32, values },
      { ...axis, scale: 'psnr', side: RIGHT, size: 36, space: 32, values, grid: { show: false } },
    ],
    series: [
      { label: names.iteration },
      { label: names.loss, scale: 'loss', stroke: lossColor, width: 1.5, points: { show: false } },
      {
        label: names.psnr,
        scale: 'psnr',
        stroke: psnrColor,
        width: 1.5,
        spanGaps: true,
        points: { show: true, size: 5, stroke: psnrColor, fill: psnrColor },
      },
    ],
  };
}
