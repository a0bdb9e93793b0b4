/** "This is 1.20 m": two points are picked, and what lies between them gives the scene its scale. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, FieldError, Input, Label, TextField, Tooltip, TooltipTrigger } from 'react-aria-components';
import { formatFixed } from '../../app/format.js';
import { useAppStore } from '../../app/store.js';
import type { PickedPoint } from '../../viewer/tools/measure-distance.js';
import { decimalsOf } from '../../viewer/tools/measure-distance.js';
import { Icon } from '../controls/icons.js';
import { knownScale, measured } from './measuring.js';
import { parseMetres } from './parse-metres.js';
import { pickCentre, setScale, startMeasuring, stopMeasuring } from './viewer-actions.js';
import { useViewerStore } from './viewer-store.js';

export function MeasureBar(): ReactElement | null {
  const { t } = useTranslation('viewer');
  const measurement = useViewerStore((store) => store.measurement);
  if (measurement === null) return null;
  const { points } = measurement;
  const isWhole = points.length >= 2;
  return (
    <div className="viewer-bar" role="group" aria-label={t('measure')}>
      {isWhole ? (
        <>
          <Result points={points} />
          <LengthEntry />
          <Button className="button button-small" onPress={startMeasuring}>
            {t('measureAgain')}
          </Button>
        </>
      ) : (
        <>
          <span role="status">{t(points.length === 0 ? 'measureFirst' : 'measureSecond')}</span>
          <Button className="button button-small" onPress={pickCentre}>
            {t('measureCentre')}
          </Button>
        </>
      )}
      <Button className="button button-small" onPress={stopMeasuring}>
        {t('measureDone')}
      </Button>
    </div>
  );
}

/** `d ± u`, and on asking what `u` consists of. */
function Result({ points }: { readonly points: readonly PickedPoint[] }): ReactElement | null {
  const { t, i18n } = useTranslation('viewer');
  const frame = useViewerStore((store) => store.frame);
  const scene = useAppStore(({ state }) => state?.scene);
  const scale = knownScale(frame, scene);
  const result = measured(points, scale?.uncertainty ?? null);
  if (result === null) return null;
  const { distance, uncertainty, parts } = result;
  const factor = scale?.metresPerUnit ?? 1;
  const digits = decimalsOf(uncertainty * factor);
  const shown = (value: number): string => formatFixed(value * factor, i18n.language, digits);
  const both = `${shown(distance)} ± ${shown(uncertainty)}`;
  const value = scale === null ? t('units', { value: both }) : t('metres', { value: both });
  const details = [
    t('uncertainSpread', { value: shown(parts.spread) }),
    t('uncertainThickness', { value: shown(parts.thickness) }),
    t('uncertainAside', { value: shown(parts.aside) }),
    scale === null
      ? t('uncertainNoScale')
      : parts.scale === null
        ? t('uncertainScaleUnknown')
        : t('uncertainScale', { value: shown(parts.scale) }),
    t('uncertainMeaning'),
  ];
  return (
    <>
      <span role="status" className="numeric">
        {t('measured', { value })}
      </span>
      <TooltipTrigger delay={200}>
        <Button className="icon-button icon-button-small" aria-label={t('uncertainTitle')}>
          <Icon name="info" />
        </Button>
        <Tooltip className="tooltip viewer-details" offset={6}>
          {details.map((line) => (
            <span key={line}>{line}</span>
          ))}
        </Tooltip>
      </TooltipTrigger>
    </>
  );
}

/** Where "the middle of the view" is, while points are picked. */
export function Crosshair(): ReactElement | null {
  const isPicking = useViewerStore(({ measurement }) => measurement !== null && measurement.points.length < 2);
  return isPicking ? <div className="viewer-crosshair" aria-hidden="true" /> : null;
}

function LengthEntry(): ReactElement {
  const { t } = useTranslation('viewer');
  const [text, setText] = useState('');
  const metres = parseMetres(text);
  const finish = (): void => {
    if (metres !== null) setScale(metres);
  };
  return (
    <>
      <TextField
        className="viewer-length"
        value={text}
        isInvalid={text !== '' && metres === null}
        onChange={setText}
        onKeyDown={(event) => {
          if (event.key === 'Enter') finish();
        }}
      >
        <Label>{t('measureTruth')}</Label>
        <Input className="input numeric" inputMode="decimal" placeholder={t('measurePlaceholder')} />
        <FieldError className="field-error">{t('measureInvalid')}</FieldError>
      </TextField>
      <Button className="button button-small button-primary" isDisabled={metres === null} onPress={finish}>
        {t('measureApply')}
      </Button>
    </>
  );
}
