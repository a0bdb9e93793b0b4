/** Puts the scene that is shown into the project, and takes it out again. */
import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../host/atomic-write.js';
import type { FilesJob } from './files-job.js';
import { TaskFailedError } from './job-client.js';
import type { Notices } from './notices.js';
import type { ProjectSession } from './project-session.js';
import type { OpenProject } from './projects/project.js';
import type { ProjectScene } from './projects/project-file.js';
import type { SceneHolder } from './scene-holder.js';

interface KeeperParts {
  readonly files: FilesJob;
  readonly notices: Notices;
  readonly session: ProjectSession;
  readonly scene: SceneHolder;
}

export class SceneKeeper {
  constructor(private readonly parts: KeeperParts) {}

  /** @param isWritten the scene's PLY is in its place already. */
  async keep(scene: Omit<ProjectScene, 'hasSeen' | 'findings'>, isWritten: boolean): Promise<void> {
    const { session, notices } = this.parts;
    const project = session.current;
    if (project === null || project.isReadOnly) return;
    try {
      if (!isWritten) await this.write(project);
      const { seen } = this.parts.scene;
      if (seen !== null) await writeFileAtomic(project.paths.seenFile, new Uint8Array(seen));
      const { findings } = this.parts.scene;
      project.change({ scene: { ...scene, hasSeen: seen !== null, ...(findings === null ? {} : { findings }) } });
    } catch (error) {
      const message = `The scene could not be stored in the project. ${error instanceof Error ? error.message : ''}`;
      notices.add({ severity: 'error', message, hint: 'Export it, so that it is not lost.' });
    }
  }

  /** Shows the scene of a project that has just been opened. */
  async show(project: OpenProject): Promise<void> {
    const stored = project.content.scene;
    const { files, scene, notices } = this.parts;
    if (stored === null) {
      scene.clear();
      return;
    }
    try {
      const { splats, count } = await files.run({ kind: 'open-splats', file: project.paths.sceneFile });
      const seen = stored.hasSeen ? await readSeen(project, count) : null;
      if (this.parts.session.current !== project) return;
      scene.begin({ name: stored.name, origin: 'project' });
      scene.setSplats({ splats, count, seen }, { isPreview: false, iteration: stored.iteration });
      // Residuals of single points are of the run that told them, and not kept.
      if (stored.findings !== undefined) scene.setFindings({ ...stored.findings, residuals: null });
    } catch (error) {
      scene.clear();
      const words = error instanceof TaskFailedError ? error.failure : { message: String(error), hint: '' };
      const message = `The scene of this project cannot be shown. ${words.message}`;
      notices.add({ severity: 'error', message, hint: words.hint, file: project.paths.sceneFile });
    }
  }

  private async write(project: OpenProject): Promise<void> {
    const { splats } = this.parts.scene;
    if (splats === null) return;
    await this.parts.files.run({
      kind: 'export-splats',
      splats,
      options: { format: 'ply', upAxis: 'unchanged', shDegree: 3, applyEdits: false },
      edits: null,
      view: null,
      outputFile: project.paths.sceneFile,
    });
  }
}

/** Counts of other Gaussians than these would only mislead. */
async function readSeen({ paths }: OpenProject, count: number): Promise<ArrayBuffer | null> {
  const seen = await readFile(paths.seenFile).catch(() => null);
  return seen?.length === count ? new Uint8Array(seen).buffer : null;
}
