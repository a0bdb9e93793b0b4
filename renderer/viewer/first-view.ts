/**
 * Which view a capture and its scene begin with: the cameras from outside as long as there are no Gaussians, then the first photo's place.
 * As soon as somebody has moved the camera it is theirs, and only a scene of which it would see nothing takes it along.
 */
import type { CameraRig } from './camera-rig.js';
import { DEFAULT_FOV_RAD } from './camera-rig.js';
import { frustumDepth } from './frustum-geometry.js';
import { fitPose, overviewOfPoints, overviewPose } from './overview.js';
import { depthRangeOf } from './scene-bounds.js';
import type { StageContents } from './stage-contents.js';
import { intrinsicsOfFov, posesEqual } from './view-geometry.js';
import type { ViewPose } from './viewer-contract.js';

export class FirstView {
  /** What was chosen last, and the scene that it was chosen for; null: nothing was shown yet. */
  private chosen: { readonly pose: ViewPose; readonly sceneId: string | null } | null = null;

  constructor(
    private readonly rig: CameraRig,
    private readonly contents: StageContents,
    /** The present view has been on the screen: what comes after it should not come as a jump. */
    private readonly isDrawn: () => boolean,
  ) {}

  /** Other photos are another world: no place in the old one means anything there. */
  forget(): void {
    this.chosen = null;
  }

  /** There is something else to see. `sceneId` null: no Gaussians yet. */
  follow(sceneId: string | null): void {
    const { chosen, contents } = this;
    if (contents.isEmpty) this.chosen = null;
    else if (chosen === null) this.show(sceneId, false);
    else if (sceneId !== null && sceneId === chosen.sceneId) return;
    else if (this.isTheirs && this.mayKeep()) this.chosen = { ...chosen, sceneId };
    // A flight into a scene that has nothing to do with the one before would only confuse.
    else this.show(sceneId, this.isDrawn() && contents.photos.length > 0);
  }

  /** The canvas has another shape, or the scene another up: the view from outside fits itself to it. */
  refit(sceneId: string | null, animate: boolean): boolean {
    const fits = this.chosen !== null && this.contents.splats === null && !this.isTheirs;
    if (fits) this.show(sceneId, animate && this.isDrawn());
    return fits;
  }

  show(sceneId: string | null, animate: boolean): void {
    if (this.contents.isEmpty) return;
    const { rig, contents } = this;
    const pose = contents.splats === null ? this.overview() : null;
    if (pose === null) rig.frameFirst(contents.photos[0], animate);
    else if (!posesEqual(pose, rig.goal)) rig.showFrom(pose, animate);
    this.chosen = { pose: rig.goal, sceneId };
  }

  /** Everything, seen from the present direction. */
  showAll(animate: boolean): void {
    const { rig, contents } = this;
    const { width, height, fy } = rig.intrinsics();
    const fovYRad = 2 * Math.atan((0.5 * height) / fy);
    const { landmarks } = contents;
    if (landmarks.length === 0) {
      rig.frameAll(animate);
      return;
    }
    const pose = fitPose({ rotation: rig.pose.rotation, fovYRad }, intrinsicsOfFov(fovYRad, width, height), landmarks);
    rig.showFrom(pose, animate, contents.shownBounds);
  }

  /** Somebody has moved the camera since. */
  private get isTheirs(): boolean {
    return this.chosen !== null && !posesEqual(this.rig.goal, this.chosen.pose);
  }

  private mayKeep(): boolean {
    const { splats, photos } = this.contents;
    if (photos.length === 0) return false;
    const { width, height, fx, fy } = this.rig.intrinsics();
    return splats === null || depthRangeOf(splats.means, this.rig.pose, [width / 2 / fx, height / 2 / fy]) !== null;
  }

  private overview(): ViewPose | null {
    const { photos, points, bounds } = this.contents;
    const { width, height } = this.rig.intrinsics();
    const camera = intrinsicsOfFov(DEFAULT_FOV_RAD, width, height);
    const { landmarks } = this.contents;
    if (photos.length === 0 && points === null && landmarks.length > 0)
      return overviewOfPoints(landmarks, this.rig.up, camera, DEFAULT_FOV_RAD);
    const subject = {
      photos,
      points: points?.positions ?? null,
      frustumDepth: frustumDepth(photos, bounds.radius),
      up: this.rig.up,
    };
    return overviewPose(subject, camera, DEFAULT_FOV_RAD);
  }
}
