/** The viewer that the panels hold: what is shown, how it is looked at, and when it is drawn. The drawing itself is `stage.ts`'s. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { PointCloud } from '../../engine/scene/point-cloud.js';
import type { Splats } from '../../engine/scene/splats.js';
import { AdaptiveResolution, REST_MS } from './adaptive-resolution.js';
import { CameraRig } from './camera-rig.js';
import type { PointerTool } from './canvas-input.js';
import { CanvasInput } from './canvas-input.js';
import type { ToolBox } from './helper-layer.js';
import { EventEmitter } from './event-emitter.js';
import { FrameClock } from './frame-clock.js';
import { frustumDepth, photoAt } from './frustum-geometry.js';
import { PhotoPicture } from './photo-picture.js';
import { boundsOfPhotos, boundsOfPoints, depthRangeOf } from './scene-bounds.js';
import { chooseUp, upOfPhotos, upOfPoints } from './up-estimate.js';
import { findInRegion, pickPoint } from './splat-picking.js';
import { Stage } from './stage.js';
import { GpuWaker } from './gpu-waker.js';
import { letterbox, poseOfPhoto } from './view-geometry.js';
import type {
  CanvasRegion,
  DisplayMode,
  NavigationMode,
  SceneFrame,
  SceneViewer,
  ViewerEvents,
  ViewerPhoto,
  ViewPose,
} from './viewer-contract.js';

/** After a still, the next one of a sequence comes soon: the window does not sort for itself in between. */
const STILL_PAUSE_MS = 400;
/** A legend whose ends tremble cannot be read. */
const RANGE_CHANGE = 0.08;

/** What the viewer says to people, in their language. */
export interface ViewerWords {
  readonly label: string;
  readonly description: string;
  readonly contextLost: string;
  readonly noWebgl: string;
}

export class ThreeViewer implements SceneViewer {
  frame: SceneFrame = { up: [0, -1, 0], metresPerUnit: null };
  private words: ViewerWords;
  private readonly events = new EventEmitter<ViewerEvents>();
  private readonly rig = new CameraRig();
  private readonly resolution = new AdaptiveResolution();
  private readonly clock: FrameClock;
  private readonly waker: GpuWaker;
  private readonly root: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly overlayElement: HTMLElement;
  private readonly input: CanvasInput;
  private readonly resizes: ResizeObserver;
  private readonly photoPicture: PhotoPicture;
  private stage: Stage | null = null;
  private sceneId: string | null = null;
  private given: Splats | null = null;
  private points: PointCloud | null = null;
  private photos: readonly ViewerPhoto[] = [];
  private hidden: Uint8Array | null = null;
  private selected: Uint8Array | null = null;
  private seen: Uint8Array | null = null;
  private box: ToolBox | null = null;
  private markers: readonly Vec3[] = [];
  private path: { readonly positions: readonly Vec3[]; readonly keys: readonly ViewPose[] } | null = null;
  private mode: DisplayMode = 'color';
  private visible: { frustums: boolean; grid: boolean; points: boolean | null } = {
    frustums: true,
    grid: false,
    points: null,
  };
  private depthRange: readonly [number, number] = [0, 1];
  private isFramed = false;
  private isShowing = false;
  private problem: string | null = null;
  private stills: Promise<unknown> = Promise.resolve();
  private releaseTimer: ReturnType<typeof setTimeout> | null = null;
  private sharpenTimer: ReturnType<typeof setTimeout> | null = null;
  private drawnPhoto: ViewerPhoto | null = null;
  private emittedPose: ViewPose | null = null;

  constructor(words: ViewerWords) {
    this.words = words;
    this.root = element('div', 'viewer-root');
    this.canvas = element('canvas', 'viewer-canvas');
    this.overlayElement = element('div', 'viewer-overlay');
    this.canvas.tabIndex = 0;
    this.setWords(words);
    this.root.append(this.canvas, this.overlayElement);
    this.clock = new FrameClock(
      (nowMs) => this.draw(nowMs),
      (frameMs) => this.noteFrame(frameMs),
      () => this.waker.watch(),
    );
    this.waker = new GpuWaker(
      () => this.stage?.renderer.getContext() ?? null,
      () => this.clock.isWaiting || this.stage?.splats.isSorting === true,
    );
    this.photoPicture = new PhotoPicture(() => this.clock.want());
    this.input = new CanvasInput(this.canvas, this.rig, {
      click: (x, y) => this.click(x, y),
      doubleClick: (x, y) => this.doubleClick(x, y),
      hover: (x, y) => this.hover(x, y),
      moved: () => this.noteMotion(),
    });
    this.resizes = new ResizeObserver(() => this.resize());
    this.canvas.addEventListener('webglcontextlost', (event) => {
      event.preventDefault();
      this.closeStage();
      this.report(this.words.contextLost);
    });
    this.canvas.addEventListener('webglcontextrestored', () => this.openStage());
    this.openStage();
  }

  setWords(words: ViewerWords): void {
    this.words = words;
    this.canvas.setAttribute('role', 'application');
    this.canvas.setAttribute('aria-label', words.label);
    this.canvas.setAttribute('aria-description', words.description);
  }

  get overlay(): HTMLElement {
    return this.overlayElement;
  }

  get splats(): Splats | null {
    return this.given;
  }

  get pose(): ViewPose {
    return this.rig.pose;
  }

  get photoId(): string | null {
    return this.rig.photo?.id ?? null;
  }

  attach(container: HTMLElement): void {
    container.append(this.root);
    this.resizes.disconnect();
    this.resizes.observe(this.root);
    this.resize();
  }

  dispose(): void {
    this.input.dispose();
    this.resizes.disconnect();
    this.clock.dispose();
    this.waker.dispose();
    this.photoPicture.dispose();
    this.closeStage();
    this.root.remove();
  }

  on<E extends keyof ViewerEvents>(event: E, listener: (payload: ViewerEvents[E]) => void): () => void {
    const stop = this.events.on(event, listener);
    // A problem of the start is older than anyone who could listen.
    if (event === 'problem' && this.problem !== null) {
      (listener as (payload: ViewerEvents['problem']) => void)({ message: this.problem });
    }
    return stop;
  }

  setScene(scene: { readonly sceneId: string; readonly splats: Splats } | null): void {
    const isNew = scene?.sceneId !== this.sceneId;
    this.sceneId = scene?.sceneId ?? null;
    this.given = scene?.splats ?? null;
    if (isNew) {
      this.hidden = this.selected = this.seen = null;
      this.isFramed = false;
    }
    this.measure();
    this.showLatest(isNew);
    this.applyVisibility();
  }

  setPoints(points: PointCloud | null): void {
    this.points = points;
    this.stage?.helpers.setPoints(points);
    this.measure();
    this.applyVisibility();
  }

  setPhotos(photos: readonly ViewerPhoto[]): void {
    this.photos = photos;
    const standing = this.rig.photo;
    if (standing !== null) this.rig.replacePhoto(photos.find(({ id }) => id === standing.id) ?? null);
    this.measure();
    this.applyPhotos();
  }

  setSeenCounts(counts: Uint8Array | null): void {
    this.seen = counts;
    this.applyMarks();
  }

  setHidden(hidden: Uint8Array | null): void {
    this.hidden = hidden;
    this.applyMarks();
  }

  setSelected(selected: Uint8Array | null): void {
    this.selected = selected;
    this.applyMarks();
  }

  setFrame(frame: SceneFrame): void {
    const isTurned = frame.up.some((value, i) => value !== this.frame.up[i]);
    this.frame = frame;
    this.rig.up = frame.up;
    if (isTurned) this.rig.level();
    this.applyGrid();
  }

  setPose(pose: ViewPose, options?: { readonly animate?: boolean }): void {
    this.rig.setPose(pose, options?.animate ?? false);
    this.noteMotion();
  }

  standIn(photoId: string): void {
    const photo = this.photos.find(({ id }) => id === photoId);
    if (photo === undefined) return;
    this.rig.standIn(photo, true);
    this.photoPicture.load(photo.pictureUrl);
    this.noteMotion();
  }

  setBlend(share: number): void {
    this.photoPicture.share = Math.max(0, Math.min(1, share));
    this.clock.want();
  }

  frameAll(): void {
    this.rig.frameAll(true);
    this.noteMotion();
  }

  resetView(): void {
    this.frameFirst(true);
    this.noteMotion();
  }

  setNavigation(mode: NavigationMode): void {
    this.rig.navigation = mode;
    this.events.emit('navigation', { mode });
  }

  nudge(step: Parameters<SceneViewer['nudge']>[0]): void {
    this.rig.nudge(step);
    this.noteMotion();
  }

  setDisplay(mode: DisplayMode): void {
    this.mode = mode;
    this.depthRange = [0, 1];
    this.events.emit('display', { mode });
    this.clock.want();
  }

  setVisible(what: 'frustums' | 'grid' | 'points' | 'hud', visible: boolean): void {
    if (what === 'hud') return;
    this.visible = { ...this.visible, [what]: visible };
    if (what === 'grid') this.applyGrid();
    this.applyVisibility();
  }

  setReducedMotion(reduced: boolean): void {
    this.rig.reducedMotion = reduced;
  }

  estimateUp(): Vec3 | null {
    const positions = this.given?.means ?? this.points?.positions ?? null;
    const held = upOfPhotos(this.photos);
    const floor = positions === null ? null : upOfPoints(positions, held ?? this.frame.up);
    return chooseUp(held, floor);
  }

  findInRegion(region: CanvasRegion, through: boolean): Uint8Array {
    if (this.given === null) return new Uint8Array(0);
    return findInRegion(this.given, this.hidden, this.view, region, through);
  }

  setPointerTool(tool: PointerTool | null): void {
    this.input.tool = tool;
    this.canvas.dataset.tool = String(tool !== null);
  }

  pickAt(x: number, y: number): Vec3 | null {
    return this.given === null ? null : pickPoint(this.given, this.hidden, this.view, x, y);
  }

  setBox(box: ToolBox | null): void {
    this.box = box;
    this.stage?.helpers.setBox(box);
    this.clock.want();
  }

  setMarkers(points: readonly Vec3[]): void {
    this.markers = points;
    this.stage?.helpers.setMarkers(points, this.rig.bounds.radius * 0.02);
    this.clock.want();
  }

  setPathCurve(curve: { readonly positions: readonly Vec3[]; readonly keys: readonly ViewPose[] } | null): void {
    this.path = curve;
    this.stage?.helpers.setPath(curve, this.rig.bounds.radius * 0.04);
    this.clock.want();
  }

  renderStill(pose: ViewPose, width: number, height: number): Promise<ImageData> {
    const still = this.stills.then(async () => {
      const { stage } = this;
      if (stage === null) throw new Error(this.problem ?? 'There is no picture to take.');
      this.clock.hold();
      if (this.releaseTimer !== null) clearTimeout(this.releaseTimer);
      try {
        const radius = this.rig.bounds.radius;
        const picture = { pose, mode: this.mode, depthRange: this.depthRange, radius };
        return new ImageData(await stage.still(picture, width, height), width, height);
      } finally {
        this.releaseTimer = setTimeout(() => this.clock.letGo(), STILL_PAUSE_MS);
        this.clock.want();
      }
    });
    this.stills = still.catch(() => undefined);
    return still;
  }

  /** A new scene at once; a revision of the one shown only when the last revision is through, and then the newest. */
  private showLatest(isNew: boolean): void {
    const { stage } = this;
    if (stage === null || (this.isShowing && !isNew)) return;
    this.isShowing = true;
    const splats = this.given;
    void stage.splats.show(splats).then((isShown) => {
      // A newer call of this has taken over.
      if (!isShown) return;
      this.isShowing = false;
      this.applyMarks();
      if (this.given !== splats) this.showLatest(false);
    });
  }

  private get view(): { pose: ViewPose; camera: ReturnType<CameraRig['intrinsics']> } {
    return { pose: this.rig.pose, camera: this.rig.intrinsics() };
  }

  private openStage(): void {
    try {
      this.stage = new Stage(
        this.canvas,
        () => {
          this.waker.noteProgress();
          this.clock.want();
        },
        () => this.waker.watch(),
      );
    } catch {
      this.report(this.words.noWebgl);
      return;
    }
    this.problem = null;
    const { helpers } = this.stage;
    helpers.setPoints(this.points);
    helpers.setBox(this.box);
    helpers.setMarkers(this.markers, this.rig.bounds.radius * 0.02);
    helpers.setPath(this.path, this.rig.bounds.radius * 0.04);
    this.applyPhotos();
    this.applyGrid();
    this.showLatest(true);
    this.applyVisibility();
    this.resize();
  }

  private closeStage(): void {
    this.stage?.dispose();
    this.stage = null;
  }

  private report(message: string): void {
    this.problem = message;
    this.events.emit('problem', { message });
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.root;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.rig.resize(clientWidth, clientHeight);
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    this.stage?.resize(Math.round(clientWidth * ratio), Math.round(clientHeight * ratio));
    if (!this.isFramed) this.frameFirst(false);
    this.clock.want();
  }

  /** How large the scene is, and where to look from when it is a new one. */
  private measure(): void {
    const ball =
      (this.given === null ? null : boundsOfPoints(this.given.means)) ??
      (this.points === null ? null : boundsOfPoints(this.points.positions)) ??
      boundsOfPhotos(this.photos);
    if (ball === null) return;
    this.rig.bounds = ball;
    if (!this.isFramed) this.frameFirst(false);
    this.applyGrid();
  }

  /** The first photo's place, else all of the scene. */
  private frameFirst(animate: boolean): void {
    const hasScene = this.given !== null || this.points !== null || this.photos.length > 0;
    if (!hasScene) return;
    this.isFramed = this.sceneId !== null || this.points !== null;
    const first = this.photos[0];
    this.rig.pivot = this.rig.bounds.centre;
    if (first === undefined) this.rig.frameAll(animate);
    else this.rig.setPose(poseOfPhoto(first.camera), animate);
    this.clock.want();
  }

  private applyMarks(): void {
    this.stage?.splats.setMarks(this.hidden, this.selected, this.seen);
    this.clock.want();
  }

  private applyPhotos(): void {
    this.stage?.helpers.frustums.update(this.photos, frustumDepth(this.photos, this.rig.bounds.radius));
    this.clock.want();
  }

  private applyGrid(): void {
    const { bounds } = this.rig;
    const perMetre = this.frame.metresPerUnit === null ? null : 1 / this.frame.metresPerUnit;
    const cell = perMetre ?? 10 ** Math.floor(Math.log10(bounds.radius / 2));
    const floor =
      bounds.centre.reduce((sum, value, i) => sum + value * (this.frame.up[i] as number), 0) - bounds.radius * 0.6;
    this.stage?.helpers.setGrid(this.frame.up, bounds, floor, cell);
    this.applyVisibility();
  }

  private applyVisibility(): void {
    const helpers = this.stage?.helpers;
    const isStanding = this.rig.photo !== null;
    helpers?.setVisible('frustums', this.visible.frustums && !isStanding);
    helpers?.setVisible('grid', this.visible.grid && !isStanding);
    helpers?.setVisible('points', this.visible.points ?? this.given === null);
    this.clock.want();
  }

  private noteMotion(): void {
    this.resolution.noteMotion(performance.now());
    this.clock.want();
  }

  private click(x: number, y: number): void {
    const photo = this.photoUnder(x, y);
    if (photo !== null) {
      this.events.emit('photo', { photoId: photo.id });
      return;
    }
    const position = this.pickAt(x, y);
    if (position !== null) this.events.emit('pick', { position });
  }

  private doubleClick(x: number, y: number): void {
    const point = this.pickAt(x, y);
    if (point === null) return;
    this.rig.focusOn(point, true);
    this.noteMotion();
  }

  private hover(x: number, y: number): void {
    const photo = this.photoUnder(x, y);
    this.stage?.helpers.frustums.highlight(photo?.id ?? null);
    this.canvas.title = photo === null ? '' : photo.name;
  }

  private photoUnder(x: number, y: number): ViewerPhoto | null {
    if (!this.visible.frustums || this.rig.photo !== null || this.input.tool !== null) return null;
    return photoAt(this.photos, frustumDepth(this.photos, this.rig.bounds.radius), this.view, x, y);
  }

  private draw(nowMs: number): boolean {
    const { stage, rig } = this;
    if (stage === null) return false;
    if (rig.isMoving) this.resolution.noteMotion(performance.now());
    rig.advance(nowMs);
    if (this.drawnPhoto !== rig.photo) this.applyVisibility();
    this.drawnPhoto = rig.photo;
    this.announcePose();
    const { width, height } = stage.renderer.domElement;
    const { photo } = rig;
    const frame = photo === null ? null : letterbox(photo.camera.width, photo.camera.height, width, height);
    this.updateDepthRange();
    stage.screen.setPhoto(photo === null ? null : this.photoPicture.texture, this.photoPicture.share);
    const scale = this.resolution.scale(performance.now());
    stage.draw({
      pose: rig.pose,
      camera: rig.intrinsics(width, height),
      frame,
      mode: this.mode,
      depthRange: this.depthRange,
      radius: rig.bounds.radius,
      scale,
    });
    if (rig.isMoving) this.clock.want();
    else if (scale < 1) this.sharpenSoon();
    return true;
  }

  /** Once the camera rests. */
  private sharpenSoon(): void {
    if (this.sharpenTimer !== null) clearTimeout(this.sharpenTimer);
    this.sharpenTimer = setTimeout(() => this.clock.want(), REST_MS + 20);
  }

  private announcePose(): void {
    if (this.emittedPose === this.rig.pose) return;
    this.emittedPose = this.rig.pose;
    this.events.emit('pose', this.rig.pose);
  }

  private updateDepthRange(): void {
    if (this.mode !== 'depth' || this.given === null) return;
    const camera = this.rig.intrinsics();
    const tangents = [camera.width / 2 / camera.fx, camera.height / 2 / camera.fy] as const;
    const range = depthRangeOf(this.given.means, this.rig.pose, tangents);
    if (range === null) return;
    const size = range[1] - range[0];
    const [near, far] = this.depthRange;
    if (Math.abs(range[0] - near) < RANGE_CHANGE * size && Math.abs(range[1] - far) < RANGE_CHANGE * size) return;
    this.depthRange = range;
    this.events.emit('depthRange', { near: range[0], far: range[1] });
  }

  private noteFrame(frameMs: number): void {
    this.waker.noteProgress();
    const nowMs = performance.now();
    this.resolution.noteFrame(frameMs, nowMs);
    this.events.emit('statistics', {
      frameMs: this.resolution.medianFrameMs,
      splatCount: this.given?.count ?? 0,
      resolutionScale: this.resolution.scale(nowMs),
      isMoving: this.resolution.isMoving(nowMs),
    });
  }
}

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  created.className = className;
  return created;
}
