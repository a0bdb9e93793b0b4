import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SplattingBackend } from '../../engine/splatting/contract.js';
import { createWasmBackend } from '../../engine/splatting/wasm/wasm-backend.js';
import type { WasmRuntime } from '../../engine/wasm/wasm-runtime.js';
import { startWasmRuntime } from '../../host/wasm-runtime.js';
import { createAskewCamera, createNoise, createRandomSplats, DEFAULT_RECIPE } from '../fixtures/random-splats.js';
import { describeBehaviour } from './describe-behaviour.js';
import { describeRenderParity } from './describe-render-parity.js';
import { describeSavedState } from './describe-saved-state.js';
import { describeStepParity } from './describe-step-parity.js';
import { ALL_LOSSES, RATES } from './scenes.js';

/** Three threads share the work unevenly, and more of them than there are tiles in the small scenes have none. */
const THREADS = [1, 3];

for (const threads of THREADS) {
  let runtime: WasmRuntime;
  let backend: SplattingBackend;
  const name = `wasm, ${threads} thread${threads === 1 ? '' : 's'}`;
  beforeAll(async () => {
    runtime = await startWasmRuntime({ threads });
    backend = createWasmBackend(runtime);
  });
  afterAll(async () => {
    await backend.dispose();
    await runtime.dispose();
  });
  describeRenderParity(name, () => backend);
  describeStepParity(name, () => backend);
  describeBehaviour(name, () => backend);
  describeSavedState(name, () => backend);
}

describe('wasm: the sums of a photo’s adjustment', () => {
  /** Several chunks of Gaussians and many rows of pixels: sums that a thread each could take. */
  async function adjustedStep(threads: number) {
    const runtime = await startWasmRuntime({ threads });
    const backend = createWasmBackend(runtime);
    const camera = createAskewCamera(90, 70);
    const scene = await backend.createScene(
      createRandomSplats({ ...DEFAULT_RECIPE, camera, count: 3000, seed: 31 }),
      null,
    );
    const target = await backend.createTarget({
      camera,
      color: createNoise(90 * 70 * 3, 32, 0, 1),
      ...{ weights: null, tvWeights: null, priorInverseDepth: null },
    });
    const report = await backend.step(scene, {
      ...{ iteration: 1, target, losses: ALL_LOSSES, learningRates: RATES, opacityDecay: 1, activeGridLevels: 0 },
      render: { background: [0.1, 0.2, 0.3], shDegree: 1, dilation: 0.3 },
      dropout: { probability: 0.2, seed: 4 },
      adjustment: { camera, color: { matrix: [1.1, 0.1, 0, 0, 0.9, 0, 0, -0.1, 1], offset: [0.1, 0, -0.1] } },
    });
    await backend.dispose();
    await runtime.dispose();
    return report;
  }

  it('are the same bits whatever the number of threads', async () => {
    const alone = await adjustedStep(1);
    expect(alone.gradAdjustment!.camera.gradRotation.every((value) => value !== 0)).toBe(true);
    for (const threads of [2, 3]) expect(await adjustedStep(threads)).toEqual(alone);
  });
});
