/** Clouds that the user named, in memory. */
import { gatherPoints } from '../../engine/formats/gather-points.js';
import type { StageContext } from '../../engine/scene/stage.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import type { SensorKind } from '../../engine/scene/sensor-rig.js';
import { openCloudFile } from './open-cloud-file.js';

export interface LoadPointsOptions {
  /** What a headerless file may be of. */
  readonly sensor: SensorKind;
  /** More are thinned by voxels on the way in. */
  readonly maxPoints: number;
}

/** Loads a cloud in any format that can be read. @throws ImportError for all that is wrong with the file; the signal's reason. */
export async function loadSensorPoints(
  path: string,
  { sensor, maxPoints }: LoadPointsOptions,
  context: StageContext = {},
): Promise<SensorPoints> {
  const { reader, close } = await openCloudFile(path, { sensor, signal: context.signal });
  try {
    return (await gatherPoints(reader, { maxPoints }, context)).points;
  } finally {
    await close();
  }
}
