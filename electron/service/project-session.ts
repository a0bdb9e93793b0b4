/** The project that is open, and what the window is told of it. One that holds nothing yet is not made before it must be. */
import type { DocumentName, Documents } from '../ipc/contract.js';
import { CommandRefusedError } from './app-service.js';
import { DEFAULT_SETTINGS } from './initial-state.js';
import type { Notices } from './notices.js';
import type { PhotoList } from './photo-list.js';
import type { OpenProject, ProjectContent, ProjectStore } from './projects/project.js';
import { projectSlice } from './projects/project-slice.js';
import type { SensorList } from './sensor-list.js';
import type { StateStore } from './state-store.js';

const NO_DOCUMENTS: Documents = { 'camera-path': null, edits: null, view: null };
export const UNTITLED = 'Untitled';

interface SessionParts {
  readonly store: StateStore;
  readonly projects: ProjectStore;
  readonly photos: PhotoList;
  readonly sensors: SensorList;
  readonly notices: Notices;
}

export class ProjectSession {
  private project: OpenProject | null = null;
  private opening: Promise<OpenProject> | null = null;
  private stopListening: () => void = () => undefined;

  constructor(private readonly parts: SessionParts) {}

  get current(): OpenProject | null {
    return this.project;
  }

  /** The open project, made now where there is none yet. */
  async ensure(): Promise<OpenProject> {
    if (this.project !== null) return this.project;
    const { projects, store } = this.parts;
    this.opening ??= projects.createTemporary(UNTITLED).then((project) => {
      // What was chosen before there was a project belongs to it.
      project.change({ settings: store.current.settings });
      this.take(project);
      return project;
    });
    try {
      return await this.opening;
    } finally {
      this.opening = null;
    }
  }

  /** The open project, to be changed. @throws CommandRefusedError when it may only be read. */
  async writable(): Promise<OpenProject> {
    const project = await this.ensure();
    if (project.isReadOnly)
      throw new CommandRefusedError(
        project.readOnlyReason ?? 'This project can only be read.',
        'Save it under another name to change it.',
      );
    return project;
  }

  /** Puts a project in the place of the one that is open, which is saved and closed. null: none. */
  async replace(project: OpenProject | null): Promise<void> {
    const last = this.project;
    this.stopListening();
    this.project = null;
    if (project === null) this.empty();
    else {
      this.take(project);
      this.parts.photos.reset(project.content.photos);
      this.parts.sensors.reset(project.content);
    }
    await last?.close();
  }

  /** @throws what `writable` does. */
  async change(change: Partial<ProjectContent>): Promise<void> {
    const project = await this.writable();
    project.change(change);
    this.show();
  }

  async changeDocument(name: DocumentName, text: string | null): Promise<void> {
    const project = await this.ensure();
    project.changeDocument(name, text);
    this.parts.store.change('documents', (documents) => ({ ...documents, [name]: text }));
  }

  /** Tells the window again. */
  show(): void {
    const { project } = this;
    if (project === null) return;
    this.parts.store.change('project', (missing) => projectSlice(project, missing));
  }

  /** Looks which photos, clouds and calibrations are gone. */
  async findMissing(): Promise<void> {
    const { project } = this;
    if (project === null) return;
    const missingSensorFiles = await project.findMissingSensorFiles();
    const missingPhotos = await project.findMissingPhotos();
    if (this.project !== project) return;
    this.parts.store.set(
      'project',
      projectSlice(project, { missingPhotos: [...missingPhotos], missingSensorFiles: [...missingSensorFiles] }),
    );
    this.parts.photos.markMissing(new Set(missingPhotos.map(({ photoId }) => photoId)));
    this.parts.sensors.markMissing(new Set(missingSensorFiles.map(({ fileId }) => fileId)));
  }

  async close(): Promise<void> {
    this.stopListening();
    await this.opening?.catch(() => undefined);
    await this.project?.close();
    this.project = null;
  }

  private take(project: OpenProject): void {
    const { store, notices } = this.parts;
    this.project = project;
    store.set('settings', project.content.settings);
    store.set('documents', project.documents);
    store.change('project', (slice) => ({ ...slice, missingPhotos: [], missingSensorFiles: [] }));
    this.show();
    for (const notice of project.openingNotices) notices.add(notice);
    this.stopListening = project.listen((event) => {
      if (event.type !== 'saved') notices.add(event.notice);
      this.show();
    });
  }

  private empty(): void {
    const { store, photos, sensors } = this.parts;
    store.set('project', {
      id: 'none',
      name: UNTITLED,
      folder: null,
      savedAtMs: null,
      isReadOnly: false,
      readOnlyReason: null,
      missingPhotos: [],
      missingSensorFiles: [],
    });
    store.set('settings', DEFAULT_SETTINGS);
    store.set('documents', NO_DOCUMENTS);
    photos.reset([]);
    sensors.reset({ sensors: [], calibrations: [] });
  }
}
