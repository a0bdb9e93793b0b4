import type { Camera } from '../../scene/camera.js';
import { ShapeError } from '../../scene/errors.js';
import type { RenderOptions, SceneStatistics, SplattingBackend, TrainingTarget } from '../contract.js';
import { backpropagateView } from './backpropagate-view.js';
import { editState } from './edit-state.js';
import type { ReferenceTarget } from './evaluate-loss.js';
import { imagesOfGradients, renderedViewOf } from './images.js';
import { splatGradientsOf, splatsOfParameters } from './parameters.js';
import { gatherVisible, plainSettings, renderImages } from './render-view.js';
import { restoreState, saveState } from './save-state.js';
import type { SceneState, StatisticsState } from './scene-state.js';
import { copyFlowPairs, createState, effectiveParameters, setResiduals, zeroStatistics } from './scene-state.js';
import { takeStep } from './take-step.js';

interface Handle {
  readonly backend: string;
  readonly id: number;
}

/** Things that the backend owns, by handle. */
class HandleTable<T> {
  private readonly entries = new Map<number, T>();
  private nextId = 1;

  constructor(private readonly kind: string) {}

  add(entry: T): { readonly backend: 'reference'; readonly id: number } {
    const id = this.nextId++;
    this.entries.set(id, entry);
    return { backend: 'reference', id };
  }

  get(handle: Handle): T {
    const entry = handle.backend === 'reference' ? this.entries.get(handle.id) : undefined;
    if (entry === undefined) throw new Error(`${this.kind} ${handle.backend}/${handle.id} is not (or no longer) here`);
    return entry;
  }

  replace(handle: Handle, entry: T): void {
    this.get(handle);
    this.entries.set(handle.id, entry);
  }

  remove(handle: Handle): void {
    this.get(handle);
    this.entries.delete(handle.id);
  }

  clear(): void {
    this.entries.clear();
  }
}

function assertLength(name: string, array: { readonly length: number } | null, length: number): void {
  if (array !== null && array.length !== length) {
    throw new ShapeError(`${name} holds ${array.length} numbers, ${length} expected`);
  }
}

function copyTarget(target: TrainingTarget): ReferenceTarget {
  const { width, height } = target.camera.intrinsics;
  const pixels = width * height;
  assertLength('target.color', target.color, pixels * 3);
  assertLength('target.weights', target.weights, pixels);
  assertLength('target.tvWeights', target.tvWeights, pixels * 2);
  assertLength('target.priorInverseDepth', target.priorInverseDepth, pixels);
  assertLength('target.sensorDepth', target.sensorDepth ?? null, pixels * 2);
  const copy = (array: Float32Array | null): Float64Array | null => (array === null ? null : Float64Array.from(array));
  return {
    camera: target.camera,
    images: {
      width,
      height,
      color: Float64Array.from(target.color),
      weights: copy(target.weights) ?? new Float64Array(pixels).fill(1),
      tvWeights: copy(target.tvWeights),
      priorInverseDepth: copy(target.priorInverseDepth),
      sensorDepth: copy(target.sensorDepth ?? null),
    },
  };
}

function roundStatistics(sums: StatisticsState): SceneStatistics {
  return {
    maxWeights: Float32Array.from(sums.maxWeights),
    gradMeans2d: Float32Array.from(sums.gradMeans2d),
    visibleSteps: Float32Array.from(sums.visibleSteps),
    errorWeights: Float32Array.from(sums.errorWeights),
  };
}

/**
 * The contract in float64, every Gaussian tried at every pixel: the definition that the other backends are tested against.
 * Parameters stay float64 between steps; what is read is rounded to float32. One thread, deterministic, no I/O.
 * Throws ShapeError for arrays that do not fit and Error for handles of another backend or released ones.
 */
export function createReferenceBackend(): SplattingBackend {
  const scenes = new HandleTable<SceneState>('scene');
  const targets = new HandleTable<ReferenceTarget>('target');
  const prepare = (scene: Handle, camera: Camera, options: RenderOptions) => {
    const parameters = effectiveParameters(scenes.get(scene));
    const settings = plainSettings(camera, options);
    return { parameters, settings, visible: gatherVisible(parameters, settings) };
  };
  return {
    name: 'reference',
    description: 'float64, one thread',
    createScene: async (splats, anchors) => scenes.add(createState(splats, anchors)),
    createTarget: async (target) => targets.add(copyTarget(target)),
    setFlowPairs: async (scene, pairs) => {
      const state = scenes.get(scene);
      state.flowPairs = pairs === null ? null : copyFlowPairs(pairs, state.stored.count);
    },
    setRayResiduals: async (scene, ownDepth, rawOpacities) => setResiduals(scenes.get(scene), ownDepth, rawOpacities),
    readRayGradients: async (scene) => {
      const { ownDepth, rawOpacities } = scenes.get(scene).rayGradients;
      return { gradOwnDepth: Float32Array.from(ownDepth), gradRawOpacities: Float32Array.from(rawOpacities) };
    },
    render: async (scene, camera, options) => {
      const { settings, visible } = prepare(scene, camera, options);
      return renderedViewOf(renderImages(visible, settings));
    },
    backpropagate: async (scene, camera, options, upstream) => {
      const { parameters, settings, visible } = prepare(scene, camera, options);
      const { width, height } = camera.intrinsics;
      assertLength('gradColor', upstream.gradColor, width * height * 3);
      assertLength('gradDepth', upstream.gradDepth, width * height);
      assertLength('gradAlpha', upstream.gradAlpha, width * height);
      const images = imagesOfGradients(width, height, upstream);
      const gradients = backpropagateView(parameters, visible, settings, images);
      return { ...splatGradientsOf(gradients.parameters), gradCamera: gradients.camera };
    },
    step: async (scene, step) => takeStep(scenes.get(scene), targets.get(step.target), step),
    readStatistics: async (scene) => roundStatistics(scenes.get(scene).statistics),
    resetStatistics: async (scene) => {
      const state = scenes.get(scene);
      state.statistics = zeroStatistics(state.stored.count);
    },
    editScene: async (scene, edit) => scenes.replace(scene, editState(scenes.get(scene), edit)),
    readSplats: async (scene) => splatsOfParameters(effectiveParameters(scenes.get(scene))),
    saveScene: async (scene) => saveState(scenes.get(scene)),
    restoreScene: async (state) => scenes.add(restoreState(state)),
    releaseScene: async (scene) => scenes.remove(scene),
    releaseTarget: async (target) => targets.remove(target),
    dispose: async () => {
      scenes.clear();
      targets.clear();
    },
  };
}
