/** Takes in what was dropped or picked, one drop after the other: photos, cameras, masks, splats, projects, camera paths. */
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CommandRefusedError } from './app-service.js';
import type { FilesJob } from './files-job.js';
import { classifyDrop } from './import/classify-drop.js';
import type { ImportPlan, ImportProblem, PlannedScene } from './import/import-plan.js';
import { knownPhotosOf, mergeImport } from './import/merge-import.js';
import { mergeSensors } from './import/merge-sensors.js';
import { TaskFailedError } from './job-client.js';
import type { Notices } from './notices.js';
import type { PhotoList } from './photo-list.js';
import type { ProjectSession } from './project-session.js';
import { withFingerprints } from './projects/find-sensor-files.js';
import type { OpenProject, ProjectContent, ProjectStore, SensorFile } from './projects/project.js';
import { LOCK_FILE } from './projects/project-lock.js';
import { PROJECT_EXTENSION } from './projects/save-copy.js';
import { rolesAfterImport } from './roles.js';
import type { RunSupervisor } from './run-supervisor.js';
import type { SceneHolder } from './scene-holder.js';
import type { SceneKeeper } from './scene-keeper.js';
import type { SensorList } from './sensor-list.js';
import type { StateStore } from './state-store.js';

interface ImporterParts {
  readonly store: StateStore;
  readonly files: FilesJob;
  readonly notices: Notices;
  readonly session: ProjectSession;
  readonly photos: PhotoList;
  readonly sensors: SensorList;
  readonly scene: SceneHolder;
  readonly sceneKeeper: SceneKeeper;
  readonly run: RunSupervisor;
  readonly projects: ProjectStore;
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

/** `Kitchen.vantage`, `Kitchen 2.vantage`, …: the first that is not there. */
async function unusedPath(folder: string, name: string): Promise<string> {
  const stem = name.slice(0, -PROJECT_EXTENSION.length);
  for (let number = 1; ; number++) {
    const path = join(folder, `${stem}${number === 1 ? '' : ` ${number}`}${PROJECT_EXTENSION}`);
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    if (!isThere) return path;
  }
}

/** Files that were found again are no copies of files that the project has. */
function withoutCopies(plan: ImportPlan, found: ReadonlySet<string>): ImportPlan {
  const isNew = ({ absolutePath }: { readonly absolutePath: string }): boolean => !found.has(absolutePath);
  return {
    ...plan,
    clouds: plan.clouds.filter(isNew),
    calibrations: plan.calibrations.filter(isNew),
    problems: plan.problems.filter(({ kind, absolutePath }) => kind !== 'duplicate' || !found.has(absolutePath ?? '')),
  };
}

function placesOf({ photos, sensors, calibrations }: ProjectContent): string[] {
  return [...photos, ...sensors, ...calibrations].map(({ absolutePath }) => absolutePath);
}

export class Importer {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: ImporterParts) {}

  /** @param paths absolute, all of them picked by the user. */
  importPaths(paths: readonly string[]): Promise<void> {
    return this.enqueue(() => this.takeDrop(paths, null));
  }

  /** @param folder of an upload; photos in it become the project's own. */
  importUpload(folder: string): Promise<void> {
    return this.enqueue(async () => {
      try {
        await this.takeDrop([folder], folder);
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

  private async takeDrop(paths: readonly string[], uploadFolder: string | null): Promise<void> {
    const found = await this.findAgain(paths, uploadFolder);
    const plan = await this.classify(paths, uploadFolder ?? undefined);
    if (found.size === 0) return this.takeIn(plan, uploadFolder);
    // Whoever shows us the folder that the photos are in now does not want their roles and cameras read anew.
    const rest = withoutCopies(plan, found);
    if (!this.bringsNothingElse(rest)) await this.takeIn(rest, uploadFolder);
  }

  /** Photos, clouds and calibrations that are not where the project says may lie in what was dropped. Answers where they were found. */
  private async findAgain(paths: readonly string[], uploadFolder: string | null): Promise<ReadonlySet<string>> {
    const { store, session, photos, sensors } = this.parts;
    const project = session.current;
    const { missingPhotos, missingSensorFiles } = store.current.project;
    if (project === null || project.isReadOnly || missingPhotos.length + missingSensorFiles.length === 0)
      return new Set();
    const before = new Set(placesOf(project.content));
    for (const path of paths) await project.relink(path);
    const found = new Set(placesOf(project.content).filter((path) => !before.has(path)));
    if (found.size === 0) return found;
    if (uploadFolder !== null) await project.adopt(uploadFolder);
    photos.set(project.content.photos);
    sensors.set(project.content);
    await session.findMissing();
    return found;
  }

  private bringsNothingElse(plan: ImportPlan): boolean {
    const { photos, masks, scenes, projects, cameraPaths, posesOfKnown, clouds, calibrations } = plan;
    const known = this.parts.session.current?.content.photos ?? [];
    const posed = new Set(known.filter(({ pose }) => pose !== null).map(({ id }) => id));
    const brought = [photos, masks, scenes, projects, cameraPaths, clouds, calibrations];
    const isAny = brought.some(({ length }) => length > 0);
    return !isAny && posesOfKnown.every(({ photoId }) => posed.has(photoId));
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
    await this.takeSensors(plan, uploadFolder);
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

  private async takeSensors(plan: ImportPlan, uploadFolder: string | null): Promise<void> {
    const { session, sensors } = this.parts;
    if (plan.clouds.length + plan.calibrations.length === 0) return;
    const project = await session.writable();
    const { problems, ...merged } = mergeSensors(project.content, plan);
    await session.change(merged);
    if (uploadFolder !== null) await project.adopt(uploadFolder);
    sensors.set(project.content);
    this.tell(problems);
    await this.fingerprintSensors(project);
  }

  /** By which files that were moved are found again. */
  private async fingerprintSensors(project: OpenProject): Promise<void> {
    const { session } = this.parts;
    const { sensors, calibrations } = project.content;
    const known = new Map(
      (await withFingerprints([...sensors, ...calibrations])).map(({ id, fingerprint }) => [id, fingerprint]),
    );
    if (session.current !== project) return;
    const complete = <T extends SensorFile>(file: T): T => ({
      ...file,
      fingerprint: known.get(file.id) ?? file.fingerprint,
    });
    // The project may have changed while they were read.
    await session.change({
      sensors: project.content.sensors.map(complete),
      calibrations: project.content.calibrations.map(complete),
    });
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
    const { openProject, notices } = this.parts;
    const [first, second] = folders as readonly [string, string?];
    if (uploadFolder === null) await openProject(first);
    else await this.takeProjectCopy(first);
    if (second !== undefined)
      notices.add({
        severity: 'info',
        message: 'Only the first of the projects was opened.',
        hint: 'Open the others one by one.',
        file: basename(second),
      });
  }

  /** A browser hands over what a project's folder holds, and does not say where it lies. */
  private async takeProjectCopy(folder: string): Promise<void> {
    const { openProject, notices, projects, projectsFolder } = this.parts;
    const known = await projects.findTwin(folder);
    if (known !== null) return openProject(known);
    const own = await unusedPath(projectsFolder, basename(folder));
    await moveFolder(folder, own);
    try {
      // Whoever holds the project where it came from does not hold the copy.
      await rm(join(own, LOCK_FILE), { force: true });
      await openProject(own);
    } catch (error) {
      await rm(own, { recursive: true, force: true });
      throw error;
    }
    notices.add({
      severity: 'warning',
      message: `A browser can only hand over a copy of a project: you are working on the copy in ${own}.`,
      hint: 'It is among the recent projects from now on; the folder that you dropped stays as it is.',
      file: basename(folder),
    });
  }
}
