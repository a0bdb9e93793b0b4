/** What a drop turns out to hold: typed, plain data, decided on before anything of the project changes. */
import type { Camera, Distortion } from '../../../engine/scene/camera.js';
import type { Capture, OpenIntrinsics } from '../../../engine/scene/view.js';
import type { PhotoCamera } from '../../ipc/contract.js';
import type { SensorKindName } from '../../ipc/sensor-contract.js';

/** Recognises a file's content wherever it lies. */
export interface Fingerprint {
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** 'ends': of the first and the last stretch alone, as the file is large (see fingerprint.ts). */
  readonly covers: 'whole' | 'ends';
}

export type ProblemKind =
  /** No format that can be used. */
  | 'unsupported'
  /** Will be read by a later version: video. */
  | 'not-yet'
  | 'empty'
  | 'broken'
  | 'unreadable'
  | 'duplicate'
  /** Leads out of what was dropped. */
  | 'refused'
  /** More than is taken in at once. */
  | 'limit'
  /** About a pose file and what it names. */
  | 'poses'
  /** Of no use here and left alone, such as a README beside photos. */
  | 'ignored';

export interface ImportProblem {
  readonly kind: ProblemKind;
  readonly severity: 'info' | 'warning' | 'error';
  /** As the user knows it. */
  readonly file: string;
  readonly absolutePath: string | null;
  readonly message: string;
  readonly hint: string;
  /** Its name says that it is a photo, so that the filmstrip may show it as failed. */
  readonly isPhoto: boolean;
}

/** What a pose file says about one photo, as the engine's importers give it. */
export interface PhotoPose {
  readonly camera: Camera;
  readonly distortion: Distortion | null;
  readonly openIntrinsics: OpenIntrinsics | null;
}

/** A file, and where the capture's importers see it: relative to the capture's root, forward slashes. */
export interface CaptureFile {
  readonly path: string;
  readonly file: string;
}

export type PhotoFormat = 'jpeg' | 'png' | 'webp' | 'tiff';

export interface PlannedPhoto {
  readonly name: string;
  readonly shownPath: string;
  readonly absolutePath: string;
  readonly capturePath: string;
  readonly format: PhotoFormat;
  /** As seen, after the EXIF orientation. */
  readonly width: number;
  readonly height: number;
  readonly fingerprint: Fingerprint;
  readonly pose: PhotoPose | null;
  /** The pose's camera as the window shows it. */
  readonly shownCamera: PhotoCamera | null;
  readonly mask: CaptureFile | null;
  /** What the capture itself says this photo is for. */
  readonly split: 'train' | 'held-out' | null;
}

export interface CaptureSource {
  readonly format: Capture['format'];
  /** As the user knows it. */
  readonly label: string;
  /** Capture path of the pose file. */
  readonly poseFile: string;
  /** The pose file and its companions (cameras.bin, points3D.bin …), no photos and no masks. */
  readonly files: readonly CaptureFile[];
  /** What the lengths of its cameras are multiplied by in this project, whose world is counted in metres; left out: 1. */
  readonly scale?: number | undefined;
  /** What was taken off the positions in its file, whose coordinates are too large, before that; left out: nothing. */
  readonly origin?: [number, number, number] | undefined;
}

export const SPLAT_FORMATS = ['ply', 'spz', 'splat', 'ksplat', 'sog', 'sog-folder', 'glb'] as const;

export interface PlannedScene {
  readonly name: string;
  readonly shownPath: string;
  /** Of 'sog-folder': its meta.json. */
  readonly absolutePath: string;
  readonly format: (typeof SPLAT_FORMATS)[number];
  readonly bytes: number;
}

export interface PlannedMask {
  readonly shownPath: string;
  readonly absolutePath: string;
  /** The photo's name, with or without its extension. */
  readonly stem: string;
}

/** A cloud of points that a sensor measured. */
export interface PlannedCloud {
  readonly name: string;
  readonly shownPath: string;
  readonly absolutePath: string;
  readonly bytes: number;
  /** As its name or its folders say; null where they say nothing. */
  readonly kind: SensorKindName | null;
}

export type PlannedCalibration = PlannedCloud;

export interface ImportPlan {
  /** New photos, by shown path; duplicates are already gone. */
  readonly photos: readonly PlannedPhoto[];
  /** Cameras for photos that the project has already, by their id (a pose file that came after them). */
  readonly posesOfKnown: readonly KnownPhotoPose[];
  /** The capture that the cameras come from; null when the drop brought none. */
  readonly capture: CaptureSource | null;
  /** Masks that belong to no photo of this drop; merging looks among the project's photos. */
  readonly masks: readonly PlannedMask[];
  readonly scenes: readonly PlannedScene[];
  /** `.vantage` folders. */
  readonly projects: readonly string[];
  readonly clouds: readonly PlannedCloud[];
  readonly calibrations: readonly PlannedCalibration[];
  /** JSON texts of camera paths. */
  readonly cameraPaths: readonly { readonly shownPath: string; readonly text: string }[];
  readonly problems: readonly ImportProblem[];
}

export interface KnownPhotoPose {
  readonly photoId: string;
  readonly capturePath: string;
  readonly pose: PhotoPose;
  readonly shownCamera: PhotoCamera | null;
  readonly split: 'train' | 'held-out' | null;
}

/** A photo that the project has, as far as a new drop must know it. */
export interface KnownPhoto {
  readonly id: string;
  readonly name: string;
  readonly shownPath: string;
  readonly absolutePath: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly fingerprint: Fingerprint | null;
  readonly hasCamera: boolean;
}

export interface ClassifyOptions {
  /** Paths are shown relative to this folder (an upload's own folder); default: to each dropped folder's parent. */
  readonly shownRoot?: string;
  readonly known?: readonly KnownPhoto[];
  /** The project's pose file so far: new photos are looked up in it. */
  readonly knownCapture?: CaptureSource | null;
  readonly signal?: AbortSignal;
  /** Files looked at so far, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}
