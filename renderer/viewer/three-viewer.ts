/** The viewer that the panels hold: what is shown, how it is looked at, and when it is drawn. The drawing itself is `stage.ts`'s. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { PointCloud } from '../../engine/scene/point-cloud.js';
import type { Splats } from '../../engine/scene/splats.js';
import { AdaptiveResolution, REST_MS } from './adaptive-resolution.js';
import { CameraRig } from './camera-rig.js';
import { CanvasInput } from './canvas-input.js';
import type { PointerTool } from './canvas-input.js';
import type { ToolBox } from './overlay-layer.js';
import { EventEmitter } from './event-emitter.js';
import { FirstView } from './first-view.js';
import { FrameClock } from './frame-clock.js';
import { PhotoPicture } from './photo-picture.js';
import { ScenePicker } from './scene-picker.js';
import type { PickedPoint } from './tools/measure-distance.js';
import { StageContents } from './stage-contents.js';
import type { PathCurve } from './stage-contents.js';
import { Stage } from './stage.js';
import { letterbox } from './view-geometry.js';
import { createElements, nameCanvas, watchContext } from './viewer-elements.js';
import type { ViewerWords } from './viewer-elements.js';
import { DepthLegend } from './depth-legend.js';
import { StillQueue } from './still-queue.js';
import type {
  CanvasRegion,
  DisplayMode,
  NavigationMode,
  NudgeStep,
  PickedCloudPoint,
  SceneFrame,
  SceneViewer,
  ViewerCloud,
  ViewerEvents,
  ViewerPhoto,
  ViewPose,
} from './viewer-contract.js';

export class ThreeViewer implements SceneViewer {
  frame: SceneFrame = { up: [0, -1, 0], metresPerUnit: null };
  private words: ViewerWords;
  private readonly events = new EventEmitter<ViewerEvents>();
  private readonly rig = new CameraRig();
  private readonly resolution = new AdaptiveResolution();
  private readonly clock: FrameClock;
  private readonly elements = createElements();
  private readonly legend = new DepthLegend();
  private readonly stills: StillQueue;
  private readonly input: CanvasInput;
  private readonly resizes: ResizeObserver;
  private readonly photoPicture: PhotoPicture;
  private readonly contents = new StageContents(() => this.clock.want());
  private readonly picker = new ScenePicker(this.contents, this.rig);
  private readonly firstView = new FirstView(this.rig, this.contents, () => this.emittedPose === this.rig.pose);
  private stage: Stage | null = null;
  private sceneId: string | null = null;
  private mode: DisplayMode = 'color';
  private isPicking = false;
  private problem: string | null = null;
  private emittedPose: ViewPose | null = null;
  private emittedPhotoId: string | null = null;
  private drawnScale = 1;

  readonly findInRegion = (region: CanvasRegion, through: boolean): Uint8Array =>
    this.picker.findInRegion(region, through);
  readonly setSeenCounts = (seen: Uint8Array | null): void => this.contents.setMarks({ seen });
  readonly setHidden = (hidden: Uint8Array | null): void => this.contents.setMarks({ hidden });
  readonly setSelected = (selected: Uint8Array | null): void => this.contents.setMarks({ selected });
  readonly setBox = (box: ToolBox | null): void => this.contents.setTools({ box });
  readonly setMarkers = (markers: readonly Vec3[]): void => this.contents.setTools({ markers });
  readonly setPathCurve = (path: PathCurve | null): void => this.contents.setTools({ path });
  readonly setSolo = (solo: 'clouds' | 'scene' | null): void => this.contents.setSolo(solo);
  readonly pickAt = (x: number, y: number): PickedPoint | null => this.picker.pick(x, y);
  readonly pickCloudAt = (x: number, y: number): PickedCloudPoint | null => this.picker.pickCloud(x, y);

  constructor(words: ViewerWords) {
    this.words = words;
    nameCanvas(this.elements.canvas, words);
    const { canvas } = this.elements;
    this.clock = new FrameClock(
      (nowMs) => this.draw(nowMs),
      (frameMs) => this.noteFrame(frameMs),
      () => this.showSettled(false),
    );
    this.stills = new StillQueue(this.clock);
    this.photoPicture = new PhotoPicture(() => this.clock.want());
    this.input = new CanvasInput(canvas, this.rig, {
      click: (x, y) => this.click(x, y),
      doubleClick: (x, y) => this.doubleClick(x, y),
      hover: (x, y) => this.hover(x, y),
      moved: () => this.noteMotion(),
    });
    this.resizes = new ResizeObserver(() => this.resize());
    watchContext(
      canvas,
      () => {
        this.closeStage();
        this.report(this.words.contextLost);
      },
      () => this.openStage(),
    );
    this.openStage();
  }

  setWords(words: ViewerWords): void {
    this.words = words;
    nameCanvas(this.elements.canvas, words);
  }

  get overlay(): HTMLElement {
    return this.elements.overlay;
  }

  get splats(): Splats | null {
    return this.contents.splats;
  }

  get pose(): ViewPose {
    return this.rig.pose;
  }

  get photoId(): string | null {
    return this.rig.goalPhoto?.id ?? null;
  }

  attach(container: HTMLElement): void {
    container.append(this.elements.root);
    this.resizes.disconnect();
    this.resizes.observe(this.elements.root);
    this.resize();
  }

  dispose(): void {
    this.input.dispose();
    this.resizes.disconnect();
    for (const part of [this.clock, this.photoPicture]) part.dispose();
    this.closeStage();
    this.elements.root.remove();
  }

  on<E extends keyof ViewerEvents>(event: E, listener: (payload: ViewerEvents[E]) => void): () => void {
    const stop = this.events.on(event, listener);
    // A problem of the start is older than anyone who could listen.
    if (event === 'problem' && this.problem !== null) this.report(this.problem);
    return stop;
  }

  setScene(scene: { readonly sceneId: string; readonly splats: Splats } | null): void {
    const sceneId = scene?.sceneId ?? null;
    const isNew = sceneId !== this.sceneId;
    this.sceneId = sceneId;
    this.contents.setScene(scene?.splats ?? null, isNew);
    this.measured();
  }

  setPoints(points: PointCloud | null): void {
    this.contents.setPoints(points);
    this.measured();
  }

  setClouds(clouds: readonly ViewerCloud[]): void {
    this.contents.setClouds(clouds);
    this.measured();
  }

  setPhotos(photos: readonly ViewerPhoto[]): void {
    const before = new Set(this.contents.photos.map(({ id }) => id));
    if (before.size > 0 && !photos.some(({ id }) => before.has(id))) this.firstView.forget();
    this.contents.setPhotos(photos);
    const standing = this.rig.photo;
    if (standing !== null) this.rig.replacePhoto(photos.find(({ id }) => id === standing.id) ?? null);
    this.measured();
  }

  setFrame(frame: SceneFrame): void {
    const isTurned = frame.up.some((value, i) => value !== this.frame.up[i]);
    this.frame = frame;
    this.rig.up = frame.up;
    if (isTurned && !this.firstView.refit(this.sceneId, true)) this.rig.level();
    this.contents.setFrame(frame);
  }

  level(): void {
    this.rig.level();
    this.noteMotion();
  }

  setPose(pose: ViewPose, options?: { readonly animate?: boolean }): void {
    this.rig.setPose(pose, options?.animate ?? false);
    this.noteMotion();
  }

  standIn(photoId: string): void {
    const photo = this.contents.photos.find(({ id }) => id === photoId);
    if (photo === undefined) return;
    this.rig.standIn(photo, true);
    this.photoPicture.load(photo.pictureUrl);
    this.noteMotion();
  }

  setBlend(share: number): void {
    this.photoPicture.share = share;
    this.clock.want();
  }

  frameAll(): void {
    this.firstView.showAll(true);
    this.noteMotion();
  }

  resetView(): void {
    this.firstView.show(this.sceneId, true);
    this.noteMotion();
  }

  setNavigation(mode: NavigationMode): void {
    this.rig.navigation = mode;
    this.events.emit('navigation', { mode });
  }

  nudge(step: NudgeStep): void {
    this.rig.nudge(step);
    this.noteMotion();
  }

  setDisplay(mode: DisplayMode): void {
    this.mode = mode;
    this.legend.reset();
    this.events.emit('display', { mode });
    this.clock.want();
  }

  setVisible(what: 'frustums' | 'grid' | 'points' | 'clouds' | 'hud', visible: boolean): void {
    if (what !== 'hud') this.contents.setVisible(what, visible);
  }

  setReducedMotion(reduced: boolean): void {
    this.rig.reducedMotion = reduced;
  }

  estimateUp(): Vec3 | null {
    return this.contents.estimateUp();
  }

  setPointerTool(tool: PointerTool | null): void {
    this.input.tool = tool;
    this.showPointer();
  }

  setPicking(isPicking: boolean): void {
    this.isPicking = isPicking;
    this.showPointer();
    this.contents.highlight(null);
  }

  renderStill(pose: ViewPose, width: number, height: number): Promise<ImageData> {
    return this.stills.take(async () => {
      const { stage, mode } = this;
      if (stage === null) throw new Error(this.problem ?? this.words.noWebgl);
      const picture = { pose, mode, depthRange: this.legend.range, radius: this.rig.bounds.radius };
      return new ImageData(await stage.still(picture, width, height), width, height);
    });
  }

  private openStage(): void {
    try {
      this.stage = new Stage(this.elements.canvas, () => this.clock.want());
    } catch {
      this.report(this.words.noWebgl);
      return;
    }
    this.problem = null;
    this.contents.useStage(this.stage);
    this.resize();
  }

  private closeStage(): void {
    this.contents.useStage(null);
    this.stage?.dispose();
    this.stage = null;
  }

  private report(message: string): void {
    this.problem = message;
    this.events.emit('problem', { message });
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.elements.root;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.rig.resize(clientWidth, clientHeight);
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    this.stage?.resize(Math.round(clientWidth * ratio), Math.round(clientHeight * ratio));
    this.firstView.refit(this.sceneId, false);
    this.clock.want();
  }

  private measured(): void {
    this.rig.bounds = this.contents.bounds;
    this.firstView.follow(this.sceneId);
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
    if (this.contents.solo === 'clouds') {
      const point = this.pickCloudAt(x, y);
      if (point !== null) this.events.emit('cloudPick', point);
      return;
    }
    const picked = this.pickAt(x, y);
    if (picked !== null) this.events.emit('pick', picked);
  }

  private doubleClick(x: number, y: number): void {
    const point = this.isPicking ? null : this.pickAt(x, y);
    if (point === null) return;
    this.rig.focusOn(point.position, true);
    this.noteMotion();
  }

  private hover(x: number, y: number): void {
    const photo = this.photoUnder(x, y);
    this.contents.highlight(photo);
    this.elements.canvas.title = photo === null ? '' : photo.name;
  }

  private photoUnder(x: number, y: number): ViewerPhoto | null {
    return this.input.tool === null && !this.isPicking ? this.contents.photoUnder(this.picker.view, x, y) : null;
  }

  private showPointer(): void {
    this.elements.canvas.dataset.tool = String(this.input.tool !== null || this.isPicking);
  }

  private draw(nowMs: number): WebGL2RenderingContext | null {
    const { stage, rig } = this;
    if (stage === null) return null;
    if (rig.isMoving) this.resolution.noteMotion(performance.now());
    rig.advance(nowMs);
    this.contents.follow(rig.photo !== null);
    if (this.emittedPose !== rig.pose || this.emittedPhotoId !== this.photoId) this.events.emit('pose', rig.pose);
    this.emittedPose = rig.pose;
    this.emittedPhotoId = this.photoId;
    const { width, height } = stage.renderer.domElement;
    const { photo } = rig;
    const frame = photo === null ? null : letterbox(photo.camera.width, photo.camera.height, width, height);
    this.updateDepthRange();
    stage.screen.setPhoto(photo === null ? null : this.photoPicture.texture, this.photoPicture.share);
    const scale = this.resolution.scale(performance.now());
    this.drawnScale = scale;
    const [camera, depthRange, { radius }] = [rig.intrinsics(width, height), this.legend.range, rig.bounds];
    stage.draw({ pose: rig.pose, camera, frame, mode: this.mode, depthRange, radius, scale });
    if (rig.isMoving) this.clock.want();
    else if (scale < 1) this.clock.wantIn(REST_MS);
    return stage.renderer.getContext() as WebGL2RenderingContext;
  }

  private updateDepthRange(): void {
    const { splats } = this.contents;
    if (this.mode === 'depth' && splats !== null && this.legend.update(splats.means, this.picker.view))
      this.events.emit('depthRange', this.legend.ends);
  }

  /** Whether the picture stays as it is until somebody does something: scripts that look at it wait for that. */
  private showSettled(isSettled: boolean): void {
    this.elements.canvas.dataset.settled = String(isSettled);
  }

  private noteFrame(frameMs: number): void {
    // The context was lost under it: nothing was drawn.
    if (this.stage === null) return;
    const nowMs = performance.now();
    this.resolution.noteFrame(frameMs, nowMs);
    const isSharp = this.resolution.scale(nowMs) === 1 && this.drawnScale === 1;
    this.showSettled(isSharp && !this.rig.isMoving && !this.clock.isWaiting && this.contents.isSettled);
    this.events.emit('statistics', { ...this.resolution.statistics(nowMs), splatCount: this.contents.shownCount });
  }
}
