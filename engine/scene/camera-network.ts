/** A network that guesses the cameras of several photos at once, as the pose stage sees it; native-models/ implements it, hosts hand it in. */
import type { RigidTransform } from '../math/rigid-transform.js';
import type { RgbImage } from './view.js';

/** What a network says of one photo's camera. */
export interface GuessedCamera {
  /** All photos' in one world, whose place and unit mean nothing. +x right, +y down, +z forward; a rotation without fail. */
  readonly cameraFromWorld: RigidTransform;
  /** In pixels of the photo that was given. */
  readonly focalPx: number;
}

/** A network that guesses cameras, handed in by the host. */
export interface CameraNetwork {
  readonly name: string;
  /** More photos take more memory than is sensible. */
  readonly maxPhotos: number;
  /**
   * The cameras of photos that show one place, in their order; null where the network has no sensible answer for them.
   *
   * @param images two at least, `maxPhotos` at most.
   */
  estimate(images: readonly RgbImage[], signal?: AbortSignal): Promise<readonly GuessedCamera[] | null>;
}
