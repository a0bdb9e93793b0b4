/** What a run found out about its sensors, in the window's words: errors, residuals, and where the clouds came to lie. */
import type { Reconstruction } from '../../engine/pipeline/reconstruction.js';
import type { SensorReport } from '../../engine/pipeline/sensor-report.js';
import type { SensorResiduals } from '../../engine/pipeline/sensor-residuals.js';
import type { CaptureView } from '../../engine/scene/view.js';
import { worldFromSensor } from '../../host/sensors/fuse-cloud.js';
import type { ReconstructSensor, TaskResult } from '../ipc/job-contract.js';
import type { ProjectSensors } from './run-sensors.js';

type Told = Pick<
  TaskResult<'reconstruct'>,
  'sensorReport' | 'sensorResiduals' | 'isMetric' | 'scaleUncertainty' | 'placements'
>;
type Placements = NonNullable<Told['placements']>;

export interface SensedRun {
  /** As the run was given it: its cameras are the scene's. */
  readonly views: readonly Pick<CaptureView, 'name' | 'camera'>[];
  /** Of the task. */
  readonly clouds: readonly ReconstructSensor[];
  readonly opened: ProjectSensors;
}

function reportOf({ errors, residuals }: SensorReport, isMetric: boolean): Pick<Told, 'sensorReport'> {
  if (errors.length === 0 || residuals === null) return {};
  return {
    sensorReport: {
      unit: isMetric ? 'metre' : 'scene-unit',
      rows: errors.map(({ stage, mae, rmse, absRel, delta1, count }) => ({
        name: stage,
        ...{ mae, rmse, absRel, delta1, count },
      })),
      histogram: { edges: [...residuals.edges], counts: [...residuals.counts] },
    },
  };
}

/** float32 [N, 4] as electron/ipc/job-contract.ts lays it out. */
export function encodeResiduals({ count, positions, residuals }: SensorResiduals): ArrayBuffer {
  const values = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    values.set(positions.subarray(3 * i, 3 * i + 3), 4 * i);
    values[4 * i + 3] = residuals[i]!;
  }
  return values.buffer;
}

/** Where the clouds lie in the scene, from their files' own frames: by picked points, else as the run placed their kind of sensor. */
export function placementsOf({ views, clouds, opened }: SensedRun): Placements {
  const { sensors, sceneUnitsPerSensorUnit } = opened;
  if (sensors === null) return [];
  const used = clouds.filter(({ isUsed }) => isUsed);
  const byRun = new Map(
    (['lidar', 'radar'] as const).map((kind) => {
      // Beside clouds of their kind that were placed by picked points, the others stay out of the run (run-sensors.ts).
      const isPicked = used.some((cloud) => cloud.kind === kind && cloud.worldFromSensor !== null);
      const place = isPicked ? null : worldFromSensor(kind, views, sensors);
      return [kind, place === null ? null : { ...place, scale: sceneUnitsPerSensorUnit[kind] }] as const;
    }),
  );
  return used.flatMap(({ path, kind, worldFromSensor: picked }) => {
    const found = picked ?? byRun.get(kind) ?? null;
    if (found === null) return [];
    const { scale, rotation, translation } = found;
    const [x, y, z] = translation;
    return [{ path, worldFromSensor: { scale, rotation: [...rotation], translation: [x, y, z] } }];
  });
}

/** @param run null: the project uses no cloud. */
export function tellSensors(
  { report: { sensors: report }, sensorResiduals }: Pick<Reconstruction, 'report' | 'sensorResiduals'>,
  run: SensedRun | null,
): Told {
  if (report === null || run === null) return {};
  const { isMetric, scaleUncertainty } = run.opened;
  return {
    isMetric,
    ...(isMetric && scaleUncertainty !== null ? { scaleUncertainty } : {}),
    ...reportOf(report, isMetric),
    ...(sensorResiduals === null ? {} : { sensorResiduals: encodeResiduals(sensorResiduals) }),
    placements: placementsOf(run),
  };
}
