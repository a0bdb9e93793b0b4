import { decodeSplats } from '../../../engine/scene/encode-splats.js';
import { estimateExportBytes } from '../../../host/splat-formats/estimate-export.js';
import { CommandRefusedError } from '../app-service.js';
import type { CommandHandlers, ServiceContext } from '../service-context.js';

type Handlers = Pick<CommandHandlers, 'estimateExport' | 'startExport' | 'cancelExport'>;

function currentSplats({ scene }: ServiceContext): ArrayBuffer {
  if (scene.splats === null)
    throw new CommandRefusedError('There is no scene that could be exported.', 'Start a run, or open a splat file.');
  return scene.splats;
}

export function exportCommands(context: ServiceContext): Handlers {
  const { store, exports } = context;
  return {
    estimateExport: async ({ format, shDegree }) => {
      const splats = decodeSplats(new Uint8Array(currentSplats(context)));
      return { bytes: estimateExportBytes(splats.count, Math.min(shDegree, splats.shDegree), format) };
    },
    startExport: async (options) => {
      const splats = currentSplats(context);
      const sceneName = store.current.scene?.name ?? 'scene';
      return { exportId: exports.start({ splats, sceneName, options, documents: store.current.documents }) };
    },
    cancelExport: async ({ exportId }) => {
      if (!exports.cancel(exportId))
        throw new CommandRefusedError('This export is over already.', 'There is nothing to cancel.');
      return {};
    },
  };
}
