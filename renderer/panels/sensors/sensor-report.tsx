/** What sensors say about a scene's depth: errors on points that were held out, and how the residuals of the others spread. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { SensorReport as Report } from '../../../electron/ipc/contract.js';
import { formatFixed, formatNumber } from '../../app/format.js';
import { TickBox } from '../controls/tick-box.js';
import { useLanguage } from '../controls/use-language.js';
import './sensors.css';

type Histogram = Report['histogram'];

const WIDTH = 300;
const HEIGHT = 96;

/** Edges and lengths are to be shown with so many decimals that two of them differ. */
function decimalsFor({ edges }: Histogram): number {
  const step = Math.abs((edges[1] ?? 1) - (edges[0] ?? 0));
  return step > 0 ? Math.min(4, Math.max(0, Math.ceil(-Math.log10(step)))) : 2;
}

/** Millimetres where there are few metres; a wide number leaves the other columns no room. */
function digitsOf(value: number): number {
  return Math.max(0, 3 - Math.floor(Math.log10(Math.max(1, value))));
}

function ErrorTable({ report }: { readonly report: Report }): ReactElement {
  const { t } = useTranslation('sensors');
  const language = useLanguage();
  const length = (value: number): string =>
    t(report.unit === 'metre' ? 'value_metre' : 'value_scene', {
      value: formatFixed(value, language, digitsOf(value)),
    });
  return (
    <table className="plot-table numeric sensor-table">
      <caption>{t('errorCaption')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('errorDepth')}</th>
          <th scope="col">
            <abbr title={t('maeLong')}>MAE</abbr>
          </th>
          <th scope="col">
            <abbr title={t('rmseLong')}>RMSE</abbr>
          </th>
          <th scope="col">
            <abbr title={t('absRelLong')}>AbsRel</abbr>
          </th>
          <th scope="col">
            <abbr title={t('delta1Long')}>δ1</abbr>
          </th>
        </tr>
      </thead>
      <tbody>
        {report.rows.map(({ name, mae, rmse, absRel, delta1, count }) => (
          <tr key={name} title={t('rowPoints', { shown: formatNumber(count, language), count })}>
            <th scope="row">{t(`row_${name}`)}</th>
            <td>{length(mae)}</td>
            <td>{length(rmse)}</td>
            <td>{formatFixed(absRel, language, 3)}</td>
            <td>{t('percent', { value: formatFixed(delta1 * 100, language, 1) })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Bars({ histogram, label }: { readonly histogram: Histogram; readonly label: string }): ReactElement {
  const { edges, counts } = histogram;
  const most = Math.max(1, ...counts);
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  const at = (value: number): number => (WIDTH * (value - low)) / (high - low || 1);
  return (
    <svg
      className="sensor-bars"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
      preserveAspectRatio="none"
    >
      {counts.map((count, i) => {
        const [from, to] = [at(edges[i] ?? 0), at(edges[i + 1] ?? 0)];
        const height = (HEIGHT * count) / most;
        return (
          <rect key={edges[i]} x={from} y={HEIGHT - height} width={Math.max(0.5, to - from - 0.5)} height={height} />
        );
      })}
      {low < 0 && high > 0 ? <line x1={at(0)} x2={at(0)} y1={0} y2={HEIGHT} /> : null}
    </svg>
  );
}

function HistogramTable({ histogram }: { readonly histogram: Histogram }): ReactElement {
  const { t } = useTranslation('sensors');
  const language = useLanguage();
  const { edges, counts } = histogram;
  const digits = decimalsFor(histogram);
  const edge = (i: number): string => formatFixed(edges[i] ?? 0, language, digits);
  return (
    <table className="plot-table numeric">
      <caption>{t('histogramTitle')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('binRange')}</th>
          <th scope="col">{t('points')}</th>
        </tr>
      </thead>
      <tbody>
        {counts.map((count, i) => (
          <tr key={edges[i]}>
            <td>{t('fromTo', { from: edge(i), to: edge(i + 1) })}</td>
            <td>{formatNumber(count, language)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ResidualHistogram({ report }: { readonly report: Report }): ReactElement | null {
  const { t } = useTranslation('sensors');
  const language = useLanguage();
  const [isTable, setTable] = useState(false);
  const { histogram, unit } = report;
  const { edges, counts } = histogram;
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0 || edges.length !== counts.length + 1) return null;
  const digits = decimalsFor(histogram);
  const shown = (value: number): string =>
    t(unit === 'metre' ? 'value_metre' : 'value_scene', { value: formatFixed(value, language, digits) });
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  return (
    <div className="stack">
      <div className="row">
        <h3 className="field-label grow">{t('histogramTitle')}</h3>
        <TickBox label={t('asTable')} isTicked={isTable} onChange={setTable} />
      </div>
      {isTable ? (
        <HistogramTable histogram={histogram} />
      ) : (
        <figure>
          <Bars histogram={histogram} label={t('histogramLabel', { low: shown(low), high: shown(high) })} />
          <div className="viewer-scale-ends numeric sensor-ends" aria-hidden="true">
            <span>{shown(low)}</span>
            {low < 0 && high > 0 ? <span>{shown(0)}</span> : null}
            <span>{shown(high)}</span>
          </div>
        </figure>
      )}
      <p className="field-hint">{t('histogramHint', { shown: formatNumber(total, language), count: total })}</p>
    </div>
  );
}

export function SensorReport({ report }: { readonly report: Report }): ReactElement {
  const { t } = useTranslation('sensors');
  return (
    <section className="panel-section" aria-labelledby="sensor-report-title">
      <h2 className="panel-title" id="sensor-report-title">
        {t('reportTitle')}
      </h2>
      {report.rows.length === 0 ? null : <ErrorTable report={report} />}
      <ResidualHistogram report={report} />
    </section>
  );
}
