import type { Project } from '../../ipc/contract.js';
import type { OpenProject } from './project.js';

export type MissingFiles = Readonly<Pick<Project, 'missingPhotos' | 'missingSensorFiles'>>;

/** The `project` slice of the window's state. What is not part of the project any more is not missed. */
export function projectSlice(project: OpenProject, missing: MissingFiles): Project {
  const { name, photos, sensors, calibrations } = project.content;
  const ids = new Set([...photos, ...sensors, ...calibrations].map(({ id }) => id));
  return {
    id: project.id,
    name,
    folder: project.isTemporary ? null : project.paths.folder.slice(0, 4096),
    savedAtMs: project.savedAtMs,
    isReadOnly: project.isReadOnly,
    readOnlyReason: project.readOnlyReason?.slice(0, 1000) ?? null,
    missingPhotos: missing.missingPhotos
      .filter(({ photoId }) => ids.has(photoId))
      .map(({ photoId, shownPath }) => ({ photoId, shownPath: shownPath.slice(0, 4096) })),
    missingSensorFiles: missing.missingSensorFiles
      .filter(({ fileId }) => ids.has(fileId))
      .map(({ fileId, shownPath }) => ({ fileId, shownPath: shownPath.slice(0, 4096) })),
  };
}
