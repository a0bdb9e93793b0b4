/**
 * What the panels know of the viewer: an object with commands and typed events that draws into a canvas. No React, no host, no files.
 * World frame: the scene's own. Viewer cameras are `ViewPose`s: a camera-to-world rigid motion in the engine's camera axes.
 */
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import type { Intrinsics } from '../../engine/scene/camera.js';
import type { PointCloud } from '../../engine/scene/point-cloud.js';
import type { Splats } from '../../engine/scene/splats.js';
import type { PickedPoint } from './tools/measure-distance.js';

/** Where the viewer looks from: +x right, +y down, +z forward (the engine's camera axes). */
export interface ViewPose {
  /** worldFromCamera. */
  readonly rotation: Mat3;
  /** The camera's centre in the world. */
  readonly position: Vec3;
  /** Vertical angle of view. */
  readonly fovYRad: number;
}

/** A photo's camera, to be drawn as a frustum and stood in. */
export interface ViewerPhoto {
  readonly id: string;
  readonly name: string;
  readonly camera: Intrinsics & {
    /** cameraFromWorld. */
    readonly rotation: Mat3;
    readonly translation: Vec3;
  };
  readonly thumbnailUrl: string | null;
  readonly pictureUrl: string | null;
  readonly isHeldOut: boolean;
}

/** Points that a sensor measured, as they are drawn. */
export interface ViewerCloud {
  readonly id: string;
  /** [N, 3] in the scene's frame. Another array is another cloud: its colours alone may change. */
  readonly positions: Float32Array;
  /** [N, 3] sRGB 0..255. */
  readonly colors: Uint8Array;
  /** It is known where it lies in the scene; false: it is drawn in a frame of its own. */
  readonly isPlaced: boolean;
}

/** A point of a cloud under a place of the picture. */
export interface PickedCloudPoint {
  readonly cloudId: string;
  readonly index: number;
  /** In the frame in which the cloud is drawn. */
  readonly position: Vec3;
}

/** One press of a key or a button: fractions of the scene's size, and radians. */
export interface NudgeStep {
  readonly right?: number;
  readonly up?: number;
  readonly forward?: number;
  readonly yawRad?: number;
  readonly pitchRad?: number;
  readonly rollRad?: number;
  readonly zoom?: number;
}

export const DISPLAY_MODES = ['color', 'depth', 'alpha', 'seen'] as const;
export type DisplayMode = (typeof DISPLAY_MODES)[number];
export type NavigationMode = 'orbit' | 'fly';

export interface FrameStatistics {
  /** Median of the last frames. */
  readonly frameMs: number;
  /** Without the hidden ones. */
  readonly splatCount: number;
  /** Share of the canvas's own resolution that is drawn, 0..1. */
  readonly resolutionScale: number;
  readonly isMoving: boolean;
}

/** How the scene is hung in the viewer; edits of the user, never baked into the splats. */
export interface SceneFrame {
  /** Unit direction in the scene's frame that is shown as up. */
  readonly up: Vec3;
  /** Metres a world unit measures; null: not known. */
  readonly metresPerUnit: number | null;
  /** One standard deviation of that, as a share of it; null or absent: not known. */
  readonly scaleUncertainty?: number | null;
}

export interface ViewerEvents {
  readonly pose: ViewPose;
  readonly statistics: FrameStatistics;
  /** A frustum was clicked. */
  readonly photo: { readonly photoId: string };
  /** A point of the scene was clicked. */
  readonly pick: PickedPoint;
  /** While the clouds alone are shown: a point of one was clicked. */
  readonly cloudPick: PickedCloudPoint;
  readonly display: { readonly mode: DisplayMode };
  /** Depths in world units that the ends of the depth view's colours stand for. */
  readonly depthRange: { readonly near: number; readonly far: number };
  readonly navigation: { readonly mode: NavigationMode };
  /** The canvas lost its context, or could not get one: words for the user. */
  readonly problem: { readonly message: string };
}

/** Region of the canvas in CSS pixels, for brush and box. */
export type CanvasRegion =
  | {
      readonly kind: 'box';
      readonly left: number;
      readonly top: number;
      readonly right: number;
      readonly bottom: number;
    }
  | {
      readonly kind: 'brush';
      readonly points: readonly { readonly x: number; readonly y: number }[];
      readonly radius: number;
    };

export interface SceneViewer {
  /** Attaches to a container; the viewer makes its own canvas, follows its size and takes its input. */
  attach(container: HTMLElement): void;
  dispose(): void;
  on<E extends keyof ViewerEvents>(event: E, listener: (payload: ViewerEvents[E]) => void): () => void;

  /** null: empty. Keeps the camera when `sceneId` is the one shown already; otherwise frames the scene (or the first photo's camera). */
  setScene(scene: { readonly sceneId: string; readonly splats: Splats } | null): void;
  setPoints(points: PointCloud | null): void;
  setPhotos(photos: readonly ViewerPhoto[]): void;
  setClouds(clouds: readonly ViewerCloud[]): void;
  /** u8 per Gaussian: how many photos saw it. */
  setSeenCounts(counts: Uint8Array | null): void;
  setFrame(frame: SceneFrame): void;
  readonly frame: SceneFrame;
  /** Turns about the viewing direction until what is up is up in the picture. */
  level(): void;

  readonly pose: ViewPose;
  setPose(pose: ViewPose, options?: { readonly animate?: boolean }): void;
  /** Stands exactly in a photo's camera: its intrinsics, letterboxed to its shape. */
  standIn(photoId: string): void;
  /** The photo that one stands in or is on the way into; null: none. */
  readonly photoId: string | null;
  /** 0 shows the rendering, 1 the photo, where one stands in a photo. */
  setBlend(share: number): void;
  frameAll(): void;
  resetView(): void;
  setNavigation(mode: NavigationMode): void;
  /** Moves as one press of a key or a button does: fractions of the scene's size and radians. */
  nudge(step: NudgeStep): void;
  setDisplay(mode: DisplayMode): void;
  setVisible(what: 'frustums' | 'grid' | 'points' | 'clouds' | 'hud', visible: boolean): void;
  /** A slower, steadier picture: no transitions of the camera. */
  setReducedMotion(reduced: boolean): void;
  /** The best guess at what is up, by the way the photos were held and by the floor; null where nothing tells. */
  estimateUp(): Vec3 | null;

  // For tools (renderer/viewer/tools). Masks are [N] of the scene's Gaussians.
  readonly splats: Splats | null;
  /** 1 = hidden; null: nothing hidden. */
  setHidden(hidden: Uint8Array | null): void;
  /** 1 = drawn in the selection's colour. */
  setSelected(selected: Uint8Array | null): void;
  /** Gaussians whose centres fall into the region of the present picture, hidden ones left out; `through` false: only those in front. */
  findInRegion(region: CanvasRegion, through: boolean): Uint8Array;
  /** While set, pointer input goes to the listener instead of the camera (the middle button and the wheel still move it). */
  setPointerTool(tool: ((event: PointerEvent, phase: 'down' | 'move' | 'up' | 'cancel') => void) | null): void;
  /** While picking, clicks are meant for the scene alone: frustums do not take them, and a double click does not turn the camera. */
  setPicking(isPicking: boolean): void;
  /** Point of the scene under a place of the canvas: where accumulated alpha passes one half; null in the void. */
  pickAt(x: number, y: number): PickedPoint | null;
  /** Point of a sensor under a place of the canvas; null where there is none near. */
  pickCloudAt(x: number, y: number): PickedCloudPoint | null;
  /** Shows the clouds alone, or the Gaussians alone, while points are picked; null: both. */
  setSolo(solo: 'clouds' | 'scene' | null): void;
  /** Container that tools may put overlays into. */
  readonly overlay: HTMLElement | null;
  /**
   * Helper geometry of a tool, such as the crop box: twelve edges from two corners in the box's own frame, null to remove.
   * `rotation` is worldFromBox about the scene's origin; absent: the box's frame is the scene's.
   */
  setBox(box: { readonly min: Vec3; readonly max: Vec3; readonly rotation?: Mat3 } | null): void;
  /** Crosses in the scene's frame and lines from one to the next, such as a measured distance; empty to remove. */
  setMarkers(points: readonly Vec3[]): void;
  /** Curve of the camera path and its keys, null to remove. */
  setPathCurve(curve: { readonly positions: readonly Vec3[]; readonly keys: readonly ViewPose[] } | null): void;

  /** Draws one picture off the screen at any size (tiled where the GPU's limit asks for it), without frustums, grid or HUD. RGBA, rows from the top. */
  renderStill(pose: ViewPose, width: number, height: number): Promise<ImageData>;
}
