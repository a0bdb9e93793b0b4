/** The SIMD and threads backend: the contract's calls, carried out by the C++ kernels beside this file. */
import type { Camera, Intrinsics } from '../../scene/camera.js';
import { ShapeError } from '../../scene/errors.js';
import type { Splats } from '../../scene/splats.js';
import type { WasmRuntime } from '../../wasm/wasm-runtime.js';
import { MemoryLimitError } from '../../wasm/wasm-runtime.js';
import type {
  FlowPairs,
  ImageGradients,
  RayAnchors,
  RenderedView,
  RenderGradients,
  RenderOptions,
  SceneEdit,
  SceneHandle,
  SceneState,
  SceneStatistics,
  SplattingBackend,
  StepReport,
  TargetHandle,
  TrainingStep,
  TrainingTarget,
} from '../contract.js';
import {
  BUFFER,
  CAMERA_GRADIENT_WORDS,
  packCamera,
  packRender,
  packStep,
  STEP_RESULT_WORDS,
  unpackCameraGradient,
  unpackColorGradient,
} from './wasm-layout.js';
import { WasmScene } from './wasm-scene.js';

/** A target in WASM memory. */
interface WasmTarget {
  readonly pointer: number;
  readonly size: Pick<Intrinsics, 'width' | 'height'>;
}

class WasmBackend implements SplattingBackend {
  readonly name = 'wasm';
  private readonly scenes = new Map<number, WasmScene>();
  private readonly targets = new Map<number, WasmTarget>();
  private nextId = 1;

  constructor(private readonly runtime: WasmRuntime) {}

  get description(): string {
    return `WASM SIMD, ${this.runtime.threads} thread${this.runtime.threads === 1 ? '' : 's'}`;
  }

  createScene(splats: Splats, anchors: RayAnchors | null): Promise<SceneHandle> {
    const id = this.nextId++;
    this.scenes.set(id, WasmScene.create(this.runtime, splats, anchors));
    return Promise.resolve({ backend: this.name, id });
  }

  createTarget(target: TrainingTarget): Promise<TargetHandle> {
    const { width, height } = target.camera.intrinsics;
    const pixels = width * height;
    const optional = (array: Float32Array | null, length: number): number[] => {
      if (array === null) return [];
      if (array.length !== length) throw new ShapeError(`a target's plane holds ${array.length}, not ${length}`);
      return [this.runtime.upload(array)];
    };
    if (target.color.length !== pixels * 3) throw new ShapeError(`target.color holds ${target.color.length} numbers`);
    const camera = this.runtime.upload(packCamera(target.camera));
    const color = this.runtime.upload(target.color);
    const weights = optional(target.weights, pixels);
    const tvWeights = optional(target.tvWeights, pixels * 2);
    const prior = optional(target.priorInverseDepth, pixels);
    const sensor = optional(target.sensorDepth ?? null, pixels * 2);
    const pointer = this.runtime.kernel('targetCreate')(
      camera,
      color,
      weights[0] ?? 0,
      tvWeights[0] ?? 0,
      prior[0] ?? 0,
      sensor[0] ?? 0,
    );
    for (const uploaded of [camera, color, ...weights, ...tvWeights, ...prior, ...sensor])
      this.runtime.release(uploaded);
    if (pointer === 0) throw new MemoryLimitError(pixels * 48);
    const id = this.nextId++;
    this.targets.set(id, { pointer: pointer >>> 0, size: { width, height } });
    return Promise.resolve({ backend: this.name, id });
  }

  setFlowPairs(scene: SceneHandle, pairs: FlowPairs | null): Promise<void> {
    this.sceneOf(scene).setFlowPairs(pairs);
    return Promise.resolve();
  }

  setRayResiduals(scene: SceneHandle, ownDepth: Float32Array, rawOpacities: Float32Array): Promise<void> {
    this.sceneOf(scene).setRayResiduals(ownDepth, rawOpacities);
    return Promise.resolve();
  }

  readRayGradients(scene: SceneHandle): Promise<{ gradOwnDepth: Float32Array; gradRawOpacities: Float32Array }> {
    const held = this.sceneOf(scene);
    return Promise.resolve({
      gradOwnDepth: held.download(BUFFER.gradOwnDepth),
      gradRawOpacities: held.download(BUFFER.gradRawOpacities),
    });
  }

  render(scene: SceneHandle, camera: Camera, options: RenderOptions): Promise<RenderedView> {
    const { width, height } = camera.intrinsics;
    const pixels = width * height;
    const pointers = this.uploadAll([packCamera(camera), packRender(options)]);
    const image = this.runtime.allocate(pixels * 5 * 4);
    const depth = image + pixels * 12;
    const alpha = image + pixels * 16;
    this.runtime.kernel('splatRender')(this.sceneOf(scene).pointer, ...pointers, image, depth, alpha);
    const rendered: RenderedView = {
      width,
      height,
      color: this.runtime.downloadFloat32(image, pixels * 3),
      depth: this.runtime.downloadFloat32(depth, pixels),
      alpha: this.runtime.downloadFloat32(alpha, pixels),
    };
    for (const pointer of [...pointers, image]) this.runtime.release(pointer);
    return Promise.resolve(rendered);
  }

  backpropagate(
    scene: SceneHandle,
    camera: Camera,
    options: RenderOptions,
    upstream: ImageGradients,
  ): Promise<RenderGradients> {
    const held = this.sceneOf(scene);
    const pixels = camera.intrinsics.width * camera.intrinsics.height;
    if (
      upstream.gradColor.length !== pixels * 3 ||
      upstream.gradDepth.length !== pixels ||
      upstream.gradAlpha.length !== pixels
    )
      throw new ShapeError("upstream gradients are not of the camera's size");
    const pointers = this.uploadAll([packCamera(camera), packRender(options)]);
    const images = [upstream.gradColor, upstream.gradDepth, upstream.gradAlpha].map((array) =>
      this.runtime.upload(array),
    );
    const cameraGradient = this.runtime.allocate(CAMERA_GRADIENT_WORDS * 4);
    this.runtime.kernel('splatBackpropagate')(held.pointer, ...pointers, ...images, cameraGradient);
    const gradCamera = unpackCameraGradient(this.runtime.downloadFloat32(cameraGradient, CAMERA_GRADIENT_WORDS));
    for (const pointer of [...pointers, ...images, cameraGradient]) this.runtime.release(pointer);
    return Promise.resolve({
      gradMeans: held.download(BUFFER.gradMeans),
      gradQuats: held.download(BUFFER.gradQuats),
      gradLogScales: held.download(BUFFER.gradLogScales),
      gradRawOpacities: held.download(BUFFER.gradRawOpacities),
      gradShCoeffs: held.download(BUFFER.gradShCoeffs),
      gradCamera,
    });
  }

  step(scene: SceneHandle, step: TrainingStep): Promise<StepReport> {
    if (!(step.iteration >= 1)) throw new RangeError('a step counts from 1');
    const { pointer, size } = this.targetOf(step.target);
    const adjusted = step.adjustment?.camera.intrinsics ?? size;
    if (adjusted.width !== size.width || adjusted.height !== size.height)
      throw new ShapeError(`a camera of ${adjusted.width} × ${adjusted.height} for a target of another size`);
    const [description] = this.uploadAll([packStep(step)]) as [number];
    const result = this.runtime.allocate(STEP_RESULT_WORDS * 4);
    this.runtime.kernel('splatStep')(this.sceneOf(scene).pointer, pointer, description, result);
    const report = this.readReport(result, step);
    this.runtime.release(description);
    this.runtime.release(result);
    return Promise.resolve(report);
  }

  readStatistics(scene: SceneHandle): Promise<SceneStatistics> {
    const held = this.sceneOf(scene);
    return Promise.resolve({
      maxWeights: held.download(BUFFER.maxWeight),
      gradMeans2d: held.download(BUFFER.gradMean2d),
      visibleSteps: held.download(BUFFER.visibleSteps),
      errorWeights: held.download(BUFFER.errorWeight),
    });
  }

  resetStatistics(scene: SceneHandle): Promise<void> {
    this.runtime.kernel('sceneResetStatistics')(this.sceneOf(scene).pointer);
    return Promise.resolve();
  }

  editScene(scene: SceneHandle, edit: SceneEdit): Promise<void> {
    this.sceneOf(scene).edit(edit);
    return Promise.resolve();
  }

  readSplats(scene: SceneHandle): Promise<Splats> {
    return Promise.resolve(this.sceneOf(scene).readSplats());
  }

  saveScene(scene: SceneHandle): Promise<SceneState> {
    return Promise.resolve(this.sceneOf(scene).save());
  }

  restoreScene(state: SceneState): Promise<SceneHandle> {
    const id = this.nextId++;
    this.scenes.set(id, WasmScene.restore(this.runtime, state));
    return Promise.resolve({ backend: this.name, id });
  }

  releaseScene(scene: SceneHandle): Promise<void> {
    this.sceneOf(scene).release();
    this.scenes.delete(scene.id);
    return Promise.resolve();
  }

  releaseTarget(target: TargetHandle): Promise<void> {
    this.runtime.kernel('targetRelease')(this.targetOf(target).pointer);
    this.targets.delete(target.id);
    return Promise.resolve();
  }

  /** Frees scenes and targets; the runtime belongs to whoever started it. */
  dispose(): Promise<void> {
    for (const scene of this.scenes.values()) scene.release();
    for (const { pointer } of this.targets.values()) this.runtime.kernel('targetRelease')(pointer);
    this.scenes.clear();
    this.targets.clear();
    return Promise.resolve();
  }

  private readReport(result: number, { adjustment }: TrainingStep): StepReport {
    const words = this.runtime.downloadFloat32(result, STEP_RESULT_WORDS);
    const [loss, l1] = words as unknown as [number, number];
    const [visibleCount, pairCount] = this.runtime.int32(result + 8, 2) as unknown as [number, number];
    const counted = { loss, l1, visibleCount, pairCount };
    if (adjustment === undefined) return counted;
    const camera = unpackCameraGradient(words.subarray(4, 4 + CAMERA_GRADIENT_WORDS));
    return {
      ...counted,
      gradAdjustment: { camera, color: adjustment.color === null ? null : unpackColorGradient(words) },
    };
  }

  private uploadAll(parts: readonly Uint8Array[]): number[] {
    return parts.map((part) => this.runtime.upload(part));
  }

  private sceneOf(handle: SceneHandle): WasmScene {
    const scene = handle.backend === this.name ? this.scenes.get(handle.id) : undefined;
    if (scene === undefined) throw new Error('this scene was released or belongs to another backend');
    return scene;
  }

  private targetOf(handle: TargetHandle): WasmTarget {
    const target = handle.backend === this.name ? this.targets.get(handle.id) : undefined;
    if (target === undefined) throw new Error('this target was released or belongs to another backend');
    return target;
  }
}

/** The rasterizer on a started WASM runtime; disposing of it leaves the runtime running. */
export function createWasmBackend(runtime: WasmRuntime): SplattingBackend {
  return new WasmBackend(runtime);
}
