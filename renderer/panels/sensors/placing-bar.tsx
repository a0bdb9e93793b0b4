/** Over the picture while a cloud is being placed: what is to be picked next, and what can be done. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import { useAppStore } from '../../app/store.js';
import { finishPlacing, MOST_PAIRS, pairsNeeded, pickMiddle, stopPlacing, takeBack } from './placing.js';
import { useSensorStore } from './sensor-store.js';

export function PlacingBar(): ReactElement | null {
  const { t } = useTranslation('sensors');
  const placing = useSensorStore((store) => store.placing);
  const sensor = useAppStore(({ state }) => state?.sensors.find(({ id }) => id === placing?.sensorId));
  if (placing === null || sensor === undefined) return null;
  const { pairs, inSensor } = placing;
  const needed = pairsNeeded(sensor);
  const number = pairs.length + 1;
  const isFull = pairs.length >= MOST_PAIRS;
  return (
    <div className="viewer-bar" role="group" aria-label={t('placeTitle', { name: sensor.name })}>
      <span role="status">
        {isFull ? t('pairsFull') : t(inSensor === null ? 'pickInCloud' : 'pickInScene', { number })}
        {pairs.length === 0 ? null : ` ${t('pairsDone', { count: pairs.length, needed })}`}
      </span>
      <Button className="button button-small" isDisabled={isFull} onPress={pickMiddle}>
        {t('pickMiddle')}
      </Button>
      <Button className="button button-small" isDisabled={pairs.length === 0 && inSensor === null} onPress={takeBack}>
        {t('takeBack')}
      </Button>
      <Button
        className="button button-small button-primary"
        isDisabled={pairs.length < needed}
        onPress={() => void finishPlacing()}
      >
        {t('placeDone')}
      </Button>
      <Button className="button button-small" onPress={stopPlacing}>
        {t('placeCancel')}
      </Button>
    </div>
  );
}

/** Where "the middle of the view" is. */
export function PlacingCrosshair(): ReactElement | null {
  const isPlacing = useSensorStore(({ placing }) => placing !== null);
  return isPlacing ? <div className="viewer-crosshair" aria-hidden="true" /> : null;
}
