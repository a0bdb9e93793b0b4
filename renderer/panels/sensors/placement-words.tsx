/** In words: where a cloud lies, who says so, and how well it fits. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppState, Sensor } from '../../../electron/ipc/contract.js';
import { Icon } from '../controls/icons.js';
import { useLanguage } from '../controls/use-language.js';

type Placement = NonNullable<Sensor['placement']>;

/** Closer to 1, a scale is none that a number would be shown for. */
const SAME_SCALE = 1e-3;
/** What is left of a turn and a shift that undo each other. */
const STILL = 1e-6;
const IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** Which sentence says where a cloud lies. */
export function wordsOfPlacement({
  by,
  worldFromSensor: { scale, rotation, translation },
}: Placement): 'placed_picks' | 'placed_run' | 'placed_run_size' | 'placed_run_frame' {
  if (by === 'picks') return 'placed_picks';
  if (Math.abs(scale - 1) > SAME_SCALE) return 'placed_run';
  const isStill = [...rotation, ...translation].every((value, i) => Math.abs(value - (IDENTITY[i] ?? 0)) < STILL);
  return isStill ? 'placed_run_frame' : 'placed_run_size';
}

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
  const { errors, worldFromSensor } = placement;
  const shown = (value: number): string => value.toLocaleString(language, { maximumSignificantDigits: 3 });
  const unit = state.scene?.isMetric === true ? 'metre' : 'scene';
  return (
    <>
      {isCalibrated ? calibrated : null}
      <p>{t(wordsOfPlacement(placement), { scale: shown(worldFromSensor.scale) })}</p>
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
