import { isAbsolute } from 'node:path';
import { CommandRefusedError } from '../app-service.js';
import type { ProjectPhoto } from '../projects/project.js';
import type { CommandHandlers, ServiceContext } from '../service-context.js';

type Handlers = Pick<
  CommandHandlers,
  'chooseFiles' | 'importPaths' | 'importUpload' | 'discardUpload' | 'removePhotos' | 'setPhotoRole' | 'relinkPhotos'
>;

function assertHost({ options }: ServiceContext, kind: ServiceContext['options']['hostKind']): void {
  if (options.hostKind !== kind)
    throw new CommandRefusedError('This way of adding files does not exist here.', 'Drop the files on the window.');
}

/** A folder that the user shows now; null when he thought better of it. */
async function pickFolder(context: ServiceContext, uploadId: string | null): Promise<string | null> {
  const { options, uploads } = context;
  if (uploadId !== null) {
    assertHost(context, 'loopback');
    return uploads.take(uploadId);
  }
  const [folder] = (await options.pickers?.choose('folder')) ?? [];
  if (options.pickers === null)
    throw new CommandRefusedError('There is no dialog for folders here.', 'Drop the folder on the window.');
  return folder ?? null;
}

function withRole(
  photos: readonly ProjectPhoto[],
  ids: ReadonlySet<string>,
  role: ProjectPhoto['role'],
): readonly ProjectPhoto[] {
  if (!photos.some(({ id }) => ids.has(id)))
    throw new CommandRefusedError('This photo is not part of the project.', 'Add it again.');
  return photos.map((photo) => (ids.has(photo.id) ? { ...photo, role } : photo));
}

async function relinkPhotos(context: ServiceContext, uploadId: string | null): Promise<number> {
  const { session, photos, sensors, uploads, estimator } = context;
  const project = await session.writable();
  const folder = await pickFolder(context, uploadId);
  if (folder === null) return 0;
  try {
    const result = await project.relink(folder);
    const found = result.found + result.foundSensorFiles;
    // An upload's folder goes: what was found in it becomes the project's own.
    if (uploadId !== null && found > 0) await project.adopt(folder);
    photos.set(project.content.photos);
    sensors.set(project.content);
    await session.findMissing();
    estimator.refresh();
    return found;
  } finally {
    if (uploadId !== null) await uploads.discard(folder);
  }
}

export function photoCommands(context: ServiceContext): Handlers {
  const { options, session, photos, importer, uploads, estimator } = context;
  return {
    chooseFiles: async ({ kind }) => {
      if (options.pickers === null)
        throw new CommandRefusedError('There is no dialog for files here.', 'Drop the files on the window.');
      const paths = await options.pickers.choose(kind);
      if (paths.length === 0) return { picked: false };
      await importer.importPaths(paths);
      estimator.refresh();
      return { picked: true };
    },
    importPaths: async ({ paths }) => {
      assertHost(context, 'electron');
      if (!paths.every(isAbsolute)) throw new CommandRefusedError('These are no files.', 'Drop them again.');
      await importer.importPaths(paths);
      estimator.refresh();
      return {};
    },
    importUpload: async ({ uploadId }) => {
      assertHost(context, 'loopback');
      await importer.importUpload(await uploads.take(uploadId));
      estimator.refresh();
      return {};
    },
    discardUpload: async ({ uploadId }) => {
      assertHost(context, 'loopback');
      await uploads.discard(await uploads.take(uploadId));
      return {};
    },
    removePhotos: async ({ photoIds }) => {
      const ids = new Set(photoIds);
      photos.forgetFailed(ids);
      const kept = session.current?.content.photos.filter(({ id }) => !ids.has(id)) ?? [];
      if (kept.length < (session.current?.content.photos.length ?? 0)) {
        await session.change({ photos: kept });
        photos.set(kept);
      }
      estimator.refresh();
      return {};
    },
    setPhotoRole: async ({ photoIds, role }) => {
      const changed = withRole(session.current?.content.photos ?? [], new Set(photoIds), role);
      await session.change({ photos: changed });
      photos.set(changed);
      estimator.refresh();
      return {};
    },
    relinkPhotos: async ({ uploadId }) => ({ found: await relinkPhotos(context, uploadId) }),
  };
}
