/** What a format of posed captures provides; the registry in import-capture.ts holds one of these a format. */
import type { Camera, Distortion } from '../scene/camera.js';
import type { Capture, OpenIntrinsics } from '../scene/view.js';
import type { CaptureFiles, CaptureListing } from './capture-files.js';

/** A photo as a pose file names it; whether it is there is not yet known. */
export interface PosedPhoto {
  /** As written, for messages. */
  readonly writtenName: string;
  /** Paths relative to the capture's root where the photo may be, the likeliest first. */
  readonly imageCandidates: readonly string[];
  /** A mask that the pose file names, or null. */
  readonly maskPath: string | null;
  readonly camera: Camera;
  readonly distortion: Distortion | null;
  readonly openIntrinsics: OpenIntrinsics | null;
}

export interface PoseRequest {
  readonly files: CaptureFiles;
  readonly listing: CaptureListing;
  /** The pose file's path, relative to the capture's root. */
  readonly poseFile: string;
  /** A folder of the capture that the user says holds the photos; null lets the format's own rules find them. */
  readonly imagesFolder: string | null;
  /** Width at which the photos will be used, when known: lets a capture with several sizes offer the fitting one. */
  readonly widthPx: number | null;
}

export interface PosedPhotos {
  readonly photos: readonly PosedPhoto[];
  readonly warnings: readonly string[];
}

/** One format of posed captures. */
export interface PoseImporter {
  readonly format: Capture['format'];
  /** The files that make a folder such a capture, for the message when none is found. */
  readonly expects: string;
  /** Path of the pose file in a capture of this format, null when it is none. */
  locate(listing: CaptureListing): string | null;
  /** Whether a file that the user named is this format's pose file. */
  accepts(fileName: string): boolean;
  /** @throws ImportError for anything that is wrong with the pose file. */
  read(request: PoseRequest): Promise<PosedPhotos>;
}
