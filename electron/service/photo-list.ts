/** The photos of the project as the window sees them: what the project knows, what a look into the files found, and those that failed. */
import { randomUUID } from 'node:crypto';
import type { Photo } from '../ipc/contract.js';
import type { PhotoSource, TaskEvent } from '../ipc/job-contract.js';
import { mediaUrl } from '../ipc/media.js';
import type { FilesJob } from './files-job.js';
import type { ImportProblem } from './import/import-plan.js';
import type { ProjectPhoto } from './projects/project.js';
import type { StateStore } from './state-store.js';

type Inspection =
  | { readonly status: 'ready'; readonly width: number; readonly height: number; readonly thumbnailFile: string }
  | { readonly status: 'failed' | 'missing'; readonly problem: NonNullable<Photo['problem']> };

export function photoSourceOf(photo: ProjectPhoto): PhotoSource {
  const { id, capturePath, absolutePath, mask, pose } = photo;
  return { photoId: id, path: capturePath, file: absolutePath, maskFile: mask?.file ?? null, pose };
}

/** Names of broken photos stay in sight only so far. */
const MAX_FAILED = 500;
const SHOW_WITHIN_MS = 100;

export class PhotoList {
  private photos: readonly ProjectPhoto[] = [];
  private readonly inspections = new Map<string, Inspection>();
  /** Files that never became photos of the project. */
  private failed: Photo[] = [];
  private underWay = new AbortController();
  private soon: NodeJS.Timeout | null = null;

  constructor(
    private readonly store: StateStore,
    private readonly files: FilesJob,
    private readonly thumbnailFolder: string,
  ) {}

  /** Other photos altogether: nothing of what was known holds. */
  reset(photos: readonly ProjectPhoto[]): void {
    this.underWay.abort(new Error('the project was closed'));
    this.underWay = new AbortController();
    this.inspections.clear();
    this.failed = [];
    this.set(photos);
  }

  set(photos: readonly ProjectPhoto[]): void {
    this.photos = photos;
    this.show();
    void this.inspect(photos.filter(({ id }) => !this.inspections.has(id)));
  }

  addFailed(problems: readonly ImportProblem[]): void {
    const added = problems.map(({ file, message, hint }): Photo => ({
      id: randomUUID(),
      name: file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1).slice(0, 1000),
      shownPath: file.slice(0, 4096),
      bytes: null,
      width: null,
      height: null,
      status: 'failed',
      role: 'left-out',
      isMasked: false,
      camera: null,
      outcome: null,
      problem: { message: message.slice(0, 1000), hint: hint.slice(0, 1000) },
      thumbnailUrl: null,
      pictureUrl: null,
    }));
    const paths = new Set(added.map(({ shownPath }) => shownPath));
    this.failed = [...this.failed.filter(({ shownPath }) => !paths.has(shownPath)), ...added].slice(-MAX_FAILED);
    this.show();
  }

  /** Takes photos that failed out of sight; those of the project are the project's to remove. */
  forgetFailed(ids: ReadonlySet<string>): void {
    this.failed = this.failed.filter(({ id }) => !ids.has(id));
    this.show();
  }

  /** Looks again: the files have come back, or have gone. */
  markMissing(ids: ReadonlySet<string>): void {
    for (const [id, { status }] of this.inspections) if (status === 'missing') this.inspections.delete(id);
    for (const id of ids)
      this.inspections.set(id, {
        status: 'missing',
        problem: { message: 'The file is not where it was.', hint: 'Show Vantage the folder that it is in now.' },
      });
    this.set(this.photos);
  }

  find(id: string): ProjectPhoto | null {
    return this.photos.find((photo) => photo.id === id) ?? null;
  }

  thumbnailFile(id: string): string | null {
    const inspection = this.inspections.get(id);
    return inspection?.status === 'ready' ? inspection.thumbnailFile : null;
  }

  /** Photos that a run may use; broken and missing ones are not among them. */
  usable(): readonly ProjectPhoto[] {
    return this.photos.filter(({ id }) => (this.inspections.get(id)?.status ?? 'ready') === 'ready');
  }

  private async inspect(photos: readonly ProjectPhoto[]): Promise<void> {
    if (photos.length === 0) return;
    const { signal } = this.underWay;
    const places = new Map(photos.map(({ id, absolutePath }) => [id, absolutePath]));
    const onEvent = (event: TaskEvent): void => {
      if (event.type !== 'photo' || signal.aborted) return;
      const { photoId, facts, problem } = event;
      // Late news of a file that is known to be gone, or that was found elsewhere since.
      if (this.inspections.get(photoId)?.status === 'missing') return;
      if (this.find(photoId)?.absolutePath !== places.get(photoId)) return;
      if (facts !== null) this.inspections.set(photoId, { status: 'ready', ...facts });
      else if (problem !== null) this.inspections.set(photoId, { status: 'failed', problem });
      this.showSoon();
    };
    const task = {
      kind: 'inspect-photos' as const,
      photos: photos.map(photoSourceOf),
      thumbnailFolder: this.thumbnailFolder,
    };
    try {
      await this.files.run(task, { onEvent, signal });
    } catch {
      if (signal.aborted) return;
      const problem = { message: 'The photo could not be looked into.', hint: 'Remove it, or add it again.' };
      for (const { id } of photos)
        if (!this.inspections.has(id)) this.inspections.set(id, { status: 'failed', problem });
      this.show();
    }
  }

  /** Thousands of photos arrive one by one. */
  private showSoon(): void {
    this.soon ??= setTimeout(() => this.show(), SHOW_WITHIN_MS);
  }

  private show(): void {
    if (this.soon !== null) clearTimeout(this.soon);
    this.soon = null;
    this.store.set('photos', [...this.photos.map((photo) => this.describe(photo)), ...this.failed]);
  }

  private describe(photo: ProjectPhoto): Photo {
    const inspection = this.inspections.get(photo.id);
    const isReady = inspection?.status === 'ready';
    return {
      id: photo.id,
      name: photo.name.slice(0, 1000),
      shownPath: photo.shownPath.slice(0, 4096),
      bytes: photo.fingerprint?.bytes ?? null,
      width: isReady ? inspection.width : photo.width,
      height: isReady ? inspection.height : photo.height,
      status: inspection?.status ?? 'reading',
      role: photo.role,
      isMasked: photo.mask !== null,
      camera: photo.shownCamera,
      outcome: photo.outcome,
      problem: inspection !== undefined && inspection.status !== 'ready' ? inspection.problem : null,
      thumbnailUrl: isReady ? mediaUrl('thumbnail', photo.id) : null,
      pictureUrl: isReady ? mediaUrl('picture', photo.id) : null,
    };
  }
}
