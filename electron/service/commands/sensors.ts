import { CommandRefusedError } from '../app-service.js';
import type { Vec3 } from '../../../engine/math/rigid-transform.js';
import type { CommandRequest } from '../../ipc/contract.js';
import type { SensorPlacementState } from '../../ipc/sensor-contract.js';
import type { ProjectCalibration, ProjectSensor } from '../projects/project.js';
import type { CommandHandlers, ServiceContext } from '../service-context.js';

type Handlers = Pick<
  CommandHandlers,
  | 'changeSensor'
  | 'removeSensor'
  | 'cancelSensor'
  | 'rereadSensor'
  | 'changeCalibration'
  | 'removeCalibration'
  | 'placeSensor'
>;

const PICKS_HELP = {
  'too-few': [
    'Two pairs are enough only where it is known what is up in the cloud; three are needed otherwise.',
    'Say which axis of the cloud is up, or pick a third pair.',
  ],
  degenerate: [
    'The picked points lie in one place, on one line, or above each other: they do not tell how the cloud is turned.',
    'Pick points that are far apart, to the sides as well.',
  ],
} as const;

function unknownSensor(): CommandRefusedError {
  return new CommandRefusedError('This sensor is not part of the project.', 'Add its file again.');
}

async function change(
  { session, sensors }: ServiceContext,
  sensorId: string,
  with_: (sensor: ProjectSensor) => ProjectSensor,
): Promise<void> {
  const project = await session.writable();
  if (!project.content.sensors.some(({ id }) => id === sensorId)) throw unknownSensor();
  await session.change({
    sensors: project.content.sensors.map((sensor) => (sensor.id === sensorId ? with_(sensor) : sensor)),
  });
  sensors.set(project.content);
}

async function changeCalibrations(
  { session, sensors }: ServiceContext,
  with_: (calibrations: readonly ProjectCalibration[]) => readonly ProjectCalibration[],
): Promise<void> {
  const project = await session.writable();
  await session.change({ calibrations: with_(project.content.calibrations) });
  sensors.set(project.content);
}

/** Up in the cloud's own frame; null where neither the file nor the user says. */
function upInSensor({ sensors }: ServiceContext, sensor: ProjectSensor): Vec3 | null {
  const stated = sensors.factsOf(sensor.id)?.upAxis ?? 'unknown';
  const axis = stated === 'unknown' ? sensor.upAxis : stated;
  return axis === 'y' ? [0, 1, 0] : axis === 'z' ? [0, 0, 1] : null;
}

/** @throws CommandRefusedError when the pairs do not tell. */
async function fit(
  context: ServiceContext,
  sensor: ProjectSensor,
  { pairs, up }: CommandRequest<'placeSensor'>,
): Promise<SensorPlacementState> {
  const inSensor = upInSensor(context, sensor);
  const result = await context.files.run({
    kind: 'fit-picks',
    pairs,
    up: inSensor === null || up === null ? null : { inSensor, inWorld: up },
  });
  if (result.kind === 'failed') {
    const [message, hint] = PICKS_HELP[result.reason];
    throw new CommandRefusedError(message, hint);
  }
  return { worldFromSensor: result.worldFromSensor, by: 'picks', errors: result.errors };
}

export function sensorCommands(context: ServiceContext): Handlers {
  const { sensors } = context;
  return {
    changeSensor: async ({ sensorId, kind, isUsed, unit, upAxis }) => {
      await change(context, sensorId, (sensor) => ({
        ...sensor,
        ...(kind === undefined ? {} : { kind, isKindSaid: true }),
        ...(isUsed === undefined ? {} : { isUsed }),
        ...(unit === undefined ? {} : { unit: unit === 'unknown' ? null : unit }),
        ...(upAxis === undefined ? {} : { upAxis: upAxis === 'unknown' ? null : upAxis }),
        // Cameras were brought onto what it was said to be.
        ...(kind === undefined && unit === undefined && upAxis === undefined ? {} : { registration: null }),
      }));
      return {};
    },
    removeSensor: async ({ sensorId }) => {
      const project = await context.session.writable();
      await context.session.change({ sensors: project.content.sensors.filter(({ id }) => id !== sensorId) });
      sensors.set(project.content);
      return {};
    },
    cancelSensor: async ({ sensorId }) => {
      if (!sensors.cancel(sensorId))
        throw new CommandRefusedError('This cloud is not being read.', 'There is nothing to cancel.');
      return {};
    },
    rereadSensor: async ({ sensorId }) => {
      if (sensors.find(sensorId) === null) throw unknownSensor();
      sensors.reread(sensorId);
      // It may have come back, or have gone meanwhile.
      await context.session.findMissing();
      return {};
    },
    changeCalibration: async ({ calibrationId, kind }) => {
      await changeCalibrations(context, (all) =>
        all.map((calibration) => (calibration.id === calibrationId ? { ...calibration, kind } : calibration)),
      );
      return {};
    },
    removeCalibration: async ({ calibrationId }) => {
      await changeCalibrations(context, (all) => all.filter(({ id }) => id !== calibrationId));
      return {};
    },
    placeSensor: async (request) => {
      const sensor = sensors.find(request.sensorId);
      if (sensor === null) throw unknownSensor();
      const placement = request.pairs.length === 0 ? null : await fit(context, sensor, request);
      await change(context, request.sensorId, (current) => ({ ...current, placement }));
      return {};
    },
  };
}
