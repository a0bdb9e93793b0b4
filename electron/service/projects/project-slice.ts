import type { Project } from '../../ipc/contract.js';
import type { OpenProject } from './project.js';

/** The `project` slice of the window's state. */
export function projectSlice(project: OpenProject, missing: Readonly<Project['missingPhotos']>): Project {
  return {
    id: project.id,
    name: project.content.name,
    folder: project.isTemporary ? null : project.paths.folder.slice(0, 4096),
    savedAtMs: project.savedAtMs,
    isReadOnly: project.isReadOnly,
    readOnlyReason: project.readOnlyReason?.slice(0, 1000) ?? null,
    missingPhotos: missing.map(({ photoId, shownPath }) => ({ photoId, shownPath: shownPath.slice(0, 4096) })),
  };
}
