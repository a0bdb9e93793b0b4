import { describe, expect, it } from 'vitest';
import type { LossWeights } from '../../engine/splatting/contract.js';
import type { LossEvaluation } from '../../engine/splatting/reference/evaluate-loss.js';
import { evaluateLoss } from '../../engine/splatting/reference/evaluate-loss.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { NO_LOSSES } from '../../engine/splatting/no-losses.js';
import { assertArraysAgree } from '../fixtures/compare-arrays.js';
import type { Agreement } from '../fixtures/compare-arrays.js';
import { endTraining, startTraining, takeStep } from '../parity/paired-run.js';
import { createTrainingCase } from '../parity/scenes.js';
import { differentiate } from './central-differences.js';
import { createDisturbedState } from './disturbed-state.js';
import { SMOOTH } from './upstream.js';

const AGREEMENT: Agreement = { absolute: 1e-8, relative: 1e-4, magnitude: 1e-5, direction: 1e-9, bias: 1e-5 };

describe('gradients of a whole step: all losses, anchors, dropout, residuals', () => {
  const { state, target, step } = createDisturbedState();
  const evaluation: LossEvaluation = evaluateLoss(state, target, step, SMOOTH);
  const lossNow = (): number => evaluateLoss(state, target, step, SMOOTH).loss;
  const check = (name: string, values: Float64Array, gradients: Float64Array, at: number[]): void => {
    const expected = differentiate(values, lossNow, 1e-5, at);
    const pick = (array: Float64Array): number[] => at.map((i) => array[i] as number);
    expect(pick(expected).some((value) => Math.abs(value) > 1e-6)).toBe(true);
    assertArraysAgree(name, pick(gradients), pick(expected), AGREEMENT);
  };

  it('own depths of anchored Gaussians; free ones have none', () => {
    check('ownDepth', state.ownDepth, evaluation.gradOwnDepth, [0, 7, 33, 52, 69]);
    expect(evaluation.gradOwnDepth.subarray(70).every((value) => value === 0)).toBe(true);
    expect(state.ownDepth.subarray(70).every((value) => value === 0)).toBe(true);
  });

  it.each([0, 1])('grid level %i', (level) => {
    const [grid, gradients] = [state.grids[level] as Float64Array, evaluation.gradGrids[level] as Float64Array];
    check(`grid ${level}`, grid, gradients, [0, 1, 4, Math.floor(grid.length / 2), grid.length - 1, grid.length - 2]);
  });

  it('means of free Gaussians', () => {
    const weight = (i: number): number => Math.abs(evaluation.gradients.means[i * 3] as number);
    const free = Array.from({ length: 50 }, (_, k) => 70 + k).sort((a, b) => weight(b) - weight(a));
    // The three that matter most, and one that hardly does.
    const chosen = [0, 1, 2, 30].map((rank) => free[rank] as number);
    check(
      'means',
      state.stored.means,
      evaluation.gradients.means,
      chosen.flatMap((i) => [i * 3, i * 3 + 1, i * 3 + 2]),
    );
  });

  it('raw opacities and their residuals alike', () => {
    check('rawOpacities', state.stored.rawOpacities, evaluation.gradients.rawOpacities, [0, 40, 75, 119]);
    check('residuals', state.residualOpacities, evaluation.gradients.rawOpacities, [0, 40, 75, 119]);
  });

  it('shapes and colours', () => {
    check('quats', state.stored.quats, evaluation.gradients.quats, [0, 3, 150, 401]);
    check('logScales', state.stored.logScales, evaluation.gradients.logScales, [0, 100, 239, 320]);
    check('shCoeffs', state.stored.shCoeffs, evaluation.gradients.shCoeffs, [0, 4, 601, 1300]);
  });
});

describe('training with the reference', () => {
  it.each<[string, Partial<LossWeights>, boolean]>([
    ['l1', { l1: 1 }, false],
    ['l1 and dssim, anchored', { l1: 0.8, dssim: 0.2 }, true],
    ['depth', { depthTv: 1, depthPrior: 1 }, true],
    ['sensor depth', { sensorDepth: 1 }, true],
    ['flow', { flow: 1 }, true],
    ['regularisers', { opacity: 1, scale: 1, needle: 1 }, false],
  ])('a few steps lower the loss: %s', async (_, weights, anchored) => {
    const trainingCase = createTrainingCase(0);
    const backend = createReferenceBackend();
    const training = await startTraining(backend, trainingCase, anchored ? trainingCase.anchors : null);
    await backend.setFlowPairs(training.scene, trainingCase.flowPairs);
    const one = { ...training, targets: [training.targets[0] as (typeof training.targets)[0]] };
    const losses = { ...NO_LOSSES, ...weights };
    const reports: number[] = [];
    for (let iteration = 1; iteration <= 9; iteration++) {
      const target = one.targets[0] as (typeof one.targets)[0];
      reports.push((await takeStep(training, trainingCase, iteration, { losses, target })).loss);
    }
    expect(reports[8]).toBeLessThan(0.985 * (reports[0] as number));
    expect(reports.every((loss, i) => i === 0 || loss < (reports[i - 1] as number) * 1.001)).toBe(true);
    await endTraining(training);
  });
});
