import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandRefusedError } from '../app-service.js';
import { openProjectFolder, refreshRecents, switchProject } from '../open-project.js';
import { savedProjectsFolder } from '../projects/save-copy.js';
import { assertNoRun } from '../run-machine.js';
import type { CommandHandlers, ServiceContext } from '../service-context.js';

type Handlers = Pick<
  CommandHandlers,
  'openSample' | 'newProject' | 'openRecent' | 'forgetRecent' | 'recover' | 'discardRecovery' | 'saveProjectAs'
>;

const SAMPLE = fileURLToPath(new URL('../../../assets/sample', import.meta.url));
export const PROJECT_EXTENSION = '.vantage';
const MAX_NAME = 80;

/** A folder's name that every system takes. */
export function projectFolderName(name: string): string {
  const stem = [...name.replace(/\.vantage$/i, '')]
    .map((character) => (character < ' ' || '<>:"/\\|?*\x7f'.includes(character) ? '_' : character))
    .slice(0, MAX_NAME)
    .join('')
    .replace(/^[. ]+|[. ]+$/g, '');
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(stem);
  return `${stem === '' || isDevice ? `_${stem}` : stem}${PROJECT_EXTENSION}`;
}

async function whereToSave({ options }: ServiceContext, name: string): Promise<string | null> {
  if (options.pickers !== null) return options.pickers.chooseProjectFolder(projectFolderName(name));
  return join(savedProjectsFolder(options.dataFolder), projectFolderName(name));
}

export function projectCommands(context: ServiceContext): Handlers {
  const { store, projects, session, importer, estimator } = context;
  return {
    openSample: async () => {
      await switchProject(context, null);
      await importer.importPaths([SAMPLE]);
      estimator.refresh();
      return {};
    },
    newProject: async () => {
      await switchProject(context, null);
      return {};
    },
    openRecent: async ({ recentId }) => {
      const folder = await projects.folderOfRecent(recentId);
      if (folder === null)
        throw new CommandRefusedError('This project is not known any more.', 'Open its folder instead.');
      await openProjectFolder(context, folder);
      return {};
    },
    forgetRecent: async ({ recentId }) => {
      await projects.forgetRecent(recentId);
      await refreshRecents(context);
      return {};
    },
    recover: async ({ recoveryId }) => {
      await switchProject(context, () => projects.recover(recoveryId));
      return {};
    },
    discardRecovery: async ({ recoveryId }) => {
      await projects.discardRecovery(recoveryId);
      await refreshRecents(context);
      return {};
    },
    saveProjectAs: async ({ name }) => {
      assertNoRun(store.current.run.status, 'the project cannot be moved');
      const folder = await whereToSave(context, name);
      if (folder === null) return { saved: false };
      const project = await session.ensure();
      // The system's dialog has asked already whether what is there may go.
      await project.saveAs(folder, { replace: context.options.pickers !== null });
      session.show();
      context.photos.set(project.content.photos);
      context.sensors.set(project.content);
      await refreshRecents(context);
      return { saved: true };
    },
  };
}
