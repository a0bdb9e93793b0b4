import type { Vec3 } from '../math/rigid-transform.js';
import type { Camera, Distortion } from './camera.js';

/** An sRGB image, values 0..1 as stored in the file (not linearised), interleaved [height, width, 3]. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** A photo ready to use: undistorted, at working size, with its camera. */
export interface View {
  /** File name without folders; views are ordered by it. */
  readonly name: string;
  readonly camera: Camera;
  readonly image: RgbImage;
  /** [height, width], 1 where the photo counts and 0 where it does not (alpha, mask file, not covered after undistortion); null when all count. */
  readonly mask: Uint8Array | null;
}

/** What a pose file leaves to the photo's size, because it states angles of view, or no principal point, and no size. */
export interface OpenIntrinsics {
  /** Angle of view that gives fx = width / (2 tan(angle / 2)); null when the camera's fx holds. */
  readonly angleXRad: number | null;
  /** The same for fy and the height; with `angleXRad` alone fy = fx. */
  readonly angleYRad: number | null;
  /** The principal point is the photo's centre; the camera's cx, cy do not hold. */
  readonly centred: boolean;
}

/** A photo that a capture names, before it is decoded. */
export interface CaptureView {
  readonly name: string;
  /** Path relative to the capture's root, with forward slashes. */
  readonly imagePath: string;
  /** Mask file relative to the root (white counts), or null. */
  readonly maskPath: string | null;
  /** The pinhole camera at the size that the pose file states; width and height 0 when it states none. */
  readonly camera: Camera;
  readonly distortion: Distortion | null;
  /** Absent when the camera's intrinsics are complete. */
  readonly openIntrinsics?: OpenIntrinsics;
}

/** What an importer found: posed photos, and what it had to leave out. */
export interface Capture {
  readonly format: 'colmap-binary' | 'colmap-text' | 'transforms-json' | 'llff' | 'middlebury' | 'calibration';
  /** Sorted by name. */
  readonly views: readonly CaptureView[];
  /**
   * What was taken off all positions of the pose file, whose coordinates are too large for float32 (georeferenced ones are): the world of
   * the views' cameras is counted from there. Left out: nothing.
   */
  readonly origin?: Vec3;
  /** One sentence each, naming the file: missing images and the like. */
  readonly warnings: readonly string[];
}
