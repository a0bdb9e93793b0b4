/** "This is 1.20 m": two points are picked, and what lies between them gives the scene its scale. */
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, FieldError, Input, Label, TextField } from 'react-aria-components';
import { parseMetres } from './parse-metres.js';
import { measuredUnits, pickCentre, setScale, startMeasuring, stopMeasuring } from './viewer-actions.js';
import { useViewerStore } from './viewer-store.js';

export function MeasureBar(): ReactElement | null {
  const { t, i18n } = useTranslation('viewer');
  const measurement = useViewerStore((store) => store.measurement);
  const metresPerUnit = useViewerStore((store) => store.frame.metresPerUnit);
  if (measurement === null) return null;
  const { points } = measurement;
  const units = measuredUnits(points);
  const value = (number: number): string =>
    number.toLocaleString(i18n.language, { minimumSignificantDigits: 3, maximumSignificantDigits: 4 });
  return (
    <div className="viewer-bar" role="group" aria-label={t('measure')}>
      {units === null ? (
        <>
          <span role="status">{t(points.length === 0 ? 'measureFirst' : 'measureSecond')}</span>
          <Button className="button button-small" onPress={pickCentre}>
            {t('measureCentre')}
          </Button>
        </>
      ) : (
        <>
          <span role="status" className="numeric">
            {metresPerUnit === null
              ? t('measured', { value: t('units', { value: value(units) }) })
              : t('measured', { value: t('metres', { value: value(units * metresPerUnit) }) })}
          </span>
          <LengthEntry />
          <Button className="button button-small" onPress={startMeasuring}>
            {t('measureAgain')}
          </Button>
        </>
      )}
      <Button className="button button-small" onPress={stopMeasuring}>
        {t('measureDone')}
      </Button>
    </div>
  );
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
