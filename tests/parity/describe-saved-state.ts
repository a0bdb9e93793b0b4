import { beforeEach, describe, expect, it } from 'vitest';
import type { SceneHandle, SceneState, SplattingBackend } from '../../engine/splatting/contract.js';
import type { BackendUnderTest } from './describe-render-parity.js';
import type { Training } from './paired-run.js';
import { startTraining, takeStep } from './paired-run.js';
import { ALL_LOSSES, createTrainingCase } from './scenes.js';

const trainingCase = createTrainingCase(1);

async function trainSteps(training: Training, from: number, to: number): Promise<number[]> {
  const losses: number[] = [];
  for (let iteration = from; iteration <= to; iteration++) {
    const settings = { losses: ALL_LOSSES, dropout: { probability: 0.2, seed: iteration }, opacityDecay: 0.99 };
    losses.push((await takeStep(training, trainingCase, iteration, settings)).loss);
  }
  return losses;
}

async function readAll(backend: SplattingBackend, scene: SceneHandle) {
  return { splats: await backend.readSplats(scene), statistics: await backend.readStatistics(scene) };
}

/** Anchors, grids, residuals, flow pairs, an edit with appended Gaussians, statistics: all that a state can hold. */
async function startRichTraining(backend: SplattingBackend): Promise<Training> {
  const training = await startTraining(backend, trainingCase, trainingCase.anchors);
  const { scene } = training;
  await trainSteps(training, 1, 2);
  const { count } = trainingCase.splats;
  await backend.setRayResiduals(scene, new Float32Array(count).fill(0.02), new Float32Array(count).fill(-0.1));
  await backend.editScene(scene, {
    keep: Uint32Array.from({ length: count - 3 }, (_, i) => i + 3),
    append: createTrainingCase(1).splats,
  });
  await backend.setFlowPairs(scene, {
    first: Uint32Array.of(0, 1, 2),
    second: Uint32Array.of(5, 6, 7),
    weights: Float32Array.of(1, 0.5, 2),
  });
  await trainSteps(training, 3, 4);
  return training;
}

/** What marks a part that a scene need not have. */
const OPTIONAL = { reference: ['viewIndices'], wasm: ['anchorGrid', 'residualOpacities'], webgpu: [] };

/** What the contract says of saved states: nothing that later steps depend on is lost, nothing that does not fit is taken. */
export function describeSavedState(name: string, backendUnderTest: BackendUnderTest): void {
  describe(`${name}: saved state`, () => {
    let backend: SplattingBackend;
    let training: Training;
    let state: SceneState;
    // A backend may throw at once instead of rejecting.
    const restore = async (saved: SceneState): Promise<SceneHandle> => backend.restoreScene(saved);

    beforeEach(async () => {
      backend = backendUnderTest();
      training = await startRichTraining(backend);
      state = await backend.saveScene(training.scene);
    });

    it('holds what is read, and is a copy', async () => {
      const before = await readAll(backend, training.scene);
      expect(state.splats).toEqual(before.splats);
      await trainSteps(training, 5, 6);
      expect(state.splats).toEqual(before.splats);
      expect(await backend.readSplats(training.scene)).not.toEqual(before.splats);
    });

    it('goes on with the very steps that the scene itself takes', async () => {
      const restored = { ...training, scene: await restore(structuredClone(state)) };
      expect(await readAll(backend, restored.scene)).toEqual(await readAll(backend, training.scene));
      const losses = await trainSteps(training, 5, 10);
      expect(await trainSteps(restored, 5, 10)).toEqual(losses);
      expect(await readAll(backend, restored.scene)).toEqual(await readAll(backend, training.scene));
      // Saved once more, every array is the same: what no step has shown yet is there too.
      expect(await backend.saveScene(restored.scene)).toEqual(await backend.saveScene(training.scene));
    });

    it('depends on every array that it holds', async () => {
      for (const array of Object.keys(state.arrays)) {
        const { [array]: _, ...arrays } = state.arrays;
        const isOptional = ['flow.first', ...OPTIONAL[backend.name]].includes(array);
        const restored = restore({ ...state, arrays });
        if (!isOptional) await expect(restored, array).rejects.toThrow(array);
        else await backend.releaseScene(await restored);
      }
    });

    it('refuses states of other backends, of other lengths, and with indices of what is not there', async () => {
      const other = backend.name === 'wasm' ? 'reference' : 'wasm';
      await expect(restore({ ...state, backend: other })).rejects.toThrow(other);
      const splats = { ...state.splats, count: state.splats.count + 1 };
      await expect(restore({ ...state, splats })).rejects.toThrow('expected');
      const withArray = (array: string, value: SceneState['arrays'][string]): SceneState => ({
        ...state,
        arrays: { ...state.arrays, [array]: value },
      });
      await expect(restore(withArray('ownDepth', new Float32Array(1)))).rejects.toThrow('ownDepth');
      await expect(restore(withArray('flow.second', Uint32Array.of(0, 1, 1e6)))).rejects.toThrow('beyond');
      await expect(restore(withArray('gridSizes', Uint32Array.of(0, 5)))).rejects.toThrow('grid');
      await expect(restore(withArray('gridSizes', Uint32Array.of(4096, 4096)))).rejects.toThrow('grid');
    });
  });
}
