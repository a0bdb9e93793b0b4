/** What lies under a place of the picture, by the contents and the view of the moment. */
import type { Intrinsics } from '../../engine/scene/camera.js';
import { pickCloudPoint } from './cloud-picking.js';
import type { PictureView } from './splat-picking.js';
import { findInRegion, pickMeasured } from './splat-picking.js';
import type { StageContents } from './stage-contents.js';
import type { PickedPoint } from './tools/measure-distance.js';
import type { CanvasRegion, PickedCloudPoint, ViewPose } from './viewer-contract.js';

interface Rig {
  readonly pose: ViewPose;
  intrinsics(): Intrinsics;
}

export class ScenePicker {
  constructor(
    private readonly contents: StageContents,
    private readonly rig: Rig,
  ) {}

  get view(): PictureView {
    return { pose: this.rig.pose, camera: this.rig.intrinsics() };
  }

  pick(x: number, y: number): PickedPoint | null {
    const { splats, hidden } = this.contents;
    return splats === null ? null : pickMeasured(splats, hidden, this.view, x, y);
  }

  pickCloud(x: number, y: number): PickedCloudPoint | null {
    return pickCloudPoint(this.contents.clouds, this.view, x, y);
  }

  findInRegion(region: CanvasRegion, through: boolean): Uint8Array {
    const { splats, hidden } = this.contents;
    return splats === null ? new Uint8Array(0) : findInRegion(splats, hidden, this.view, region, through);
  }
}
