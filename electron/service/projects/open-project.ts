import { join } from 'node:path';
import type { DocumentName, Documents } from '../../ipc/contract.js';
import { DOCUMENT_NAMES } from '../../ipc/contract.js';
import { walkDrop } from '../import/walk-drop.js';
import type { AutosaveTimes } from './autosave.js';
import { Autosave } from './autosave.js';
import type { CheckpointEntry } from './checkpoint-folder.js';
import { listCheckpoints } from './checkpoint-folder.js';
import { copyReferencedFiles } from './copy-project.js';
import { ContentCheck, findMissingPhotos, relinkPhotos } from './find-photos.js';
import { findMissingSensorFiles, relinkSensorFiles } from './find-sensor-files.js';
import type {
  MissingPhoto,
  MissingSensorFile,
  OpenProject,
  ProjectContent,
  ProjectEvent,
  ProjectNotice,
  ProjectPaths,
  RelinkResult,
} from './project.js';
import { ProjectError } from './project.js';
import type { ProjectLock } from './project-lock.js';
import type { ProjectHead, WriteFile } from './project-writer.js';
import { ProjectWriter, writeError } from './project-writer.js';

/** What the store knows and does about a project that is open. */
export interface ProjectHome {
  isTemporary(folder: string): boolean;
  /** Builds the copy and opens it. @throws ProjectError. */
  copyTo(
    project: ProjectSnapshot,
    folder: string,
    options: { readonly replace: boolean; readonly onLost: () => void },
  ): Promise<ProjectOpening>;
  /** Everything is written and the lock given back. */
  closed(project: ProjectSnapshot): Promise<void>;
  /** The project lives elsewhere now. */
  movedAway(folder: string): Promise<void>;
  /** The project could not be written to its folder: keeps it in the application's own. */
  rescue(project: ProjectSnapshot): Promise<void>;
  readonly writeFile: WriteFile | undefined;
  readonly times: AutosaveTimes | undefined;
}

/** All of a project at one moment. */
export interface ProjectSnapshot {
  readonly head: ProjectHead;
  readonly folder: string;
  readonly content: ProjectContent;
  readonly documents: Documents;
}

export interface ProjectOpening extends ProjectSnapshot {
  /** null: read-only. */
  readonly lock: ProjectLock | null;
  readonly readOnlyReason: string | null;
  readonly savedAtMs: number | null;
  readonly notices: readonly ProjectNotice[];
  readonly isFileGood: boolean;
  readonly oldVersion: number | null;
}

export function projectPaths(folder: string): ProjectPaths {
  return {
    folder,
    sceneFile: join(folder, 'scene.ply'),
    cameraLogFile: join(folder, 'colmap.log'),
    seenFile: join(folder, 'seen.bin'),
    checkpoints: join(folder, 'checkpoints'),
    thumbnails: join(folder, 'thumbnails'),
    photos: join(folder, 'photos'),
  };
}

/** What has changed meanwhile stays so; only where the files lie is taken from the copies. */
function withPathsOf<T extends { readonly id: string; readonly absolutePath: string }>(
  current: readonly T[],
  copies: readonly T[],
): T[] {
  const paths = new Map(copies.map(({ id, absolutePath }) => [id, absolutePath]));
  return current.map((file) => ({ ...file, absolutePath: paths.get(file.id) ?? file.absolutePath }));
}

export class LiveProject implements OpenProject {
  content: ProjectContent;
  documents: Documents;
  private opening: ProjectOpening;
  private writer: ProjectWriter;
  private saved: number | null;
  private isChanged: boolean;
  private isClosed = false;
  private isLost: string | null = null;
  private readonly changedDocuments = new Set<DocumentName>();
  private readonly listeners = new Set<(event: ProjectEvent) => void>();
  private readonly check = new ContentCheck();
  private readonly autosave: Autosave;

  constructor(
    opening: ProjectOpening,
    private readonly home: ProjectHome,
  ) {
    this.opening = opening;
    this.content = opening.content;
    this.documents = opening.documents;
    this.saved = opening.savedAtMs;
    this.writer = this.makeWriter(opening);
    // What was opened from an older version or a backup is not yet on the disk as it is shown.
    this.isChanged = !opening.isFileGood || opening.oldVersion !== null;
    this.autosave = new Autosave(
      () => this.write(),
      (error) => this.tellFailure(error),
      home.times,
    );
  }

  get id(): string {
    return this.opening.head.id;
  }

  get paths(): ProjectPaths {
    return projectPaths(this.opening.folder);
  }

  get isTemporary(): boolean {
    return this.home.isTemporary(this.opening.folder);
  }

  get isReadOnly(): boolean {
    return this.opening.lock === null || this.isLost !== null;
  }

  get readOnlyReason(): string | null {
    return this.isLost ?? this.opening.readOnlyReason;
  }

  get savedAtMs(): number | null {
    return this.saved;
  }

  get openingNotices(): readonly ProjectNotice[] {
    return this.opening.notices;
  }

  change(change: Partial<ProjectContent>): void {
    this.content = { ...this.content, ...change };
    this.isChanged = true;
    if (!this.isReadOnly && !this.isClosed) this.autosave.touch();
  }

  changeDocument(name: DocumentName, text: string | null): void {
    if (this.documents[name] === text) return;
    this.documents = { ...this.documents, [name]: text };
    this.changedDocuments.add(name);
    if (!this.isReadOnly && !this.isClosed) this.autosave.touch();
  }

  async save(): Promise<void> {
    try {
      await this.autosave.flush();
    } catch (error) {
      this.tellFailure(error);
      throw writeError(error, this.opening.folder);
    }
  }

  async saveAs(folder: string, options: { readonly replace?: boolean } = {}): Promise<void> {
    if (!this.isReadOnly) await this.save();
    const before = this.snapshot();
    const copy = await this.home.copyTo(before, folder, {
      replace: options.replace === true,
      onLost: () => this.lose(),
    });
    const former = this.opening;
    this.opening = copy;
    this.isLost = null;
    this.takeCopy(before, copy);
    this.saved = copy.savedAtMs;
    this.writer = this.makeWriter(copy);
    await former.lock?.release();
    await this.home.movedAway(former.folder);
    this.tell({ type: 'saved', savedAtMs: copy.savedAtMs ?? Date.now() });
    if (this.isChanged || this.changedDocuments.size > 0) this.autosave.touch();
  }

  async adopt(from: string): Promise<void> {
    if (this.isReadOnly)
      throw new ProjectError('read-only', 'This project cannot be changed.', 'Save it under another name first.', null);
    const { folder } = this.opening;
    try {
      const before = this.content;
      const { photos, capture, sensors, calibrations } = await copyReferencedFiles(before, {
        from,
        to: folder,
        mayLink: true,
      });
      const copied = new Map(photos.map((photo) => [photo.id, photo]));
      // The project may have changed while they were copied.
      this.change({
        photos: this.content.photos.map((photo) => {
          const { absolutePath, mask } = copied.get(photo.id) ?? photo;
          return { ...photo, absolutePath, mask };
        }),
        ...(this.content.capture === before.capture ? { capture } : {}),
        sensors: withPathsOf(this.content.sensors, sensors),
        calibrations: withPathsOf(this.content.calibrations, calibrations),
      });
    } catch (error) {
      throw writeError(error, folder);
    }
  }

  findMissingPhotos(signal?: AbortSignal): Promise<readonly MissingPhoto[]> {
    return findMissingPhotos(this.content.photos, this.check, signal);
  }

  findMissingSensorFiles(): Promise<readonly MissingSensorFile[]> {
    return findMissingSensorFiles([...this.content.sensors, ...this.content.calibrations]);
  }

  async relink(folder: string, signal?: AbortSignal): Promise<RelinkResult> {
    const { files } = await walkDrop([folder], folder, signal);
    const { photos, ...result } = await relinkPhotos(this.content.photos, files, this.check, signal);
    const sensors = await relinkSensorFiles(this.content.sensors, files, this.check, signal);
    const calibrations = await relinkSensorFiles(this.content.calibrations, files, this.check, signal);
    const foundSensorFiles = sensors.found + calibrations.found;
    // The project may have changed while the folder was searched.
    if (result.found + foundSensorFiles > 0)
      this.change({
        photos: withPathsOf(this.content.photos, photos),
        sensors: withPathsOf(this.content.sensors, sensors.files),
        calibrations: withPathsOf(this.content.calibrations, calibrations.files),
      });
    return { ...result, foundSensorFiles };
  }

  listCheckpoints(): Promise<readonly CheckpointEntry[]> {
    return listCheckpoints(this.paths.checkpoints);
  }

  listen(listener: (event: ProjectEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    const wasReadOnly = this.isReadOnly;
    const isUnsaved = await this.autosave.flush().then(
      () => false,
      () => true,
    );
    this.autosave.stop();
    if (isUnsaved) await this.home.rescue(this.snapshot()).catch(() => undefined);
    await this.opening.lock?.release();
    if (!isUnsaved && !wasReadOnly) await this.home.closed(this.snapshot()).catch(() => undefined);
  }

  /** The lock's own news. */
  lose(): void {
    const reason = 'Another computer has taken this project over; here it can only be looked at.';
    this.isLost = reason;
    const hint = 'Save it under another name to keep what you changed.';
    this.tell({ type: 'lock-lost', notice: { severity: 'error', message: reason, hint, file: this.opening.folder } });
  }

  /** The copy's name and paths; what was changed while it was made stays changed. */
  private takeCopy(before: ProjectSnapshot, copy: ProjectSnapshot): void {
    this.isChanged = this.content !== before.content;
    for (const name of DOCUMENT_NAMES)
      if (this.documents[name] === before.documents[name]) this.changedDocuments.delete(name);
      else this.changedDocuments.add(name);
    const copied = new Map(copy.content.photos.map((photo) => [photo.id, photo]));
    const { capture, name } = this.content;
    this.content = {
      ...this.content,
      name: name === before.content.name ? copy.content.name : name,
      photos: this.content.photos.map((photo) => {
        const { absolutePath, mask } = copied.get(photo.id) ?? photo;
        return { ...photo, absolutePath, mask };
      }),
      capture: capture === before.content.capture ? copy.content.capture : capture,
      sensors: withPathsOf(this.content.sensors, copy.content.sensors),
      calibrations: withPathsOf(this.content.calibrations, copy.content.calibrations),
    };
  }

  private snapshot(): ProjectSnapshot {
    const { head, folder } = this.opening;
    return { head, folder, content: this.content, documents: this.documents };
  }

  private makeWriter({ folder, head, isFileGood, oldVersion }: ProjectOpening): ProjectWriter {
    return new ProjectWriter(folder, head, { isCurrentGood: isFileGood, oldVersion }, this.home.writeFile);
  }

  /** Writes what is unsaved; what fails stays unsaved. */
  private async write(): Promise<void> {
    if (this.isReadOnly) return;
    let isWritten = false;
    for (const name of [...this.changedDocuments]) {
      this.changedDocuments.delete(name);
      try {
        await this.writer.writeDocument(name, this.documents[name]);
        isWritten = true;
      } catch (error) {
        this.changedDocuments.add(name);
        throw error;
      }
    }
    if (!this.isChanged && !isWritten) return;
    this.isChanged = false;
    const savedAtMs = Date.now();
    try {
      await this.writer.writeProject(this.content, savedAtMs);
    } catch (error) {
      this.isChanged = true;
      throw error;
    }
    this.saved = savedAtMs;
    this.tell({ type: 'saved', savedAtMs });
  }

  private tellFailure(error: unknown): void {
    const { message, hint } = writeError(error, this.opening.folder);
    this.tell({ type: 'save-failed', notice: { severity: 'error', message, hint, file: this.opening.folder } });
  }

  private tell(event: ProjectEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
