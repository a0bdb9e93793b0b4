/** In words: where a cloud lies, who says so, and how well it fits. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppState, Sensor } from '../../../electron/ipc/contract.js';
import { Icon } from '../controls/icons.js';
import { useLanguage } from '../controls/use-language.js';

export function PlacementWords({
  sensor,
  state,
}: {
  readonly sensor: Sensor;
  readonly state: AppState;
}): ReactElement | null {
  const { t } = useTranslation('sensors');
  const language = useLanguage();
  const { placement, registration, isCalibrated, status } = sensor;
  if (status !== 'ready') return null;
  const calibrated = <p className="field-hint">{t(isCalibrated ? 'calibrated' : 'notCalibrated')}</p>;
  if (placement === null) {
    return (
      <>
        {calibrated}
        {state.scene === null && state.photos.length === 0 ? null : (
          <p className="message">
            <Icon name="info" />
            {t(isCalibrated ? 'ownFrameUntilRun' : registration === 'failed' ? 'registrationFailed' : 'ownFrame')}
          </p>
        )}
      </>
    );
  }
  const { errors, by, worldFromSensor } = placement;
  const shown = (value: number): string => value.toLocaleString(language, { maximumSignificantDigits: 3 });
  const unit = state.scene?.isMetric === true ? 'metre' : 'scene';
  return (
    <>
      {calibrated}
      <p>{t(`placed_${by}`, { scale: shown(worldFromSensor.scale) })}</p>
      {errors.length === 0 ? null : (
        <p className="field-hint">
          {t('pairErrors', {
            values: errors.map((error) => t(`value_${unit}`, { value: shown(error) })).join(' · '),
          })}
          {errors.length < 3 ? ` ${t('pairErrorsOfTwo')}` : ''}
        </p>
      )}
    </>
  );
}
