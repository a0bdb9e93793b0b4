/** Smaller tasks about sensors: what a calibration says, and where a cloud lies by picked points. */
import { similarityFromPicks } from '../../engine/poses/similarity-from-picks.js';
import type { SensorRig } from '../../engine/scene/sensor-rig.js';
import { readRig } from '../../host/depth/read-rig.js';
import type { TaskOf, TaskResult } from '../ipc/job-contract.js';

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
