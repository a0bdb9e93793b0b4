/** Clouds that lie in one frame, as one PLY file. */
import { writeCloudPly } from '../../engine/formats/write-cloud-ply.js';
import { mergeSensorPoints } from '../../engine/scene/merge-sensor-points.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import { writeFileAtomic } from '../atomic-write.js';
import { VANTAGE_VERSION } from '../machine.js';

/**
 * Writes clouds as one; the file is whole or not there. Of colours and fields those stay that all clouds have.
 *
 * @throws ShapeError for no clouds, and for clouds in different units.
 */
export async function writeFusedCloud(
  outputFile: string,
  clouds: readonly SensorPoints[],
  generator = `Vantage ${VANTAGE_VERSION}`,
): Promise<{ readonly bytes: number; readonly count: number }> {
  const merged = mergeSensorPoints(clouds);
  const bytes = writeCloudPly(merged, { generator });
  await writeFileAtomic(outputFile, bytes);
  return { bytes: bytes.length, count: merged.count };
}
