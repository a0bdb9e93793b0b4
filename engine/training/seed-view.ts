/** What initialisation knows about one photo, and the look-ups between photos that carving and merging share. */
import type { Vec3 } from '../math/rigid-transform.js';
import { composeRigid, invertRigid } from '../math/rigid-transform.js';
import type { Camera } from '../scene/camera.js';
import type { RgbImage } from '../scene/view.js';

export interface SeedView {
  readonly camera: Camera;
  readonly image: RgbImage;
  /** [H, W] 0 = does not count; null: all count. */
  readonly mask: Uint8Array | null;
  /** [H, W] z in world units, > 0 at every pixel. */
  readonly depth: Float32Array;
  /** [H, W] 1 where another photo confirms the depth. */
  readonly confirmed: Uint8Array;
  /** [H, W] depth segment, for the residual field. */
  readonly segments: Uint8Array;
}

/** Where a point of one view falls in another: column and row (floor), and z there; null outside the picture or behind. */
export interface Landing {
  index: number;
  depth: number;
}

/** Maps (pixel, depth) of one camera to a pixel index and depth of another. */
export class ViewTransfer {
  private readonly r: readonly number[];
  private readonly t: Readonly<Vec3>;

  constructor(
    private readonly from: Camera,
    private readonly to: Camera,
  ) {
    const toFromFrom = composeRigid(to.cameraFromWorld, invertRigid(from.cameraFromWorld));
    this.r = toFromFrom.rotation;
    this.t = toFromFrom.translation;
  }

  /**
   * @param u column position in pixels (centres at +0.5), `v` row position, `z` depth along the first camera's axis
   * @param landing receives the result
   * @returns false when the point is behind the second camera or outside its picture.
   */
  land(u: number, v: number, z: number, landing: Landing): boolean {
    const a = this.from.intrinsics;
    const b = this.to.intrinsics;
    const x = ((u - a.cx) / a.fx) * z;
    const y = ((v - a.cy) / a.fy) * z;
    const r = this.r;
    const depth = r[6]! * x + r[7]! * y + r[8]! * z + this.t[2];
    if (!(depth > 1e-9)) return false;
    const column = Math.floor((b.fx * (r[0]! * x + r[1]! * y + r[2]! * z + this.t[0])) / depth + b.cx);
    const row = Math.floor((b.fy * (r[3]! * x + r[4]! * y + r[5]! * z + this.t[1])) / depth + b.cy);
    if (!(column >= 0 && row >= 0 && column < b.width && row < b.height)) return false;
    landing.index = row * b.width + column;
    landing.depth = depth;
    return true;
  }
}
