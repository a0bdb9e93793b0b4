import { hiddenByEdits } from '../../../engine/scene/edits-document.js';
import { decodeSplats } from '../../../engine/scene/encode-splats.js';
import { estimateExportBytes } from '../../../host/splat-formats/estimate-export.js';
import type { Documents, Photo } from '../../ipc/contract.js';
import type { TaskOf } from '../../ipc/job-contract.js';
import { CommandRefusedError } from '../app-service.js';
import { photoSourceOf } from '../photo-list.js';
import type { CommandHandlers, ServiceContext } from '../service-context.js';

type Handlers = Pick<CommandHandlers, 'estimateExport' | 'startExport' | 'startCloudExport' | 'cancelExport'>;

function currentSplats({ scene }: ServiceContext): ArrayBuffer {
  if (scene.splats === null)
    throw new CommandRefusedError('There is no scene that could be exported.', 'Start a run, or open a splat file.');
  return scene.splats;
}

/**
 * Where the window has not said which way is up, the photos do: upright cameras have y down, so that the second row of
 * cameraFromWorld's rotation points down in the world.
 */
export function withUp(documents: Documents, photos: readonly Photo[]): Documents {
  if (documents.view !== null) return documents;
  const up = [0, 0, 0];
  for (const { camera } of photos)
    if (camera !== null) for (let axis = 0; axis < 3; axis++) up[axis]! -= camera.rotation[3 + axis] ?? 0;
  return Math.hypot(...up) > 1e-6 ? { ...documents, view: JSON.stringify({ up }) } : documents;
}

/** @throws CommandRefusedError where the clouds do not lie in one frame. */
function cloudOrder({
  session,
  sensors,
  photos,
  store,
}: ServiceContext): Omit<TaskOf<'export-cloud'>, 'kind' | 'outputFile'> {
  const used = (session.current?.content.sensors ?? []).filter(
    ({ id, isUsed }) => isUsed && sensors.factsOf(id) !== null,
  );
  if (used.length === 0)
    throw new CommandRefusedError('There are no points of sensors that are used.', 'Add a cloud, or switch one on.');
  const unplaced = used.find(({ placement }) => placement === null);
  // One cloud alone may keep a frame of its own; several would lie one in the other.
  if (unplaced !== undefined && used.length > 1)
    throw new CommandRefusedError(
      `It is not known where ${unplaced.name} lies in the scene, so that it cannot be put together with the others.`,
      'Place it by picked points or by a run, or switch it off.',
    );
  return {
    clouds: used.map(({ absolutePath, kind, unit, upAxis, placement }) => ({
      file: absolutePath,
      sensor: kind,
      unit,
      upAxis,
      worldFromSensor: placement?.worldFromSensor ?? null,
    })),
    photos: photos
      .usable()
      .filter(({ pose, role }) => pose !== null && role !== 'left-out')
      .map(photoSourceOf),
    isMetric: store.current.scene?.isMetric ?? false,
  };
}

export function exportCommands(context: ServiceContext): Handlers {
  const { store, exports } = context;
  return {
    estimateExport: async ({ format, shDegree, applyEdits }) => {
      const splats = decodeSplats(new Uint8Array(currentSplats(context)));
      const hidden = applyEdits ? hiddenByEdits(store.current.documents.edits, splats) : null;
      const count = hidden === null ? splats.count : hidden.reduce((left, isHidden) => left - isHidden, splats.count);
      return { bytes: estimateExportBytes(count, Math.min(shDegree, splats.shDegree), format) };
    },
    startExport: async (options) => {
      const splats = currentSplats(context);
      const sceneName = store.current.scene?.name ?? 'scene';
      const documents = withUp(store.current.documents, store.current.photos);
      return { exportId: exports.start({ splats, sceneName, options, documents }) };
    },
    startCloudExport: async () => {
      const { scene, project } = store.current;
      return { exportId: exports.startCloud(scene?.name ?? project.name, cloudOrder(context)) };
    },
    cancelExport: async ({ exportId }) => {
      if (!exports.cancel(exportId))
        throw new CommandRefusedError('This export is over already.', 'There is nothing to cancel.');
      return {};
    },
  };
}
