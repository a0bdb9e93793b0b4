/** Which depths the ends of the depth view's colours stand for. */
import type { Intrinsics } from '../../engine/scene/camera.js';
import { depthRangeOf } from './scene-bounds.js';
import type { ViewPose } from './viewer-contract.js';

/** A legend whose ends tremble cannot be read: it follows in steps of this share of its range. */
const STEP = 0.08;

export class DepthLegend {
  range: readonly [number, number] = [0, 1];

  get ends(): { readonly near: number; readonly far: number } {
    return { near: this.range[0], far: this.range[1] };
  }

  /** Makes the next update count, however small. */
  reset(): void {
    this.range = [0, 1];
  }

  /** True when the range is another one now. */
  update(positions: Float32Array, { pose, camera }: { readonly pose: ViewPose; readonly camera: Intrinsics }): boolean {
    const tangents = [camera.width / 2 / camera.fx, camera.height / 2 / camera.fy] as const;
    const range = depthRangeOf(positions, pose, tangents);
    if (range === null) return false;
    const step = STEP * (range[1] - range[0]);
    if (Math.abs(range[0] - this.range[0]) < step && Math.abs(range[1] - this.range[1]) < step) return false;
    this.range = range;
    return true;
  }
}
