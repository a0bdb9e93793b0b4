/** One sensor: what its file says, what only the user can say, and what can be done with it. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { AppState, Sensor } from '../../../electron/ipc/contract.js';
import { CLOUD_UP_AXES, LENGTH_UNITS, SENSOR_KINDS } from '../../../electron/ipc/sensor-contract.js';
import { formatNumber } from '../../app/format.js';
import { sendCommand } from '../../app/send.js';
import { ChoiceField } from '../controls/choice-field.js';
import { IconButton } from '../controls/icon-button.js';
import { Icon } from '../controls/icons.js';
import { Progress } from '../controls/progress.js';
import { TickBox } from '../controls/tick-box.js';
import { useLanguage } from '../controls/use-language.js';
import { isFileMissing } from '../project/missing-files.js';
import { hasSplats } from '../run/run-permissions.js';
import { SensorProblem } from './sensor-problem.js';
import { beginPlacing } from './placing.js';
import { PlacementWords } from './placement-words.js';
import { upAxisOf } from './draw-clouds.js';

interface CardProps {
  readonly state: AppState;
  readonly sensor: Sensor;
  readonly isDisabled: boolean;
}

function Facts({ sensor }: { readonly sensor: Sensor }): ReactElement | null {
  const { t } = useTranslation('sensors');
  const language = useLanguage();
  const { facts } = sensor;
  if (facts === null) return null;
  const number = (value: number): string => formatNumber(value, language);
  const size = facts.bounds?.max.map((high, axis) => high - (facts.bounds?.min[axis] ?? 0));
  const extent = size?.map((value) => value.toLocaleString(language, { maximumSignificantDigits: 4 })).join(' × ');
  const rows: [string, string][] = [
    [t('points'), number(facts.points)],
    ...(facts.drawn < facts.points ? [[t('drawn'), number(facts.drawn)] as [string, string]] : []),
    [t('format'), facts.variant],
    ...(extent === undefined ? [] : [[t('extent'), extent] as [string, string]]),
    [t('unit'), t(`unit_${facts.unit}`)],
    [t('upAxis'), t(`up_${facts.upAxis}`)],
    [t('crs'), facts.crs ?? t('notStated')],
    [t('fields'), [...(facts.hasColors ? [t('colour')] : []), ...facts.fields].join(', ') || t('none')],
  ];
  return (
    <dl className="sensor-facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="sensor-value" title={value}>
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Asked only where the file says nothing. */
function Questions({ sensor, isDisabled }: Omit<CardProps, 'state'>): ReactElement | null {
  const { t } = useTranslation('sensors');
  const { id: sensorId, facts, chosenUnit, chosenUpAxis } = sensor;
  if (facts === null) return null;
  return (
    <>
      {facts.unit === 'unknown' ? (
        <ChoiceField
          label={t('askUnit')}
          hint={t('askUnitText')}
          value={chosenUnit ?? 'unknown'}
          isDisabled={isDisabled}
          choices={[...LENGTH_UNITS].reverse().map((value) => ({ value, name: t(`unit_${value}`) }))}
          onChoose={(unit) => void sendCommand('changeSensor', { sensorId, unit })}
        />
      ) : null}
      {facts.upAxis === 'unknown' ? (
        <ChoiceField
          label={t('askUp')}
          hint={t('askUpText')}
          value={chosenUpAxis ?? 'unknown'}
          isDisabled={isDisabled}
          choices={[...CLOUD_UP_AXES].reverse().map((value) => ({ value, name: t(`up_${value}`) }))}
          onChoose={(upAxis) => void sendCommand('changeSensor', { sensorId, upAxis })}
        />
      ) : null}
    </>
  );
}

function Reading({ state, sensor }: Omit<CardProps, 'isDisabled'>): ReactElement | null {
  const { t } = useTranslation('sensors');
  const { id: sensorId, status, fraction, problem } = sensor;
  if (status === 'reading')
    return (
      <div className="stack">
        <p role="status">{t('reading')}</p>
        <Progress label={t('readingProgress', { name: sensor.name })} fraction={fraction > 0 ? fraction : null} />
        <Button className="button button-small" onPress={() => void sendCommand('cancelSensor', { sensorId })}>
          {t('cancelReading')}
        </Button>
      </div>
    );
  if (status !== 'failed') return null;
  const isMissing = isFileMissing(state.project, sensorId) && !state.project.isReadOnly;
  return (
    <SensorProblem problem={problem ?? { message: '', hint: '' }} isMissing={isMissing}>
      <Button className="button button-small" onPress={() => void sendCommand('rereadSensor', { sensorId })}>
        {t('readAgain')}
      </Button>
    </SensorProblem>
  );
}

export function SensorCard({ state, sensor, isDisabled }: CardProps): ReactElement {
  const { t } = useTranslation('sensors');
  const { id: sensorId, name, kind, isUsed, facts, placement } = sensor;
  const canPlace = sensor.status === 'ready' && hasSplats(state) && !isDisabled;
  return (
    <li className="sensor-card stack" aria-label={name}>
      <div className="row">
        <span className="grow ellipsis sensor-name" title={sensor.shownPath}>
          {name}
        </span>
        <span className="badge">{t(`kind_${kind}`)}</span>
        <IconButton
          icon="trash"
          isSmall
          label={t('remove', { name })}
          isDisabled={isDisabled}
          onPress={() => void sendCommand('removeSensor', { sensorId })}
        />
      </div>
      <TickBox
        label={t('use')}
        isTicked={isUsed}
        isDisabled={isDisabled}
        onChange={(isTicked) => void sendCommand('changeSensor', { sensorId, isUsed: isTicked })}
      />
      <Reading state={state} sensor={sensor} />
      <Facts sensor={sensor} />
      <PlacementWords sensor={sensor} state={state} />
      {facts?.warnings.map((warning) => (
        <p key={warning} className="message message-warn">
          <Icon name="warning" />
          {warning}
        </p>
      ))}
      <ChoiceField
        label={t('kind')}
        value={kind}
        isDisabled={isDisabled}
        choices={SENSOR_KINDS.map((value) => ({ value, name: t(`kind_${value}`) }))}
        onChoose={(chosen) => void sendCommand('changeSensor', { sensorId, kind: chosen })}
      />
      <Questions sensor={sensor} isDisabled={isDisabled} />
      {sensor.status === 'ready' ? (
        <div className="row row-wrap">
          <Button className="button button-small" isDisabled={!canPlace} onPress={() => beginPlacing(sensorId)}>
            {t(upAxisOf(sensor) === 'unknown' ? 'placeByThree' : 'placeByTwo')}
          </Button>
          {placement === null ? null : (
            <Button
              className="button button-small"
              isDisabled={isDisabled}
              onPress={() => void sendCommand('placeSensor', { sensorId, pairs: [], up: null })}
            >
              {t('unplace')}
            </Button>
          )}
        </div>
      ) : null}
    </li>
  );
}
