/** Smaller tasks about sensors: what a calibration says, where a cloud lies by picked points, and clouds as one file. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { similarityFromPicks } from '../../engine/poses/similarity-from-picks.js';
import type { PointTransform } from '../../engine/scene/transform-sensor-points.js';
import type { SensorRig } from '../../engine/scene/sensor-rig.js';
import { fuseClouds } from '../../host/clouds/fuse-clouds.js';
import { readRig } from '../../host/depth/read-rig.js';
import { VANTAGE_VERSION } from '../../host/machine.js';
import type { TaskOf, TaskResult } from '../ipc/job-contract.js';
import type { TaskContext } from './serve-tasks.js';

const MAX_WARNINGS = 50;

export async function inspectCalibrationTask({
  calibration,
  sensors,
}: TaskOf<'inspect-calibration'>): Promise<TaskResult<'inspect-calibration'>> {
  const rig: SensorRig = await readRig({ calibrations: [calibration], sensors });
  return {
    lidar: rig.lidar.length,
    radar: rig.radar.length,
    warnings: rig.warnings.slice(0, MAX_WARNINGS).map((warning) => warning.slice(0, 1000)),
  };
}

export async function fitPicksTask({ pairs, up }: TaskOf<'fit-picks'>): Promise<TaskResult<'fit-picks'>> {
  const picked = pairs.map(({ inSensor, inWorld }) => ({ source: inSensor, target: inWorld }));
  const fit = similarityFromPicks(picked, up === null ? null : { source: up.inSensor, target: up.inWorld });
  if (fit.kind === 'failed') return fit;
  const { scale, rotation, translation } = fit.targetFromSource;
  const [x, y, z] = translation;
  return {
    kind: 'found',
    worldFromSensor: { scale, rotation: [...rotation], translation: [x, y, z] },
    errors: [...fit.errors],
  };
}

function transformOf({
  scale,
  rotation,
  translation,
}: {
  readonly scale: number;
  readonly rotation: readonly number[];
  readonly translation: readonly number[];
}): PointTransform {
  return { scale, rotation: [...rotation] as PointTransform['rotation'], translation: [...translation] as Vec3 };
}

export async function exportCloudTask(
  { clouds, isMetric, outputFile }: TaskOf<'export-cloud'>,
  { tell, signal }: TaskContext,
): Promise<TaskResult<'export-cloud'>> {
  const placed = clouds.map(({ worldFromSensor, ...cloud }) => ({
    ...cloud,
    worldFromSensor: worldFromSensor === null ? null : transformOf(worldFromSensor),
  }));
  return fuseClouds(
    placed,
    {
      outputFile,
      // Which axis is up in a scene is the viewer's to say, and seldom one of its axes.
      frame: { unit: isMetric ? 'metre' : 'unknown', upAxis: 'unknown', crs: null },
      generator: `Vantage ${VANTAGE_VERSION}`,
    },
    { signal, onProgress: (fraction) => tell({ type: 'fraction', fraction }) },
  );
}
