/** A project saved under another name: built beside its place and put there by one rename, so that half a project is never seen. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { writeFileAtomic } from '../../../host/atomic-write.js';
import { DOCUMENT_NAMES } from '../../ipc/contract.js';
import type { CaptureFile } from '../import/import-plan.js';
import { isInsideFolder } from '../import/walk-drop.js';
import { copyOwnFiles, copyReferencedFiles } from './copy-project.js';
import type { ProjectSnapshot } from './open-project.js';
import type { ProjectContent } from './project.js';
import { ProjectError } from './project.js';
import { acquireProjectLock, describeHolder } from './project-lock.js';
import { documentFile, projectText } from './project-writer.js';
import { PROJECT_FILE } from './read-project.js';

export const PROJECT_EXTENSION = '.vantage';

/** Projects that the user has named, where the host has no dialog to ask for a place. */
export function savedProjectsFolder(dataFolder: string): string {
  return join(dataFolder, 'saved');
}

export function withProjectExtension(folder: string): string {
  const clean = resolve(folder);
  return clean.toLowerCase().endsWith(PROJECT_EXTENSION) ? clean : clean + PROJECT_EXTENSION;
}

/** Paths below one folder as they are once it has another name. */
function moveContent(content: ProjectContent, from: string, to: string): ProjectContent {
  const move = (path: string): string => (isInsideFolder(from, path) ? join(to, relative(from, path)) : path);
  const moveFile = ({ path, file }: CaptureFile): CaptureFile => ({ path, file: move(file) });
  const moveSensorFile = <T extends { readonly absolutePath: string }>(sensor: T): T => ({
    ...sensor,
    absolutePath: move(sensor.absolutePath),
  });
  return {
    ...content,
    sensors: content.sensors.map(moveSensorFile),
    calibrations: content.calibrations.map(moveSensorFile),
    photos: content.photos.map((photo) => ({
      ...photo,
      absolutePath: move(photo.absolutePath),
      mask: photo.mask === null ? null : moveFile(photo.mask),
    })),
    capture: content.capture === null ? null : { ...content.capture, files: content.capture.files.map(moveFile) },
  };
}

async function build(
  project: ProjectSnapshot,
  place: { readonly temporary: string; readonly target: string; readonly dataFolder: string },
): Promise<{ content: ProjectContent; savedAtMs: number }> {
  const { temporary, target } = place;
  await mkdir(temporary);
  await copyOwnFiles(project.folder, temporary);
  let content = project.content;
  for (const from of [project.folder, place.dataFolder])
    content = await copyReferencedFiles(content, { from, to: temporary, mayLink: false });
  content = moveContent(content, temporary, target);
  for (const name of DOCUMENT_NAMES) {
    const text = project.documents[name];
    if (text === null) await rm(documentFile(temporary, name), { force: true });
    else await writeFileAtomic(documentFile(temporary, name), text);
  }
  const savedAtMs = Date.now();
  await writeFileAtomic(join(temporary, PROJECT_FILE), projectText(project.head, content, target, savedAtMs));
  return { content, savedAtMs };
}

type Present = 'nothing' | 'empty' | 'project' | 'other';

async function whatIsThere(target: string): Promise<Present> {
  try {
    const names = await readdir(target);
    if (names.length === 0) return 'empty';
    return names.includes(PROJECT_FILE) ? 'project' : 'other';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'nothing' : 'other';
  }
}

async function refuseHeld(target: string): Promise<void> {
  const result = await acquireProjectLock(target);
  if (result.kind === 'acquired') await result.lock.release();
  else if (result.kind === 'held')
    throw new ProjectError(
      'exists',
      `The project that is there cannot be replaced. ${describeHolder(result.holder)}`,
      'Close it, or choose another name.',
      target,
    );
}

/** @throws ProjectError; the system's errors of writing. */
export async function saveCopy(
  project: ProjectSnapshot,
  target: string,
  options: { readonly replace: boolean; readonly dataFolder: string },
): Promise<{ content: ProjectContent; savedAtMs: number }> {
  if (isInsideFolder(project.folder, target))
    throw new ProjectError('exists', 'The project is there already.', 'Choose another folder or name.', target);
  const present = await whatIsThere(target);
  if (present === 'other' || (present === 'project' && !options.replace))
    throw new ProjectError('exists', 'There is something of that name already.', 'Choose another name.', target);
  if (present === 'project') await refuseHeld(target);

  await mkdir(dirname(target), { recursive: true });
  const mark = randomBytes(6).toString('hex');
  const temporary = join(dirname(target), `.vantage-${mark}.tmp`);
  const former = join(dirname(target), `.vantage-${mark}.old`);
  try {
    const built = await build(project, { temporary, target, dataFolder: options.dataFolder });
    // Windows does not rename over an empty folder.
    if (present === 'empty') await rmdir(target);
    if (present === 'project') await rename(target, former);
    try {
      await rename(temporary, target);
    } catch (error) {
      if (present === 'project') await rename(former, target);
      throw error;
    }
    await rm(former, { recursive: true, force: true }).catch(() => undefined);
    return built;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}
