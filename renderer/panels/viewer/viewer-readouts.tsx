/** Numbers over the picture: how long a frame takes, and what the colours of a display mode mean. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { depthScaleCss, seenScaleCss } from '../../viewer/color-scales.js';
import { useViewerStore } from './viewer-store.js';

export function Hud(): ReactElement | null {
  const { t, i18n } = useTranslation('viewer');
  const statistics = useViewerStore((store) => store.statistics);
  const isShown = useViewerStore((store) => store.visible.hud);
  if (statistics === null || !isShown) return null;
  const { frameMs, splatCount, resolutionScale } = statistics;
  const number = (value: number, digits = 0): string =>
    value.toLocaleString(i18n.language, { maximumFractionDigits: digits, minimumFractionDigits: digits });
  return (
    <dl className="viewer-hud numeric" aria-label={t('hud')}>
      <dt className="visually-hidden">{t('hudFrame')}</dt>
      <dd>{t('hudMs', { ms: number(frameMs, frameMs < 100 ? 1 : 0) })}</dd>
      <dt className="visually-hidden">{t('hudSplats')}</dt>
      <dd>{t('hudCount', { count: splatCount, shown: number(splatCount) })}</dd>
      <dt className="visually-hidden">{t('hudResolution')}</dt>
      <dd>{t('hudPercent', { percent: number(resolutionScale * 100) })}</dd>
    </dl>
  );
}

export function Legend(): ReactElement | null {
  const { t } = useTranslation('viewer');
  const mode = useViewerStore((store) => store.mode);
  if (mode === 'color') return null;
  return (
    <figure className="viewer-legend" aria-label={t(`mode_${mode}`)}>
      <figcaption className="viewer-legend-title">{t(`legend_${mode}`)}</figcaption>
      {mode === 'depth' ? <DepthScale /> : mode === 'seen' ? <SeenScale /> : <AlphaScale />}
    </figure>
  );
}

function DepthScale(): ReactElement {
  const { t, i18n } = useTranslation('viewer');
  const range = useViewerStore((store) => store.depthRange);
  const metresPerUnit = useViewerStore((store) => store.frame.metresPerUnit);
  const shown = (depth: number): string => {
    const value = (depth * (metresPerUnit ?? 1)).toLocaleString(i18n.language, { maximumSignificantDigits: 3 });
    return metresPerUnit === null ? t('units', { value }) : t('metres', { value });
  };
  return (
    <>
      <div className="viewer-scale" style={{ background: depthScaleCss() }} />
      <div className="viewer-scale-ends numeric">
        <span>{range === null ? t('near') : shown(range.near)}</span>
        <span>{range === null ? t('far') : shown(range.far)}</span>
      </div>
    </>
  );
}

function AlphaScale(): ReactElement {
  const { t } = useTranslation('viewer');
  return (
    <>
      <div className="viewer-scale viewer-scale-alpha" />
      <div className="viewer-scale-ends">
        <span>{t('nothing')}</span>
        <span>{t('opaque')}</span>
      </div>
    </>
  );
}

function SeenScale(): ReactElement {
  const colors = seenScaleCss();
  return (
    <ol className="viewer-seen numeric">
      {colors.map((color, count) => (
        <li key={color}>
          <span className="viewer-swatch" style={{ background: color }} />
          {count === colors.length - 1 ? `${count}+` : count}
        </li>
      ))}
    </ol>
  );
}
