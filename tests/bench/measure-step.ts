/** Times one training iteration on a synthetic scene: forward, backward, and the whole step with losses and Adam. */
import type { SplattingBackend, TrainingStep } from '../../engine/splatting/contract.js';
import { DEFAULT_DILATION } from '../../engine/splatting/contract.js';
import { NO_LOSSES } from '../../engine/splatting/no-losses.js';
import { countBlendedPairs, createSyntheticScene } from './synthetic-scene.js';

const WARM_UP = 3;
const RENDER = { background: [0, 0, 0], shDegree: 0, dilation: DEFAULT_DILATION } as const;
/** Learning rates so small that the scene keeps its footprint while every optimiser runs. */
const RATE = 1e-7;

export interface StepMeasurement {
  readonly gaussians: number;
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  /** Blended splat–pixel pairs of the picture. */
  readonly pairs: number;
  readonly forwardMs: number;
  readonly backwardMs: number;
  /** Forward, L1 and D-SSIM, backward, Adam. */
  readonly stepMs: number;
}

export interface StepSize {
  readonly gaussians: number;
  readonly width: number;
  readonly height: number;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

async function timeMedian(repetitions: number, work: (repetition: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + repetitions; i++) {
    const start = performance.now();
    await work(i);
    if (i >= WARM_UP) times.push(performance.now() - start);
  }
  return median(times);
}

export function describeStep(target: TrainingStep['target'], iteration: number): TrainingStep {
  return {
    iteration,
    target,
    render: RENDER,
    losses: { ...NO_LOSSES, l1: 0.8, dssim: 0.2 },
    learningRates: {
      means: RATE,
      ownDepth: 0,
      rayField: 0,
      quats: RATE,
      logScales: RATE,
      rawOpacities: RATE,
      shDc: RATE,
      shRest: 0,
    },
    dropout: { probability: 0, seed: 0 },
    opacityDecay: 1,
    activeGridLevels: 0,
  };
}

/** `backwardMs` is what backpropagation takes beyond rendering the picture that it starts from. */
export async function measureStep(
  backend: SplattingBackend,
  size: StepSize,
  seed: number,
  repetitions: number,
): Promise<StepMeasurement> {
  const { gaussians, width, height } = size;
  const synthetic = createSyntheticScene(gaussians, width, height, seed);
  const { camera, splats } = synthetic;
  const pixels = width * height;
  const scene = await backend.createScene(splats, null);
  const target = await backend.createTarget({
    camera,
    color: new Float32Array(pixels * 3).fill(0.5),
    weights: null,
    tvWeights: null,
    priorInverseDepth: null,
  });
  const upstream = {
    gradColor: new Float32Array(pixels * 3).fill(1 / pixels),
    gradDepth: new Float32Array(pixels),
    gradAlpha: new Float32Array(pixels),
  };
  try {
    const forwardMs = await timeMedian(repetitions, () => backend.render(scene, camera, RENDER));
    const bothMs = await timeMedian(repetitions, () => backend.backpropagate(scene, camera, RENDER, upstream));
    const stepMs = await timeMedian(repetitions, (i) => backend.step(scene, describeStep(target, i + 1)));
    return {
      ...size,
      seed,
      pairs: countBlendedPairs(synthetic),
      forwardMs,
      backwardMs: bothMs - forwardMs,
      stepMs,
    };
  } finally {
    await backend.releaseTarget(target);
    await backend.releaseScene(scene);
  }
}
