/** Depth errors at LiDAR points that were kept out, as the terminal shows them. */
import type { SensorReport, SensorStage } from '../engine/pipeline/sensor-report.js';
import { formatCount } from '../host/run/format-text.js';

const STAGE_NAMES: Readonly<Record<SensorStage, string>> = {
  photos: 'photos alone',
  sensors: 'with sensors',
  trained: 'trained scene',
};

/** A heading and one line a stage; a word where nothing was held out. */
export function describeSensorErrors({ errors, unit, lidarCount, radarCount }: SensorReport): string[] {
  const used = [
    ...(lidarCount > 0 ? [`${formatCount(lidarCount)} LiDAR points`] : []),
    ...(radarCount > 0 ? [`${formatCount(radarCount)} radar returns`] : []),
  ];
  const heading = `Depth from ${used.length === 0 ? 'no sensor point' : used.join(' and ')}, unit ${unit}`;
  const [first] = errors;
  if (first === undefined) return ['', `${heading}.`];
  return [
    '',
    `${heading}; errors at ${formatCount(first.count)} LiDAR points kept out:`,
    `${''.padEnd(14)}${['MAE', 'RMSE', 'AbsRel', 'δ < 1.25'].map((name) => name.padStart(10)).join('')}`,
    ...errors.map(
      ({ stage, mae, rmse, absRel, delta1 }) =>
        STAGE_NAMES[stage].padEnd(14) +
        [mae.toFixed(3), rmse.toFixed(3), absRel.toFixed(4), `${(100 * delta1).toFixed(1)} %`]
          .map((cell) => cell.padStart(10))
          .join(''),
    ),
  ];
}
