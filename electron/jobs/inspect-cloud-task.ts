/** A look into a cloud: facts in words and numbers, and few enough points to draw. */
import { encodeSensorPoints } from '../../engine/scene/encode-sensor-points.js';
import type { InspectedCloud } from '../../host/clouds/inspect-cloud.js';
import { inspectCloud } from '../../host/clouds/inspect-cloud.js';
import type { TaskOf, TaskResult } from '../ipc/job-contract.js';
import type { CloudFacts } from '../ipc/sensor-contract.js';
import type { TaskContext } from './serve-tasks.js';

const MAX_FIELDS = 256;
const MAX_WARNINGS = 50;

function factsOf({ header, points, leftOut, bounds, picture }: InspectedCloud): CloudFacts {
  const { unit, upAxis, crs } = header.frame;
  return {
    variant: header.variant.slice(0, 1000),
    points,
    leftOut,
    drawn: picture.count,
    bounds,
    hasColors: header.hasColors,
    fields: header.fieldNames.slice(0, MAX_FIELDS).map((name) => name.slice(0, 200)),
    unit,
    upAxis,
    crs: crs === null ? null : crs.slice(0, 20_000),
    warnings: header.warnings.slice(0, MAX_WARNINGS).map((warning) => warning.slice(0, 1000)),
  };
}

export async function inspectCloudTask(
  { file, sensor, maxPoints }: TaskOf<'inspect-cloud'>,
  { tell, signal }: TaskContext,
): Promise<TaskResult<'inspect-cloud'>> {
  let told = -1;
  const inspected = await inspectCloud(
    file,
    { sensor, maxPoints },
    {
      signal,
      onProgress: (fraction) => {
        // Batches are many, and nobody sees a tenth of a per cent.
        if (fraction - told < 0.01 && fraction < 1) return;
        told = fraction;
        tell({ type: 'fraction', fraction });
      },
    },
  );
  return { facts: factsOf(inspected), picture: encodeSensorPoints(inspected.picture).buffer };
}
