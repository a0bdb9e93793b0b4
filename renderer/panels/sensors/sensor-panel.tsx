/** The inspector's page of sensors: clouds beside the photos, how they are coloured, their calibrations, and what a run made of them. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import type { AppState, Calibration } from '../../../electron/ipc/contract.js';
import { SENSOR_KINDS } from '../../../electron/ipc/sensor-contract.js';
import { sendCommand } from '../../app/send.js';
import { ChoiceField } from '../controls/choice-field.js';
import { IconButton } from '../controls/icon-button.js';
import { Icon } from '../controls/icons.js';
import { pickFiles } from '../pick-files.js';
import { isFileMissing } from '../project/missing-files.js';
import { isBusy } from '../run/run-permissions.js';
import { CloudLegend } from './cloud-legend.js';
import { SensorProblem } from './sensor-problem.js';
import { SensorCard } from './sensor-card.js';
import { SensorReport } from './sensor-report.js';
import { chooseColouring, useSensorStore } from './sensor-store.js';
import './sensors.css';

function Colours(): ReactElement | null {
  const { t } = useTranslation('sensors');
  const { available, colouring } = useSensorStore();
  if (colouring === null) return <p className="field-hint">{t('noColouring')}</p>;
  return (
    <div className="stack">
      <ChoiceField
        label={t('colourBy')}
        value={colouring}
        choices={available.map((value) => ({ value, name: t(`by_${value}`) }))}
        onChoose={chooseColouring}
      />
      <CloudLegend className="sensor-legend" />
      {colouring === 'residual' ? <p className="field-hint">{t('residualHint')}</p> : null}
    </div>
  );
}

function PlacedCameras({ placements }: { readonly placements: NonNullable<Calibration['placements']> }): ReactElement {
  const { t } = useTranslation('sensors');
  const told = SENSOR_KINDS.filter((kind) => placements[kind] > 0);
  if (told.length === 0) return <p className="field-hint">{t('camerasNone')}</p>;
  return (
    <p className="field-hint">{told.map((kind) => t(`cameras_${kind}`, { count: placements[kind] })).join(' ')}</p>
  );
}

function CalibrationItem({
  calibration,
  isMissing,
  isDisabled,
}: {
  readonly calibration: Calibration;
  readonly isMissing: boolean;
  readonly isDisabled: boolean;
}): ReactElement {
  const { t } = useTranslation('sensors');
  const { id: calibrationId, name, kind, placements, problem, warnings, shownPath } = calibration;
  return (
    <li className="sensor-card stack" aria-label={name}>
      <div className="row">
        <span className="grow ellipsis sensor-name" title={shownPath}>
          {name}
        </span>
        <IconButton
          icon="trash"
          isSmall
          label={t('remove', { name })}
          isDisabled={isDisabled}
          onPress={() => void sendCommand('removeCalibration', { calibrationId })}
        />
      </div>
      {problem === null ? null : <SensorProblem problem={problem} isMissing={isMissing} />}
      {placements === null ? null : <PlacedCameras placements={placements} />}
      {warnings.map((warning) => (
        <p key={warning} className="field-hint">
          {warning}
        </p>
      ))}
      <ChoiceField
        label={t('whose')}
        value={kind ?? 'auto'}
        isDisabled={isDisabled}
        choices={(['auto', 'lidar', 'radar'] as const).map((value) => ({ value, name: t(`whose_${value}`) }))}
        onChoose={(chosen) =>
          void sendCommand('changeCalibration', { calibrationId, kind: chosen === 'auto' ? null : chosen })
        }
      />
    </li>
  );
}

export function SensorPanel({ state }: { readonly state: AppState }): ReactElement {
  const { t } = useTranslation('sensors');
  const { sensors, calibrations, scene } = state;
  const isDisabled = isBusy(state) || state.project.isReadOnly;
  return (
    <div className="sensor-panel">
      <section className="panel-section" aria-labelledby="sensors-title">
        <h2 className="panel-title" id="sensors-title">
          {t('title')}
        </h2>
        {sensors.length === 0 ? <p className="muted">{t('empty')}</p> : <Colours />}
        <ul className="stack sensor-list">
          {sensors.map((sensor) => (
            <SensorCard key={sensor.id} state={state} sensor={sensor} isDisabled={isDisabled} />
          ))}
        </ul>
        <Button className="button" isDisabled={isDisabled} onPress={() => pickFiles('photos')}>
          <Icon name="add" />
          {t('add')}
        </Button>
      </section>
      {calibrations.length === 0 && sensors.length === 0 ? null : (
        <section className="panel-section" aria-labelledby="calibrations-title">
          <h2 className="panel-title" id="calibrations-title">
            {t('calibrations')}
          </h2>
          {calibrations.length === 0 ? <p className="muted">{t('noCalibrations')}</p> : null}
          <ul className="stack sensor-list">
            {calibrations.map((calibration) => (
              <CalibrationItem
                key={calibration.id}
                calibration={calibration}
                isMissing={isFileMissing(state.project, calibration.id) && !state.project.isReadOnly}
                isDisabled={isDisabled}
              />
            ))}
          </ul>
        </section>
      )}
      {scene?.sensorReport ? <SensorReport report={scene.sensorReport} /> : null}
    </div>
  );
}
