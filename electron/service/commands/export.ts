import { hiddenByEdits } from '../../../engine/scene/edits-document.js';
import { decodeSplats } from '../../../engine/scene/encode-splats.js';
import { estimateExportBytes } from '../../../host/splat-formats/estimate-export.js';
import type { Documents, Photo } from '../../ipc/contract.js';
import { CommandRefusedError } from '../app-service.js';
import type { CommandHandlers, ServiceContext } from '../service-context.js';

type Handlers = Pick<CommandHandlers, 'estimateExport' | 'startExport' | 'cancelExport'>;

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
    cancelExport: async ({ exportId }) => {
      if (!exports.cancel(exportId))
        throw new CommandRefusedError('This export is over already.', 'There is nothing to cancel.');
      return {};
    },
  };
}
