/** The viewer's camera over time: what it looks at, what moves it, and the photo that it stands in. No DOM, no three. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { Intrinsics } from '../../engine/scene/camera.js';
import type { Surroundings } from './navigation.js';
import { dolly, frameBall, keepWithin, move, pan, pivotAhead, rayOf, roll, turn, unitsPerPixel } from './navigation.js';
import type { Ball } from './scene-bounds.js';
import { add, columnOf, distance, scale } from './vector-math.js';
import { intrinsicsInLetterbox, intrinsicsOfFov, lookAt, mixPoses, poseOfPhoto, posesEqual } from './view-geometry.js';
import type { NavigationMode, NudgeStep, ViewerPhoto, ViewPose } from './viewer-contract.js';

const TRANSITION_MS = 350;
const RADIANS_PER_PX = 0.005;
/** Inertia dies to a third in this time. */
const GLIDE_MS = 90;
const FLY_RADII_PER_S = 0.5;
const FAST = 4;
export const DEFAULT_FOV_RAD = 0.9;

export type DragKind = 'orbit' | 'look' | 'pan';
interface Glide {
  readonly kind: DragKind;
  readonly dxPerMs: number;
  readonly dyPerMs: number;
}

/** Where the fly keys push, −1 to 1 each. */
export interface Thrust {
  readonly right: number;
  readonly up: number;
  readonly forward: number;
  readonly isFast: boolean;
}

export class CameraRig {
  navigation: NavigationMode = 'orbit';
  up: Vec3 = [0, -1, 0];
  bounds: Ball = { centre: [0, 0, 0], radius: 1 };
  pivot: Vec3 = [0, 0, 0];
  reducedMotion = false;
  thrust: Thrust = { right: 0, up: 0, forward: 0, isFast: false };

  private current: ViewPose = {
    rotation: lookAt([0, 0, -3], [0, 0, 0], [0, -1, 0]),
    position: [0, 0, -3],
    fovYRad: DEFAULT_FOV_RAD,
  };
  private standing: ViewerPhoto | null = null;
  private size = { width: 1, height: 1 };
  private transition: { from: ViewPose; to: ViewPose; startMs: number; then: ViewerPhoto | null } | null = null;
  private flick: Glide | null = null;
  private glide: Glide | null = null;
  private lastMs: number | null = null;

  get pose(): ViewPose {
    return this.current;
  }

  /** Where it is going, or is. */
  get goal(): ViewPose {
    return this.transition?.to ?? this.current;
  }

  get photo(): ViewerPhoto | null {
    return this.standing;
  }

  /** The photo that it is going to stand in, or stands in. */
  get goalPhoto(): ViewerPhoto | null {
    return this.transition === null ? this.standing : this.transition.then;
  }

  get isMoving(): boolean {
    const { right, up, forward } = this.thrust;
    return this.transition !== null || this.glide !== null || right !== 0 || up !== 0 || forward !== 0;
  }

  /** The pinhole over a canvas of this size; by default the one that the rig was told. */
  intrinsics(width = this.size.width, height = this.size.height): Intrinsics {
    return this.standing === null
      ? intrinsicsOfFov(this.current.fovYRad, width, height)
      : intrinsicsInLetterbox(this.standing.camera, width, height);
  }

  resize(width: number, height: number): void {
    this.size = { width: Math.max(1, width), height: Math.max(1, height) };
  }

  setPose(pose: ViewPose, animate: boolean): void {
    this.leavePhoto();
    this.goTo(pose, animate, null);
  }

  standIn(photo: ViewerPhoto, animate: boolean): void {
    this.leavePhoto();
    this.goTo(poseOfPhoto(photo.camera), animate, photo);
  }

  /** The same photo under a new object, or one that is gone. */
  replacePhoto(photo: ViewerPhoto | null): void {
    this.standing = photo;
  }

  /** `dt` lets a flick go on after the pointer has let go; 0: it came from a wheel or two fingers. */
  drag(kind: DragKind, dxPx: number, dyPx: number, dtMs: number): void {
    this.glide = null;
    this.applyDrag(kind, dxPx, dyPx);
    this.flick = dtMs > 0 && !this.reducedMotion ? { kind, dxPerMs: dxPx / dtMs, dyPerMs: dyPx / dtMs } : null;
  }

  /** The pointer let go; it glides on if it was still moving. As long as it is held, the view stays under the hand. */
  release(sinceLastMoveMs: number): void {
    this.glide = sinceLastMoveMs > 50 ? null : this.flick;
    this.flick = null;
  }

  stop(): void {
    this.flick = null;
    this.glide = null;
    this.transition = null;
  }

  zoom(factor: number, pointer: { readonly x: number; readonly y: number } | null): void {
    this.stop();
    const ray = rayOf(this.current, this.intrinsics(), pointer);
    this.leavePhoto();
    this.place(dolly(this.current, this.surroundings, ray, factor));
    this.pivot = pivotAhead(this.current, this.surroundings);
  }

  /** In fractions of the scene's size and radians, as the contract's `nudge`. */
  nudge(step: NudgeStep): void {
    this.stop();
    this.leavePhoto();
    const unit = this.bounds.radius;
    const about = this.navigation === 'orbit' ? this.pivot : this.current.position;
    let pose = turn(this.current, about, this.up, step.yawRad ?? 0, step.pitchRad ?? 0);
    pose = roll(pose, step.rollRad ?? 0);
    this.place(move(pose, (step.right ?? 0) * unit, (step.up ?? 0) * unit, (step.forward ?? 0) * unit));
    this.carryPivot(pose);
    if (step.zoom !== undefined) this.zoom(1 / Math.max(0.1, 1 + step.zoom), null);
  }

  /** A ball around the scene, seen from the present direction. */
  frameAll(animate: boolean): void {
    const { centre, radius } = this.bounds;
    this.leavePhoto();
    this.pivot = centre;
    this.goTo(frameBall(this.current, centre, radius, this.intrinsics()), animate, null);
  }

  /** Where a new scene is looked at from: the first photo's place, else all of it. */
  frameFirst(photo: ViewerPhoto | undefined, animate: boolean): void {
    this.pivot = this.bounds.centre;
    if (photo === undefined) this.frameAll(animate);
    else this.setPose(poseOfPhoto(photo.camera), animate);
  }

  /** All of the scene, or of what is left of it, from a place that was chosen for it. */
  showFrom(pose: ViewPose, animate: boolean, { centre }: Ball = this.bounds): void {
    this.pivot = centre;
    this.setPose(pose, animate);
  }

  /** Turns about the viewing direction until `up` is up in the picture. */
  level(): void {
    if (this.standing !== null) return;
    const { position, rotation } = this.current;
    const ahead = add(position, columnOf(rotation, 2));
    this.goTo({ ...this.current, rotation: lookAt(position, ahead, this.up) }, true, null);
  }

  /** Orbits about this from now on, and turns to it. */
  focusOn(point: Vec3, animate: boolean): void {
    this.leavePhoto();
    this.pivot = point;
    const rotation = lookAt(this.current.position, point, this.up);
    this.goTo({ ...this.current, rotation }, animate, null);
  }

  /** Moves on by the time that has passed; true when the pose changed. */
  advance(nowMs: number): boolean {
    const elapsedMs = Math.min(100, this.lastMs === null ? 0 : nowMs - this.lastMs);
    this.lastMs = this.isMoving ? nowMs : null;
    const before = this.current;
    this.advanceTransition(nowMs);
    this.advanceGlide(elapsedMs);
    this.advanceFlight(elapsedMs);
    return !posesEqual(before, this.current);
  }

  private get surroundings(): Surroundings {
    return { up: this.up, pivot: this.pivot, centre: this.bounds.centre, radius: this.bounds.radius };
  }

  private goTo(pose: ViewPose, animate: boolean, then: ViewerPhoto | null): void {
    this.glide = null;
    const animates = animate && !this.reducedMotion && !posesEqual(pose, this.current);
    this.transition = animates ? { from: this.current, to: pose, startMs: Number.NaN, then } : null;
    if (!animates) {
      this.current = pose;
      this.standing = then;
      this.refreshPivot();
    }
  }

  private advanceTransition(nowMs: number): void {
    const { transition } = this;
    if (transition === null) return;
    if (Number.isNaN(transition.startMs)) transition.startMs = nowMs;
    const share = Math.min(1, (nowMs - transition.startMs) / TRANSITION_MS);
    const eased = share * share * (3 - 2 * share);
    const { from, to, then } = transition;
    this.current = share < 1 ? mixPoses(from, { ...to, fovYRad: this.fovOnArrival(to, then) }, eased) : to;
    if (share < 1) return;
    this.transition = null;
    this.standing = then;
    this.refreshPivot();
  }

  /** A photo wider than the canvas is letterboxed: what it measures there, or the picture would jump in size at the end. */
  private fovOnArrival(pose: ViewPose, photo: ViewerPhoto | null): number {
    if (photo === null) return pose.fovYRad;
    const { width, height } = this.size;
    return 2 * Math.atan((0.5 * height) / intrinsicsInLetterbox(photo.camera, width, height).fy);
  }

  private advanceGlide(elapsedMs: number): void {
    const { glide } = this;
    if (glide === null || elapsedMs === 0) return;
    const decay = Math.exp(-elapsedMs / GLIDE_MS);
    // The integral of a decaying speed over the frame.
    const reach = GLIDE_MS * (1 - decay);
    this.applyDrag(glide.kind, glide.dxPerMs * reach, glide.dyPerMs * reach);
    const next = { kind: glide.kind, dxPerMs: glide.dxPerMs * decay, dyPerMs: glide.dyPerMs * decay };
    this.glide = Math.hypot(next.dxPerMs, next.dyPerMs) > 0.01 ? next : null;
  }

  private advanceFlight(elapsedMs: number): void {
    const { right, up, forward, isFast } = this.thrust;
    if (elapsedMs === 0 || (right === 0 && up === 0 && forward === 0)) return;
    this.leavePhoto();
    const step = (this.bounds.radius * FLY_RADII_PER_S * (isFast ? FAST : 1) * elapsedMs) / 1000;
    const before = this.current;
    this.place(move(before, right * step, up * step, forward * step));
    this.carryPivot(before);
  }

  private applyDrag(kind: DragKind, dxPx: number, dyPx: number): void {
    this.transition = null;
    this.leavePhoto();
    const before = this.current;
    if (kind === 'pan') {
      const perPx = unitsPerPixel(before, this.pivot, this.intrinsics(), this.bounds.radius);
      this.place(pan(before, perPx, dxPx, dyPx));
      this.carryPivot(before);
      return;
    }
    const about = kind === 'orbit' ? this.pivot : before.position;
    this.place(turn(before, about, this.up, -dxPx * RADIANS_PER_PX, -dyPx * RADIANS_PER_PX));
    if (kind === 'look') this.refreshPivot();
  }

  private place(pose: ViewPose): void {
    this.current = keepWithin(pose, this.surroundings);
  }

  /** The pivot goes along with a camera that moves sideways. */
  private carryPivot(before: ViewPose): void {
    this.pivot = add(this.pivot, scale(before.position, -1));
    this.pivot = add(this.pivot, this.current.position);
    this.pivot = pivotAhead(this.current, this.surroundings);
  }

  /** Straight ahead, as far away as it was, but no further than the scene reaches. */
  private refreshPivot(): void {
    const far = distance(this.current.position, this.pivot);
    const reach = Math.min(Math.max(far, this.bounds.radius * 0.1), this.bounds.radius * 10);
    this.pivot = add(this.current.position, scale(columnOf(this.current.rotation, 2), reach));
  }

  /** Keeps the size of things in the picture when the letterbox goes. */
  private leavePhoto(): void {
    if (this.standing === null) return;
    const { fy } = this.intrinsics();
    this.standing = null;
    this.current = { ...this.current, fovYRad: 2 * Math.atan((0.5 * this.size.height) / fy) };
  }
}
