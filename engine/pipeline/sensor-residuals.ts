/** Residuals of a trained scene's depth at LiDAR points, each with its place in the scene: what a picture of them is drawn from. */
import { invertRigid, transformPoint } from '../math/rigid-transform.js';
import type { Camera } from '../scene/camera.js';
import type { DepthAnchors } from '../scene/depth-anchors.js';

/** Points of all photos together; one that several photos see is in it once for each of them. */
export interface SensorResiduals {
  readonly count: number;
  /** [N, 3] the measured points, in world units. */
  readonly positions: Float32Array;
  /** [N] rendered less measured depth (z), in world units. */
  readonly residuals: Float32Array;
}

/** A picture of more points is no clearer. */
export const MAX_RESIDUALS = 300_000;

/**
 * Gathers the residuals photo by photo. Where there are more than `limit` points, every `offered / limit`-th counts, over all photos alike.
 */
export class ResidualGatherer {
  private count = 0;
  private seen = 0;
  private readonly positions: Float32Array;
  private readonly residuals: Float32Array;

  /** @param offered points that there will be of all photos. @param limit most of them that are kept. */
  constructor(
    private readonly offered: number,
    private readonly limit: number = MAX_RESIDUALS,
  ) {
    const most = Math.min(offered, limit);
    this.positions = new Float32Array(3 * most);
    this.residuals = new Float32Array(most);
  }

  /**
   * Takes in the points of one photo: of pixel (u, v) and depth z it is `worldFromCamera ((u − cx) z / fx, (v − cy) z / fy, z)`.
   *
   * @param rendered [N] depth that the scene has at the anchors' pixels; 0 or NaN where it has none: such points are left out.
   */
  add({ cameraFromWorld, intrinsics }: Camera, { count, pixels, depth }: DepthAnchors, rendered: Float32Array): void {
    const worldFromCamera = invertRigid(cameraFromWorld);
    const { fx, fy, cx, cy } = intrinsics;
    for (let k = 0; k < count; k++) {
      const isDue = this.isDue();
      const z = depth[k]!;
      const residual = rendered[k]! - z;
      if (!isDue || !(rendered[k]! > 0) || !Number.isFinite(residual)) continue;
      const inCamera: [number, number, number] = [
        ((pixels[2 * k]! - cx) * z) / fx,
        ((pixels[2 * k + 1]! - cy) * z) / fy,
        z,
      ];
      this.positions.set(transformPoint(worldFromCamera, inCamera), 3 * this.count);
      this.residuals[this.count++] = residual;
    }
  }

  /** null without a single point. */
  finish(): SensorResiduals | null {
    const { count } = this;
    if (count === 0) return null;
    return { count, positions: this.positions.slice(0, 3 * count), residuals: this.residuals.slice(0, count) };
  }

  /** Of `offered` turns, `limit` are evenly due. */
  private isDue(): boolean {
    const turn = this.seen++;
    if (turn >= this.offered) return false;
    if (this.offered <= this.limit) return true;
    const share = this.limit / this.offered;
    return Math.floor((turn + 1) * share) > Math.floor(turn * share);
  }
}
