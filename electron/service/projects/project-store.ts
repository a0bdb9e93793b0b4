/** The projects of this user: opens them, makes them, remembers them, and finds those that a crash has left behind. */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../../../host/atomic-write.js';
import type { Recent, Recovery, Settings } from '../../ipc/contract.js';
import { isInsideFolder } from '../import/walk-drop.js';
import type { AutosaveTimes } from './autosave.js';
import { SUBFOLDERS } from './copy-project.js';
import type { ProjectHome, ProjectOpening, ProjectSnapshot } from './open-project.js';
import { LiveProject } from './open-project.js';
import type { OpenProject, ProjectStore } from './project.js';
import { ProjectError } from './project.js';
import type { ProjectLock } from './project-lock.js';
import { acquireProjectLock, describeHolder } from './project-lock.js';
import { locateContent } from './project-references.js';
import type { WriteFile } from './project-writer.js';
import { projectText, readDocuments, writeError } from './project-writer.js';
import type { Migrations, ReadProject } from './read-project.js';
import { PROJECT_FILE, readProject } from './read-project.js';
import { Recents } from './recents.js';
import { PROJECT_EXTENSION, saveCopy, withProjectExtension } from './save-copy.js';
import { CLOSED_FILE, collectGarbage, findLeftBehind } from './temporary-projects.js';

export interface ProjectStoreOptions {
  /** The application's own folder. */
  readonly dataFolder: string;
  readonly appVersion: string;
  readonly defaultSettings: Settings;
  /** Tests: disks that refuse, shorter waits, older versions. */
  readonly writeFile?: WriteFile;
  readonly times?: AutosaveTimes;
  readonly migrations?: Migrations;
}

interface Locking {
  readonly lock: ProjectLock | null;
  readonly readOnlyReason: string | null;
}

/** Folders of a project that lead elsewhere would have us write there. */
async function refuseLinks(folder: string): Promise<void> {
  for (const name of [...SUBFOLDERS, PROJECT_FILE]) {
    const info = await lstat(join(folder, name)).catch(() => null);
    if (info?.isSymbolicLink() === true)
      throw new ProjectError(
        'refused',
        `"${name}" of this project is a link that leads elsewhere.`,
        'Do not trust this project; Vantage makes no such links.',
        folder,
      );
  }
}

class Store implements ProjectStore, ProjectHome {
  private readonly temporaryFolder: string;
  private readonly list: Recents;
  readonly writeFile: WriteFile | undefined;
  readonly times: AutosaveTimes | undefined;

  constructor(private readonly options: ProjectStoreOptions) {
    this.temporaryFolder = join(options.dataFolder, 'projects');
    this.list = new Recents(options.dataFolder);
    this.writeFile = options.writeFile;
    this.times = options.times;
  }

  async createTemporary(name: string): Promise<OpenProject> {
    const folder = join(this.temporaryFolder, randomUUID() + PROJECT_EXTENSION);
    const content = {
      name,
      settings: this.options.defaultSettings,
      photos: [],
      capture: null,
      scene: null,
      sensors: [],
      calibrations: [],
    };
    const head = { id: randomUUID(), appVersion: this.options.appVersion, createdAtMs: Date.now() };
    try {
      for (const sub of SUBFOLDERS) await mkdir(join(folder, sub), { recursive: true });
      await writeFileAtomic(join(folder, PROJECT_FILE), projectText(head, content, folder, head.createdAtMs));
    } catch (error) {
      throw writeError(error, folder);
    }
    return this.open(folder);
  }

  async open(path: string): Promise<OpenProject> {
    const folder = resolve(path);
    await refuseLinks(folder);
    const first = await readProject(folder, this.options);
    // A newer project's folder is not written to at all, not even a lock.
    const locking = first.isNewer
      ? { lock: null, readOnlyReason: first.notices[0]?.message ?? null }
      : await this.lock(folder, () => project?.lose());
    let project: LiveProject | null = null;
    try {
      // Whoever had the lock until now may have saved in between.
      const read = first.isNewer ? first : await readProject(folder, this.options);
      project = new LiveProject(await this.describe(folder, read, locking), this);
    } catch (error) {
      await locking.lock?.release();
      throw error;
    }
    if (locking.lock !== null) await rm(join(folder, CLOSED_FILE), { force: true });
    if (!this.isTemporary(folder)) await this.remember(folder, project.content.name);
    return project;
  }

  async recents(): Promise<readonly Recent[]> {
    const recents = await this.list.list();
    return recents.map((recent) => ({ ...recent, folder: this.isTemporary(recent.folder) ? null : recent.folder }));
  }

  folderOfRecent(recentId: string): Promise<string | null> {
    return this.list.folderOf(recentId);
  }

  forgetRecent(recentId: string): Promise<void> {
    return this.list.forget(recentId);
  }

  async findTwin(folder: string): Promise<string | null> {
    const read = (from: string): Promise<Buffer | null> => readFile(join(from, PROJECT_FILE)).catch(() => null);
    const file = await read(folder);
    if (file === null) return null;
    for (const recent of await this.list.list())
      if ((await read(recent.folder))?.equals(file) === true) return recent.folder;
    return null;
  }

  async recoveries(): Promise<readonly Recovery[]> {
    const left = await this.leftBehind();
    return left.map(({ id, name, folder, changedAtMs }) => ({
      id,
      name,
      folder: this.isTemporary(folder) ? null : folder,
      changedAtMs,
    }));
  }

  async recover(recoveryId: string): Promise<OpenProject> {
    return this.open((await this.findRecovery(recoveryId)).folder);
  }

  async discardRecovery(recoveryId: string): Promise<void> {
    const { folder } = await this.findRecovery(recoveryId);
    const result = await acquireProjectLock(folder);
    if (result.kind !== 'acquired') return;
    // Of a project that the user keeps somewhere nothing but the mark of the crash goes.
    await result.lock.release();
    if (this.isTemporary(folder)) await rm(folder, { recursive: true, force: true });
  }

  async collectGarbage(): Promise<number> {
    return collectGarbage(this.temporaryFolder, this.options, (folder) => this.list.forgetFolder(folder));
  }

  // ---- for open projects

  isTemporary(folder: string): boolean {
    return isInsideFolder(this.temporaryFolder, folder);
  }

  async copyTo(
    project: ProjectSnapshot,
    folder: string,
    { replace, onLost }: { readonly replace: boolean; readonly onLost: () => void },
  ): Promise<ProjectOpening> {
    const target = withProjectExtension(folder);
    try {
      const { dataFolder } = this.options;
      const name = target.slice(Math.max(target.lastIndexOf('/'), target.lastIndexOf('\\')) + 1);
      const content = { ...project.content, name: name.slice(0, -PROJECT_EXTENSION.length) || project.content.name };
      const { savedAtMs, content: copied } = await saveCopy({ ...project, content }, target, { replace, dataFolder });
      const locking = await this.lock(target, onLost);
      await this.remember(target, copied.name);
      return {
        ...project,
        ...locking,
        folder: target,
        content: copied,
        savedAtMs,
        notices: [],
        isFileGood: true,
        oldVersion: null,
      };
    } catch (error) {
      throw writeError(error, target);
    }
  }

  async closed({ folder, content }: ProjectSnapshot): Promise<void> {
    if (!this.isTemporary(folder)) return;
    if (content.photos.length === 0 && content.scene === null) {
      await rm(folder, { recursive: true, force: true });
      return;
    }
    await writeFileAtomic(join(folder, CLOSED_FILE), JSON.stringify({ closedAtMs: Date.now() }));
    await this.remember(folder, content.name);
  }

  async movedAway(folder: string): Promise<void> {
    if (!this.isTemporary(folder)) return;
    // A folder that cannot be deleted now is found as garbage later.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    await this.list.forgetFolder(folder);
  }

  async rescue(project: ProjectSnapshot): Promise<void> {
    const { dataFolder } = this.options;
    const target = join(this.temporaryFolder, randomUUID() + PROJECT_EXTENSION);
    await saveCopy(project, target, { replace: false, dataFolder });
  }

  // ---- private

  private async remember(folder: string, name: string): Promise<void> {
    await this.list.remember({ name, folder, openedAtMs: Date.now() });
  }

  private async lock(folder: string, onLost: () => void): Promise<Locking> {
    const result = await acquireProjectLock(folder, { onLost });
    if (result.kind === 'acquired') return { lock: result.lock, readOnlyReason: null };
    const readOnlyReason =
      result.kind === 'held'
        ? `${describeHolder(result.holder)} Here it can only be looked at.`
        : `Its folder cannot be written to (${result.code}); it can only be looked at.`;
    return { lock: null, readOnlyReason };
  }

  private async describe(folder: string, read: ReadProject, locking: Locking): Promise<ProjectOpening> {
    const { id, createdAtMs, savedAtMs, content } = read.file;
    if (locking.lock !== null) for (const sub of SUBFOLDERS) await mkdir(join(folder, sub), { recursive: true });
    return {
      ...locking,
      head: { id, createdAtMs, appVersion: this.options.appVersion },
      folder,
      content: await locateContent(content, folder),
      documents: await readDocuments(folder),
      savedAtMs,
      notices: read.notices,
      isFileGood: !read.isFromBackup,
      oldVersion: read.formatVersion < read.file.formatVersion ? read.formatVersion : null,
    };
  }

  private async leftBehind(): Promise<Awaited<ReturnType<typeof findLeftBehind>>> {
    const kept = (await this.list.list()).filter(({ exists }) => exists).map(({ folder }) => folder);
    return findLeftBehind(this.temporaryFolder, kept, this.options);
  }

  private async findRecovery(recoveryId: string): Promise<{ folder: string }> {
    const found = (await this.leftBehind()).find(({ id }) => id === recoveryId);
    if (found !== undefined) return found;
    throw new ProjectError(
      'unknown',
      'This project is no longer there to be recovered.',
      'Look among the recent projects.',
    );
  }
}

/** @throws the system's error when the application's own folder cannot be made. */
export async function openProjectStore(options: ProjectStoreOptions): Promise<ProjectStore> {
  await mkdir(join(options.dataFolder, 'projects'), { recursive: true });
  return new Store(options);
}
