/** Takes in what was dropped or picked, one drop after the other: photos, cameras, masks, splats, projects, camera paths. */
import { randomUUID } from 'node:crypto';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CommandRefusedError } from './app-service.js';
import type { FilesJob } from './files-job.js';
import { classifyDrop } from './import/classify-drop.js';
import type { ImportPlan, ImportProblem, PlannedScene } from './import/import-plan.js';
import { knownPhotosOf, mergeImport } from './import/merge-import.js';
import { TaskFailedError } from './job-client.js';
import type { Notices } from './notices.js';
import type { PhotoList } from './photo-list.js';
import type { ProjectSession } from './project-session.js';
import type { ProjectContent } from './projects/project.js';
import { rolesAfterImport } from './roles.js';
import type { RunSupervisor } from './run-supervisor.js';
import type { SceneHolder } from './scene-holder.js';
import type { SceneKeeper } from './scene-keeper.js';
import type { StateStore } from './state-store.js';

interface ImporterParts {
  readonly store: StateStore;
  readonly files: FilesJob;
  readonly notices: Notices;
  readonly session: ProjectSession;
  readonly photos: PhotoList;
  readonly scene: SceneHolder;
  readonly sceneKeeper: SceneKeeper;
  readonly run: RunSupervisor;
  /** Opens a project's folder in the place of what is open. */
  readonly openProject: (folder: string) => Promise<void>;
  /** Where projects go that arrive as uploads. */
  readonly projectsFolder: string;
}

async function moveFolder(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch {
    // Another disk.
    await cp(from, to, { recursive: true });
    await rm(from, { recursive: true, force: true });
  }
}

export class Importer {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: ImporterParts) {}

  /** @param paths absolute, all of them picked by the user. */
  importPaths(paths: readonly string[]): Promise<void> {
    return this.enqueue(async () => {
      await this.takeIn(await this.classify(paths), null);
    });
  }

  /** @param folder of an upload; photos in it become the project's own. */
  importUpload(folder: string): Promise<void> {
    return this.enqueue(async () => {
      try {
        await this.takeIn(await this.classify([folder], folder), folder);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    const next = this.last.then(work, work);
    this.last = next.catch(() => undefined);
    return next;
  }

  private classify(paths: readonly string[], shownRoot?: string): Promise<ImportPlan> {
    const content = this.parts.session.current?.content;
    return classifyDrop(paths, {
      ...(shownRoot === undefined ? {} : { shownRoot }),
      known: knownPhotosOf(content?.photos ?? []),
      knownCapture: content?.capture ?? null,
    });
  }

  private async takeIn(plan: ImportPlan, uploadFolder: string | null): Promise<void> {
    const { store, session } = this.parts;
    if (plan.projects.length > 0) await this.takeProject(plan.projects, uploadFolder);
    await this.takePhotos(plan, uploadFolder);
    if (plan.scenes.length > 0) await this.takeScene(plan.scenes);
    const path = plan.cameraPaths.at(-1);
    if (path !== undefined) await session.changeDocument('camera-path', path.text);
    store.flush();
  }

  private tell(problems: readonly ImportProblem[]): void {
    const { notices, photos } = this.parts;
    for (const { severity, message, hint, file } of problems) notices.add({ severity, message, hint, file });
    const failed = problems.filter(({ isPhoto, kind }) => isPhoto && kind !== 'duplicate');
    if (failed.length > 0) photos.addFailed(failed);
  }

  private async takePhotos(plan: ImportPlan, uploadFolder: string | null): Promise<void> {
    const { session, photos } = this.parts;
    const isAny = plan.photos.length + plan.posesOfKnown.length + plan.masks.length > 0 || plan.capture !== null;
    if (!isAny) {
      this.tell(plan.problems);
      return;
    }
    const project = await session.writable();
    const before = project.content;
    const merged = mergeImport(before, plan);
    const withRoles = rolesAfterImport(before.photos, merged.photos, plan);
    await session.change({ photos: withRoles, capture: merged.capture, ...this.nameAfter(before, plan) });
    if (uploadFolder !== null) await project.adopt(uploadFolder);
    photos.set(project.content.photos);
    this.tell(merged.problems);
  }

  /** A project that nobody has named is called like the first folder that was dropped into it. */
  private nameAfter(before: ProjectContent, plan: ImportPlan): Partial<ProjectContent> {
    const shown = plan.photos[0]?.shownPath ?? '';
    const folder = shown.includes('/') ? (shown.split('/')[0] as string) : '';
    return before.photos.length === 0 && this.parts.session.current?.isTemporary === true && folder !== ''
      ? { name: folder.slice(0, 120) }
      : {};
  }

  private async takeScene(scenes: readonly PlannedScene[]): Promise<void> {
    const { files, scene, sceneKeeper, session, notices, run } = this.parts;
    const [first, second] = scenes as readonly [PlannedScene, PlannedScene?];
    if (run.isAlive)
      throw new CommandRefusedError(
        'A run is under way, so that no other scene can be opened.',
        'Wait until it is over, or cancel it first.',
      );
    if (second !== undefined)
      notices.add({
        severity: 'info',
        message: 'Only the first of the splat files was opened.',
        hint: 'Open the others one by one.',
        file: second.shownPath,
      });
    try {
      const { splats, count, warnings } = await files.run({ kind: 'open-splats', file: first.absolutePath });
      await session.ensure();
      scene.begin({ name: first.name, origin: 'file' });
      scene.setSplats({ splats, count }, { isPreview: false, iteration: null });
      for (const message of warnings) notices.add({ severity: 'warning', message, hint: '', file: first.shownPath });
      await sceneKeeper.keep({ name: first.name, origin: 'file', count, iteration: null, scores: null }, false);
    } catch (error) {
      if (!(error instanceof TaskFailedError)) throw error;
      const { message, hint } = error.failure;
      notices.add({ severity: 'error', message, hint, file: first.shownPath });
    }
  }

  private async takeProject(folders: readonly string[], uploadFolder: string | null): Promise<void> {
    const { openProject, notices, projectsFolder } = this.parts;
    const [first, second] = folders as readonly [string, string?];
    if (second !== undefined)
      notices.add({
        severity: 'info',
        message: 'Only the first of the projects was opened.',
        hint: 'Open the others one by one.',
        file: basename(second),
      });
    if (uploadFolder === null) return openProject(first);
    const own = join(projectsFolder, `${randomUUID().slice(0, 8)}-${basename(first)}`);
    await moveFolder(first, own);
    await openProject(own);
  }
}
