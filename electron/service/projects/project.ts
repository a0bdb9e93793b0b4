/** A project as the service works with it: files by absolute path, whatever folder it is kept in. */
import type {
  Documents,
  DocumentName,
  PhotoCamera,
  PhotoOutcome,
  Recent,
  Recovery,
  Settings,
} from '../../ipc/contract.js';
import type {
  CloudRegistration,
  CloudUpAxisName,
  LengthUnitName,
  SensorKindName,
  SensorPlacementState,
} from '../../ipc/sensor-contract.js';
import type { CaptureFile, CaptureSource, Fingerprint, PhotoPose } from '../import/import-plan.js';
import type { CheckpointEntry } from './checkpoint-folder.js';
import type { ProjectScene } from './project-file.js';

export interface ProjectPhoto {
  /** Letters, digits, - and _. */
  readonly id: string;
  readonly name: string;
  readonly shownPath: string;
  /** Where importers of a capture see this photo. */
  readonly capturePath: string;
  readonly absolutePath: string;
  readonly fingerprint: Fingerprint | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly role: 'train' | 'held-out' | 'left-out';
  readonly pose: PhotoPose | null;
  readonly shownCamera: PhotoCamera | null;
  /** What became of it when cameras were looked for; null: none was, so that its pose is one that was given. */
  readonly outcome: PhotoOutcome | null;
  readonly mask: CaptureFile | null;
}

/** What a cloud and a calibration have in common. */
export interface SensorFile {
  readonly id: string;
  readonly name: string;
  readonly shownPath: string;
  readonly absolutePath: string;
  readonly bytes: number;
  /** null: it could not be read, or is of a project of before there were fingerprints. */
  readonly fingerprint: Fingerprint | null;
}

/** A cloud of points beside the photos. */
export interface ProjectSensor extends SensorFile {
  readonly kind: SensorKindName;
  /** The user, or the file's name, says what kind it is; false: a guess that its fields may correct. */
  readonly isKindSaid: boolean;
  /** Drawn, and part of runs. */
  readonly isUsed: boolean;
  /** What the user said where the file says nothing; null: nothing. */
  readonly unit: LengthUnitName | null;
  readonly upAxis: CloudUpAxisName | null;
  /** Where it lies in the scene; null: calibrations say, or nobody does. */
  readonly placement: SensorPlacementState | null;
  readonly registration: CloudRegistration;
}

/** A file that says how sensors sit to cameras. */
export interface ProjectCalibration extends SensorFile {
  /** Whose it is, where its format does not say so. */
  readonly kind: SensorKindName | null;
}

export interface ProjectContent {
  readonly name: string;
  readonly settings: Settings;
  readonly photos: readonly ProjectPhoto[];
  readonly capture: CaptureSource | null;
  readonly scene: ProjectScene | null;
  readonly sensors: readonly ProjectSensor[];
  readonly calibrations: readonly ProjectCalibration[];
}

/** Something to tell the user about a project. */
export interface ProjectNotice {
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly hint: string;
  readonly file: string | null;
}

/** Folders and files of an open project, all absolute. */
export interface ProjectPaths {
  readonly folder: string;
  readonly sceneFile: string;
  /** What another program says that is asked for the cameras. */
  readonly cameraLogFile: string;
  readonly seenFile: string;
  readonly checkpoints: string;
  readonly thumbnails: string;
  /** Copies of photos that have no home of their own (uploads). */
  readonly photos: string;
}

export interface MissingPhoto {
  readonly photoId: string;
  readonly shownPath: string;
  /** 'changed': a file is there, with other content. */
  readonly reason: 'missing' | 'changed';
}

/** A cloud or a calibration. */
export interface MissingSensorFile {
  /** The sensor's or the calibration's. */
  readonly fileId: string;
  readonly shownPath: string;
}

export interface RelinkResult {
  readonly found: number;
  /** Clouds and calibrations. */
  readonly foundSensorFiles: number;
  readonly stillMissing: readonly MissingPhoto[];
  /** Same name and other content: not taken. */
  readonly rejected: readonly { readonly photoId: string; readonly candidate: string }[];
}

/** One open project. Everything that changes it goes through here; it saves itself. */
export interface OpenProject {
  readonly id: string;
  readonly content: ProjectContent;
  readonly documents: Documents;
  readonly paths: ProjectPaths;
  /** Lives in the application's own folder; the user has not said where to keep it. */
  readonly isTemporary: boolean;
  readonly isReadOnly: boolean;
  readonly readOnlyReason: string | null;
  /** null until the first save. */
  readonly savedAtMs: number | null;
  /** What happened while opening (a backup was used, an older version …). */
  readonly openingNotices: readonly ProjectNotice[];

  /** Saved a moment later; throws nothing. Of a read-only project it changes memory alone. */
  change(change: Partial<ProjectContent>): void;
  changeDocument(name: DocumentName, text: string | null): void;
  /** Writes what is unsaved now. @throws ProjectError when it cannot be written; it stays pending and is tried again. */
  save(): Promise<void>;
  /**
   * Takes everything along to another folder (`.vantage` is added where it is missing), which becomes this project's.
   * @param options.replace the user agreed that a project that is there goes. @throws ProjectError.
   */
  saveAs(folder: string, options?: { readonly replace?: boolean }): Promise<void>;
  /**
   * Copies photos, masks, pose files, clouds and calibrations that lie below `from` (an upload, which will be deleted) into the project's own folder.
   * @throws ProjectError.
   */
  adopt(from: string): Promise<void>;
  /** Photos whose file is gone or holds something else; reads each file once, and again when its size or time has changed. */
  findMissingPhotos(signal?: AbortSignal): Promise<readonly MissingPhoto[]>;
  /** Clouds and calibrations whose file is gone. */
  findMissingSensorFiles(): Promise<readonly MissingSensorFile[]>;
  /** Looks for missing photos, clouds and calibrations below a folder that the user picked, and nowhere else. */
  relink(folder: string, signal?: AbortSignal): Promise<RelinkResult>;
  /** Newest first, valid ones only. */
  listCheckpoints(): Promise<readonly CheckpointEntry[]>;
  /** Told when a save fails or works again, when the lock is lost, and when a save is done. Returns how to stop listening. */
  listen(listener: (event: ProjectEvent) => void): () => void;
  /** Saves, and gives the lock back. Never throws; what could not be saved is left as a recovery. */
  close(): Promise<void>;
}

export type ProjectEvent =
  | { readonly type: 'saved'; readonly savedAtMs: number }
  | { readonly type: 'save-failed'; readonly notice: ProjectNotice }
  /** Another computer took the project over; it is read-only from here on. */
  | { readonly type: 'lock-lost'; readonly notice: ProjectNotice };

/** Projects of this user: what is open, was open, and was left behind. */
export interface ProjectStore {
  /** A fresh project in the application's own folder, locked and saved. */
  createTemporary(name: string): Promise<OpenProject>;
  /** @throws ProjectError for what is no project, damaged beyond its backup, or hostile. */
  open(folder: string): Promise<OpenProject>;
  recents(): Promise<readonly Recent[]>;
  /** null: unknown id. */
  folderOfRecent(recentId: string): Promise<string | null>;
  forgetRecent(recentId: string): Promise<void>;
  /** The folder of a recent project whose file is, byte for byte, that of the project in `folder`; null where there is none. */
  findTwin(folder: string): Promise<string | null>;
  /** Projects that were not closed: their process is gone. */
  recoveries(): Promise<readonly Recovery[]>;
  recover(recoveryId: string): Promise<OpenProject>;
  discardRecovery(recoveryId: string): Promise<void>;
  /** Deletes temporary projects that were closed long ago. Returns how many. */
  collectGarbage(): Promise<number>;
}

export type ProjectErrorCode =
  'not-a-project' | 'damaged' | 'unreadable' | 'refused' | 'exists' | 'read-only' | 'cannot-write' | 'unknown';

/** Words for the user about a project that cannot be opened or written. */
export class ProjectError extends Error {
  override readonly name = 'ProjectError';
  constructor(
    readonly code: ProjectErrorCode,
    message: string,
    readonly hint: string,
    readonly file: string | null = null,
  ) {
    super(message);
  }
}
