/** What is to be seen, kept beside the graphics card: applied to a stage when it changes, and all of it when a stage is made anew. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { PointCloud } from '../../engine/scene/point-cloud.js';
import type { Splats } from '../../engine/scene/splats.js';
import type { Intrinsics } from '../../engine/scene/camera.js';
import { frustumDepth, frustumPoints, photoAt } from './frustum-geometry.js';
import type { ToolBox } from './overlay-layer.js';
import { samplesOf } from './overview.js';
import type { Ball } from './scene-bounds.js';
import { boundsOfPhotos, boundsOfPoints } from './scene-bounds.js';
import type { Stage } from './stage.js';
import { upByFloor, upOfPhotos, upOfPoints } from './up-estimate.js';
import { dot } from './vector-math.js';
import type { SceneFrame, ViewerCloud, ViewerPhoto, ViewPose } from './viewer-contract.js';

export interface PathCurve {
  readonly positions: readonly Vec3[];
  readonly keys: readonly ViewPose[];
}

export class StageContents {
  splats: Splats | null = null;
  photos: readonly ViewerPhoto[] = [];
  hidden: Uint8Array | null = null;
  bounds: Ball = { centre: [0, 0, 0], radius: 1 };
  points: PointCloud | null = null;
  clouds: readonly ViewerCloud[] = [];
  solo: 'clouds' | 'scene' | null = null;
  /** One stands in a photo: its surroundings would be in the way. */
  private isStanding = false;
  /** Gaussians are on the screen: packing and sorting the first ones takes a while. */
  private hasDrawnSplats = false;
  private stage: Stage | null = null;
  private hiddenCount = 0;
  private selected: Uint8Array | null = null;
  private seen: Uint8Array | null = null;
  private box: ToolBox | null = null;
  private markers: readonly Vec3[] = [];
  private path: PathCurve | null = null;
  private frame: SceneFrame = { up: [0, -1, 0], metresPerUnit: null };
  /** Points: null shows them as long as no Gaussians are drawn. */
  private visible: { frustums: boolean; grid: boolean; clouds: boolean; points: boolean | null } = {
    frustums: true,
    grid: false,
    clouds: true,
    points: null,
  };
  private isShowing = false;

  constructor(private readonly onChange: () => void) {}

  get isEmpty(): boolean {
    return this.splats === null && this.points === null && this.photos.length === 0 && this.clouds.length === 0;
  }

  /** Corners of all that there is to see, but for what is hidden. */
  get landmarks(): readonly Vec3[] {
    if (this.solo === 'clouds') return this.clouds.flatMap(({ positions }) => samplesOf(positions));
    const { splats, photos } = this;
    const depth = frustumDepth(photos, this.bounds.radius);
    const corners = this.visible.frustums ? photos.flatMap(({ camera }) => frustumPoints(camera, depth)) : [];
    const scene = splats === null ? samplesOf(this.points?.positions ?? null) : samplesOf(splats.means, this.hidden);
    const clouds = this.shownClouds.flatMap(({ positions }) => samplesOf(positions));
    return [...scene, ...corners, ...clouds];
  }

  /** Clouds that are worth looking at together with the scene: one in a frame of its own would only draw the view away from it. */
  get shownClouds(): readonly ViewerCloud[] {
    if (!this.visible.clouds || this.solo === 'scene') return [];
    const isAlone = this.splats === null && this.points === null && this.photos.length === 0;
    return isAlone ? this.clouds : this.clouds.filter(({ isPlaced }) => isPlaced);
  }

  /** The newest Gaussians are on the screen, sorted. */
  get isSettled(): boolean {
    return !this.isShowing && (this.stage?.splats.isSettled ?? false);
  }

  /** Of the Gaussians, without the hidden ones. */
  get shownCount(): number {
    return (this.splats?.count ?? 0) - this.hiddenCount;
  }

  /** Of what is left to see; of everything where nothing is. */
  get shownBounds(): Ball {
    if (this.solo === 'clouds') return boundsOfClouds(this.clouds) ?? this.bounds;
    const { splats, hidden } = this;
    return (splats === null || hidden === null ? null : boundsOfPoints(splats.means, hidden)) ?? this.bounds;
  }

  useStage(stage: Stage | null): void {
    this.stage = stage;
    if (stage === null) return;
    stage.helpers.setPoints(this.points);
    stage.helpers.clouds.setClouds(this.clouds);
    this.applyPhotos();
    this.applyGrid();
    this.applyTools();
    this.showLatest(true);
  }

  setScene(splats: Splats | null, isNew: boolean): void {
    this.splats = splats;
    if (isNew) {
      this.hidden = this.selected = this.seen = null;
      this.hiddenCount = 0;
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

  setClouds(clouds: readonly ViewerCloud[]): void {
    this.clouds = clouds;
    this.stage?.helpers.clouds.setClouds(clouds);
    this.measure();
    this.applyVisibility();
  }

  setPhotos(photos: readonly ViewerPhoto[]): void {
    this.photos = photos;
    this.measure();
    this.applyPhotos();
  }

  setMarks(marks: {
    readonly hidden?: Uint8Array | null;
    readonly selected?: Uint8Array | null;
    readonly seen?: Uint8Array | null;
  }): void {
    if (marks.hidden !== undefined) {
      this.hidden = marks.hidden;
      this.hiddenCount = marks.hidden?.reduce((sum, isHidden) => sum + isHidden, 0) ?? 0;
    }
    if (marks.selected !== undefined) this.selected = marks.selected;
    if (marks.seen !== undefined) this.seen = marks.seen;
    this.applyMarks();
  }

  setTools(tools: {
    readonly box?: ToolBox | null;
    readonly markers?: readonly Vec3[];
    readonly path?: PathCurve | null;
  }): void {
    if (tools.box !== undefined) this.box = tools.box;
    if (tools.markers !== undefined) this.markers = tools.markers;
    if (tools.path !== undefined) this.path = tools.path;
    this.applyTools();
  }

  setFrame(frame: SceneFrame): void {
    this.frame = frame;
    this.applyGrid();
  }

  setSolo(solo: 'clouds' | 'scene' | null): void {
    this.solo = solo;
    this.applyVisibility();
  }

  setVisible(what: 'frustums' | 'grid' | 'points' | 'clouds', visible: boolean): void {
    this.visible = { ...this.visible, [what]: visible };
    this.applyVisibility();
  }

  /** The photo whose frustum lies under a place of the canvas. */
  photoUnder(view: { readonly pose: ViewPose; readonly camera: Intrinsics }, x: number, y: number): ViewerPhoto | null {
    if (!this.visible.frustums || this.isStanding || this.solo === 'clouds') return null;
    return photoAt(this.photos, frustumDepth(this.photos, this.bounds.radius), view, x, y);
  }

  highlight(photo: ViewerPhoto | null): void {
    this.stage?.helpers.frustums.highlight(photo?.id ?? null);
  }

  estimateUp(): Vec3 | null {
    const positions = this.splats?.means ?? this.points?.positions ?? null;
    const held = upOfPhotos(this.photos);
    if (positions === null) return held;
    return held === null ? upOfPoints(positions, this.frame.up) : upByFloor(positions, held);
  }

  /** Before each frame: what is in the way, and what stands in for something else, goes. */
  follow(isStanding: boolean): void {
    const hasDrawnSplats = (this.stage?.splats.splats ?? null) !== null;
    if (isStanding === this.isStanding && hasDrawnSplats === this.hasDrawnSplats) return;
    this.isStanding = isStanding;
    this.hasDrawnSplats = hasDrawnSplats;
    this.applyVisibility();
  }

  private applyVisibility(): void {
    const helpers = this.stage?.helpers;
    const { frustums, grid, points, clouds } = this.visible;
    const isCloudsAlone = this.solo === 'clouds';
    helpers?.setVisible('clouds', isCloudsAlone || (clouds && this.solo === null));
    if (this.stage !== null) this.stage.splats.scene.visible = !isCloudsAlone;
    helpers?.setVisible('frustums', frustums && !this.isStanding && !isCloudsAlone);
    helpers?.setVisible('grid', grid && !this.isStanding);
    helpers?.setVisible('path', !this.isStanding);
    helpers?.setVisible('points', !isCloudsAlone && (points ?? !this.hasDrawnSplats));
    this.onChange();
  }

  /** A new scene at once; a revision of the one shown only when the last revision is through, and then the newest. */
  private showLatest(isNew: boolean): void {
    const { stage } = this;
    if (stage === null || (this.isShowing && !isNew)) return;
    this.isShowing = true;
    const { splats } = this;
    void stage.splats.show(splats).then((isShown) => {
      // A newer call of this has taken over.
      if (!isShown) return;
      this.isShowing = false;
      this.applyMarks();
      if (this.splats !== splats) this.showLatest(false);
    });
  }

  private measure(): void {
    const ball =
      (this.splats === null ? null : boundsOfPoints(this.splats.means)) ??
      (this.points === null ? null : boundsOfPoints(this.points.positions)) ??
      boundsOfPhotos(this.photos) ??
      boundsOfClouds(this.clouds);
    if (ball === null) return;
    const isOther = Math.abs(ball.radius - this.bounds.radius) > 0.1 * this.bounds.radius;
    this.bounds = ball;
    if (!isOther) return;
    this.applyGrid();
    this.applyPhotos();
    this.applyTools();
  }

  private applyMarks(): void {
    this.stage?.splats.setMarks(this.hidden, this.selected, this.seen);
    this.onChange();
  }

  private applyPhotos(): void {
    this.stage?.helpers.frustums.update(this.photos, frustumDepth(this.photos, this.bounds.radius));
    this.onChange();
  }

  private applyTools(): void {
    const { radius } = this.bounds;
    this.stage?.helpers.setBox(this.box);
    this.stage?.helpers.setMarkers(this.markers, radius * 0.02);
    this.stage?.helpers.setPath(this.path, radius * 0.025);
    this.applyVisibility();
  }

  private applyGrid(): void {
    const { bounds, frame } = this;
    const cell =
      frame.metresPerUnit === null ? 10 ** Math.floor(Math.log10(bounds.radius / 2)) : 1 / frame.metresPerUnit;
    const floor = dot(bounds.centre, frame.up) - bounds.radius * 0.6;
    this.stage?.helpers.setGrid(frame.up, bounds, floor, cell);
    this.applyVisibility();
  }
}

/** Of the largest: others lie in frames of their own, or beside it. */
function boundsOfClouds(clouds: readonly ViewerCloud[]): Ball | null {
  const balls = clouds.flatMap(({ positions }) => boundsOfPoints(positions) ?? []);
  return balls.reduce<Ball | null>((most, ball) => (most === null || ball.radius > most.radius ? ball : most), null);
}
