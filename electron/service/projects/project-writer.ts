/** Puts a project on the disk: every file whole or not at all, and the project file of the save before beside the new one. */
import { randomBytes } from 'node:crypto';
import { copyFile, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../../host/atomic-write.js';
import type { DocumentName, Documents } from '../../ipc/contract.js';
import { DOCUMENT_NAMES, documentsSchema } from '../../ipc/contract.js';
import type { ProjectContent } from './project.js';
import { ProjectError } from './project.js';
import { PROJECT_FORMAT_VERSION, PROJECT_MARK, projectFileSchema } from './project-file.js';
import { storeContent } from './project-references.js';
import { BACKUP_FILE, PROJECT_FILE, oldVersionFile } from './read-project.js';

const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;

/** Tests stand in for disks that are full, and for processes that end half-way. */
export type WriteFile = (path: string, content: string) => Promise<void>;

export interface ProjectHead {
  readonly id: string;
  readonly appVersion: string;
  readonly createdAtMs: number;
}

export function documentFile(folder: string, name: DocumentName): string {
  return join(folder, 'documents', `${name}.json`);
}

/** What the system's refusals mean for people. */
export function writeError(error: unknown, folder: string): ProjectError {
  if (error instanceof ProjectError) return error;
  const { code } = error as NodeJS.ErrnoException;
  const [message, hint] =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? ['The project cannot be saved: the disk is full.', 'Make room; saving is tried again by itself.']
      : ['EROFS', 'EACCES', 'EPERM'].includes(code ?? '')
        ? [
            'The project cannot be saved: its folder cannot be written to.',
            'Change its permissions, or save the project elsewhere.',
          ]
        : ['ENOENT', 'ENOTDIR'].includes(code ?? '')
          ? ['The project cannot be saved: its folder is gone.', 'Bring it back, or save the project elsewhere.']
          : [`The project cannot be saved (${code ?? String(error)}).`, 'Saving is tried again by itself.'];
  return new ProjectError('cannot-write', message, hint, folder);
}

/** @throws ProjectError when the content is not what a project may hold: a bug of the caller's. */
export function projectText(head: ProjectHead, content: ProjectContent, folder: string, savedAtMs: number): string {
  const file = {
    format: PROJECT_MARK,
    formatVersion: PROJECT_FORMAT_VERSION,
    ...head,
    savedAtMs,
    content: storeContent(content, folder),
  };
  const checked = projectFileSchema.safeParse(file);
  if (checked.success) return JSON.stringify(checked.data, null, 1);
  const where = checked.error.issues[0];
  throw new ProjectError(
    'cannot-write',
    `The project cannot be saved: ${where?.path.join('.') ?? ''} ${where?.message ?? 'is not valid'}.`,
    'Undo the last change; please report this.',
    folder,
  );
}

/** @param oldVersion of the file that is there, when it is kept as it was. */
async function keepPrevious(folder: string, oldVersion: number | null): Promise<void> {
  const current = join(folder, PROJECT_FILE);
  const keep = async (name: string): Promise<void> => {
    const temporary = join(folder, `.vantage-${randomBytes(6).toString('hex')}.tmp`);
    try {
      await copyFile(current, temporary);
      await rename(temporary, join(folder, name));
    } catch (error) {
      await rm(temporary, { force: true });
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  };
  await keep(BACKUP_FILE);
  if (oldVersion !== null) await keep(oldVersionFile(oldVersion));
}

export class ProjectWriter {
  /** The file on the disk is whole: worth keeping as the backup. */
  private isCurrentGood: boolean;
  private oldVersion: number | null;

  constructor(
    private readonly folder: string,
    private readonly head: ProjectHead,
    state: { readonly isCurrentGood: boolean; readonly oldVersion: number | null },
    private readonly writeFile: WriteFile = writeFileAtomic,
  ) {
    this.isCurrentGood = state.isCurrentGood;
    this.oldVersion = state.oldVersion;
  }

  /** @throws the system's error. */
  async writeProject(content: ProjectContent, savedAtMs: number): Promise<void> {
    // writeFileAtomic makes folders that are missing: a project whose folder was moved away must not come back as a stump.
    await stat(this.folder);
    const text = projectText(this.head, content, this.folder, savedAtMs);
    if (this.isCurrentGood) await keepPrevious(this.folder, this.oldVersion);
    await this.writeFile(join(this.folder, PROJECT_FILE), text);
    this.isCurrentGood = true;
    this.oldVersion = null;
  }

  /** @throws the system's error. */
  async writeDocument(name: DocumentName, text: string | null): Promise<void> {
    await stat(this.folder);
    if (text === null) await rm(documentFile(this.folder, name), { force: true });
    else await this.writeFile(documentFile(this.folder, name), text);
  }
}

/** A document that is not there, too large or unreadable is null. */
export async function readDocuments(folder: string): Promise<Documents> {
  const texts = await Promise.all(
    DOCUMENT_NAMES.map(async (name): Promise<[DocumentName, string | null]> => {
      try {
        const path = documentFile(folder, name);
        const info = await stat(path);
        if (!info.isFile() || info.size > MAX_DOCUMENT_BYTES) return [name, null];
        const text = await readFile(path, 'utf8');
        return [name, documentsSchema.shape[name].safeParse(text).success ? text : null];
      } catch {
        return [name, null];
      }
    }),
  );
  return documentsSchema.parse(Object.fromEntries(texts));
}
