/** Loss and held-out PSNR over iterations: a curve for the eye, a table for screen readers and for who wants the numbers. */
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { HistoryPoint } from '../../../electron/ipc/contract.js';
import { formatFixed, formatNumber } from '../../app/format.js';
import { useAppStore } from '../../app/store.js';
import { TickBox } from '../controls/tick-box.js';
import { useLanguage } from '../controls/use-language.js';
import { toColumns, toRows } from './plot-data.js';
import { plotOptions } from './plot-options.js';

const HEIGHT = 160;
const TABLE_ROWS = 12;

function toPlotData(history: readonly HistoryPoint[]): uPlot.AlignedData {
  const { iterations, losses, psnrs } = toColumns(history);
  return [[...iterations], [...losses], [...psnrs]];
}

function Curve({ history }: { readonly history: readonly HistoryPoint[] }): ReactElement {
  const { t } = useTranslation('run');
  const language = useLanguage();
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(history);
  const names = { iteration: t('iteration'), loss: t('loss'), psnr: t('psnr') };
  const words = JSON.stringify(names);

  useEffect(() => {
    const container = box.current;
    if (container === null) return;
    const build = (): void => {
      plot.current?.destroy();
      const size = { width: Math.max(160, container.clientWidth), height: HEIGHT };
      const labels = JSON.parse(words) as typeof names;
      plot.current = new uPlot(plotOptions(size, labels, language), toPlotData(newest.current), container);
    };
    build();
    const resize = new ResizeObserver(() =>
      plot.current?.setSize({ width: Math.max(160, container.clientWidth), height: HEIGHT }),
    );
    resize.observe(container);
    // Colours are read when the plot is made: another theme makes another plot.
    const theme = new MutationObserver(build);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => {
      resize.disconnect();
      theme.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [language, words]);

  useEffect(() => {
    newest.current = history;
    plot.current?.setData(toPlotData(history));
  }, [history]);

  return <div ref={box} className="plot" role="img" aria-label={t('plotLabel')} />;
}

function PointTable({ history }: { readonly history: readonly HistoryPoint[] }): ReactElement {
  const { t } = useTranslation('run');
  const language = useLanguage();
  const rows = toRows(history, TABLE_ROWS);
  return (
    <table className="plot-table numeric">
      <caption>{t('plotTableCaption', { count: rows.length })}</caption>
      <thead>
        <tr>
          <th scope="col">{t('iteration')}</th>
          <th scope="col">{t('loss')}</th>
          <th scope="col">{t('psnr')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ iteration, loss, psnr }) => (
          <tr key={iteration}>
            <td>{formatNumber(iteration, language)}</td>
            <td>{formatFixed(loss, language, 4)}</td>
            <td>{psnr === null ? '–' : t('decibel', { value: formatFixed(psnr, language, 2) })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function ProgressPlot(): ReactElement {
  const { t } = useTranslation('run');
  const history = useAppStore((store) => store.history);
  const [isTable, setTable] = useState(false);
  return (
    <section className="panel-section" aria-labelledby="plot-title">
      <div className="row">
        <h2 className="panel-title grow" id="plot-title">
          {t('plotTitle')}
        </h2>
        {history.length === 0 ? null : <TickBox label={t('plotTable')} isTicked={isTable} onChange={setTable} />}
      </div>
      {history.length === 0 ? (
        <p className="muted">{t('plotEmpty')}</p>
      ) : isTable ? (
        <PointTable history={history} />
      ) : (
        <Curve history={history} />
      )}
    </section>
  );
}
