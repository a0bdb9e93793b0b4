/** What the colours of the sensors' points stand for, in numbers and with their unit. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useAppStore } from '../../app/store.js';
import { valueScaleCss } from '../../viewer/cloud-colors.js';
import { useLanguage } from '../controls/use-language.js';
import { useViewerStore } from '../viewer/viewer-store.js';
import type { LegendUnit } from './draw-clouds.js';
import { useSensorStore } from './sensor-store.js';

function useValueWords(): (value: number, unit: LegendUnit) => string {
  const { t } = useTranslation('sensors');
  const language = useLanguage();
  return (value, unit) => {
    const number = value.toLocaleString(language, { maximumSignificantDigits: 3 });
    return unit === 'none' ? number : t(`value_${unit}`, { value: number });
  };
}

/** Nothing where points have colours of their own, or none are shown. */
export function CloudLegend({ className }: { readonly className: string }): ReactElement | null {
  const { t } = useTranslation('sensors');
  const legend = useSensorStore((store) => store.legend);
  const inWords = useValueWords();
  if (legend === null) return null;
  const { colouring, range, unit } = legend;
  const signed = range?.isSigned ?? false;
  const title = t(`legend_${colouring}`);
  return (
    <figure className={className} aria-label={t('legendLabel')}>
      <figcaption className="viewer-legend-title">
        {unit === 'unknown' && range !== null ? t('unitUnknown', { what: title }) : title}
      </figcaption>
      <div className="viewer-scale" style={{ background: valueScaleCss(signed) }} />
      <div className="viewer-scale-ends numeric">
        {range === null ? (
          <>
            <span>{t('lowest')}</span>
            <span>{t('highest')}</span>
          </>
        ) : (
          <>
            <span>{inWords(range.low, unit)}</span>
            {signed ? <span>{inWords(0, unit)}</span> : null}
            <span>{inWords(range.high, unit)}</span>
          </>
        )}
      </div>
      {range === null ? <p className="field-hint">{t('eachByItself')}</p> : null}
    </figure>
  );
}

/** Over the picture, as long as the points are in it. */
export function CloudLegendInView(): ReactElement | null {
  const isVisible = useViewerStore((store) => store.visible.clouds);
  const hasShown = useAppStore(({ state }) =>
    state?.sensors.some(({ isUsed, pictureUrl }) => isUsed && pictureUrl !== null),
  );
  return isVisible && hasShown === true ? <CloudLegend className="viewer-legend" /> : null;
}
