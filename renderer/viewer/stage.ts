/** Everything that lives on the GPU, drawn into one canvas. Made anew when the context was lost. */
import type { Intrinsics } from '../../engine/scene/camera.js';
import * as THREE from 'three';
import { OverlayLayer } from './overlay-layer.js';
import { ScreenPass } from './screen-pass.js';
import { SplatLayer, tangentLimits } from './splat-layer.js';
import type { Rectangle } from './view-geometry.js';
import { intrinsicsOfFov, intrinsicsOfTile, projectionMatrix, worldMatrix } from './view-geometry.js';
import type { DisplayMode, ViewPose } from './viewer-contract.js';

/** Of a still: what one piece of it may measure. */
const TILE = 2048;
const BACKGROUND = [0.035, 0.04, 0.05] as const;

export interface StagePicture {
  readonly pose: ViewPose;
  /** Over the whole canvas, in its own pixels. */
  readonly camera: Intrinsics;
  /** Of the letterbox, in the canvas's own pixels; null: no letterbox. */
  readonly frame: Rectangle | null;
  readonly mode: DisplayMode;
  readonly depthRange: readonly [number, number];
  readonly radius: number;
  /** Share of the canvas's resolution. */
  readonly scale: number;
}

export class Stage {
  readonly splats: SplatLayer;
  readonly helpers: OverlayLayer;
  readonly screen = new ScreenPass();
  readonly renderer: THREE.WebGLRenderer;
  private readonly camera = new THREE.PerspectiveCamera();
  private readonly target: THREE.WebGLRenderTarget;

  /** Throws where WebGL 2 cannot be had. */
  constructor(canvas: HTMLCanvasElement, onChange: () => void) {
    // All colours are those of the screen already: nothing is to convert them.
    THREE.ColorManagement.enabled = false;
    this.renderer = new THREE.WebGLRenderer({
      canvas,
      antialias: false,
      alpha: false,
      powerPreference: 'high-performance',
    });
    this.renderer.outputColorSpace = THREE.LinearSRGBColorSpace;
    this.renderer.toneMapping = THREE.NoToneMapping;
    this.renderer.autoClear = false;
    this.splats = new SplatLayer(this.renderer, onChange);
    this.helpers = new OverlayLayer(onChange);
    this.target = pictureTarget(1, 1);
    this.camera.matrixAutoUpdate = false;
    this.screen.setBackground(...BACKGROUND);
  }

  resize(width: number, height: number): void {
    this.renderer.setPixelRatio(1);
    this.renderer.setSize(width, height, false);
  }

  draw(picture: StagePicture): void {
    const { camera, scale, frame } = picture;
    const [width, height] = [
      Math.max(1, Math.round(camera.width * scale)),
      Math.max(1, Math.round(camera.height * scale)),
    ];
    if (this.target.width !== width || this.target.height !== height) this.target.setSize(width, height);
    this.point(picture.pose, camera, picture.radius);
    this.splats.prepare(this.camera, tangentLimits(frame === null ? camera : inFrame(camera, frame)));
    this.helpers.follow(picture.pose.position);
    this.clipTo(frame, camera, scale);
    this.screen.setFrame(frame, camera.width, camera.height);
    this.drawBlended(this.target, picture, true);
    this.renderer.setRenderTarget(null);
    this.screen.draw(this.renderer, this.target.texture);
    if (!showsColors(picture.mode)) {
      this.renderer.clear(false, true, false);
      this.renderer.render(this.helpers.scene, this.camera);
      this.renderer.render(this.helpers.onTop, this.camera);
    }
  }

  /** RGBA, rows from the top, on black. */
  async still(
    picture: Omit<StagePicture, 'camera' | 'frame' | 'scale'>,
    width: number,
    height: number,
  ): Promise<Uint8ClampedArray<ArrayBuffer>> {
    const whole = intrinsicsOfFov(picture.pose.fovYRad, width, height);
    this.point(picture.pose, whole, picture.radius);
    await this.splats.settle(this.camera);
    const pixels = new Uint8ClampedArray(width * height * 4);
    const size = Math.min(TILE, this.renderer.capabilities.maxTextureSize);
    this.splats.setShowsMarks(false);
    this.screen.setBackground(0, 0, 0);
    try {
      for (let top = 0; top < height; top += size) {
        for (let left = 0; left < width; left += size) {
          const tile = { left, top, width: Math.min(size, width - left), height: Math.min(size, height - top) };
          this.drawTile({ ...picture, camera: whole, frame: null, scale: 1 }, tile, pixels);
        }
      }
    } finally {
      this.splats.setShowsMarks(true);
      this.screen.setBackground(...BACKGROUND);
    }
    return pixels;
  }

  dispose(): void {
    this.splats.dispose();
    this.helpers.dispose();
    this.screen.dispose();
    this.target.dispose();
    this.renderer.dispose();
  }

  private drawTile(picture: StagePicture, tile: Rectangle, pixels: Uint8ClampedArray): void {
    const target = pictureTarget(tile.width, tile.height);
    const shown = new THREE.WebGLRenderTarget(tile.width, tile.height, { depthBuffer: false });
    this.point(picture.pose, intrinsicsOfTile(picture.camera, tile), picture.radius);
    this.splats.prepare(this.camera, tangentLimits(picture.camera));
    this.screen.setFrame(null, 1, 1);
    this.screen.setPhoto(null, 0);
    this.drawBlended(target, picture, false);
    this.renderer.setRenderTarget(shown);
    this.screen.draw(this.renderer, target.texture);
    const rows = new Uint8Array(tile.width * tile.height * 4);
    this.renderer.readRenderTargetPixels(shown, 0, 0, tile.width, tile.height, rows);
    this.renderer.setRenderTarget(null);
    copyTile(rows, tile, pixels, picture.camera.width);
    target.dispose();
    shown.dispose();
  }

  /** What is blended, before it is coloured: premultiplied, in half floats, as eight bits would lose the faint layers. */
  private drawBlended(target: THREE.WebGLRenderTarget, picture: StagePicture, withHelpers: boolean): void {
    this.splats.setDisplay(picture.mode, picture.radius);
    this.screen.setDisplay(picture.mode);
    this.screen.setDepthRange(picture.depthRange[0] / picture.radius, picture.depthRange[1] / picture.radius);
    this.renderer.setRenderTarget(target);
    this.renderer.setClearColor(0x000000, 0);
    this.renderer.clear();
    if (withHelpers && showsColors(picture.mode)) this.renderer.render(this.helpers.scene, this.camera);
    this.renderer.render(this.splats.scene, this.camera);
    if (withHelpers && showsColors(picture.mode)) this.renderer.render(this.helpers.onTop, this.camera);
  }

  private point(pose: ViewPose, camera: Intrinsics, radius: number): void {
    this.camera.matrix.fromArray(worldMatrix(pose));
    this.camera.updateMatrixWorld(true);
    this.camera.near = radius * 0.002;
    this.camera.far = radius * 200;
    this.camera.projectionMatrix.fromArray(projectionMatrix(camera, this.camera.near, this.camera.far));
    this.camera.projectionMatrixInverse.copy(this.camera.projectionMatrix).invert();
  }

  /** Nothing is drawn outside of the letterbox. */
  private clipTo(frame: Rectangle | null, camera: Intrinsics, scale: number): void {
    this.target.scissorTest = frame !== null;
    if (frame === null) return;
    const bottom = camera.height - frame.top - frame.height;
    this.target.scissor.set(
      Math.floor(frame.left * scale),
      Math.floor(bottom * scale),
      Math.ceil(frame.width * scale) + 1,
      Math.ceil(frame.height * scale) + 1,
    );
  }
}

function showsColors(mode: DisplayMode): boolean {
  return mode === 'color' || mode === 'seen';
}

/** The pinhole of the letterbox alone, which is what the Jacobian's clamp is measured by. */
function inFrame(camera: Intrinsics, frame: Rectangle): Intrinsics {
  return { ...camera, width: frame.width, height: frame.height };
}

function pictureTarget(width: number, height: number): THREE.WebGLRenderTarget {
  return new THREE.WebGLRenderTarget(width, height, {
    type: THREE.HalfFloatType,
    minFilter: THREE.LinearFilter,
    magFilter: THREE.LinearFilter,
    depthBuffer: true,
  });
}

/** WebGL's rows come from the bottom. */
function copyTile(rows: Uint8Array, tile: Rectangle, pixels: Uint8ClampedArray, width: number): void {
  for (let row = 0; row < tile.height; row++) {
    const from = (tile.height - 1 - row) * tile.width * 4;
    pixels.set(rows.subarray(from, from + tile.width * 4), ((tile.top + row) * width + tile.left) * 4);
  }
}
