import { describe, expect, it } from 'vitest';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import type { CameraGradient, ColorTransform, TrainingStep } from '../../engine/splatting/contract.js';
import { backpropagateView } from '../../engine/splatting/reference/backpropagate-view.js';
import { evaluateLoss } from '../../engine/splatting/reference/evaluate-loss.js';
import { parametersOfSplats } from '../../engine/splatting/reference/parameters.js';
import { gatherVisible, plainSettings, renderImages } from '../../engine/splatting/reference/render-view.js';
import { assertArraysAgree } from '../fixtures/compare-arrays.js';
import { differentiate } from './central-differences.js';
import { createDisturbedState } from './disturbed-state.js';
import type { HardCase } from './hard-cases.js';
import { createHardCases } from './hard-cases.js';
import { moveCamera } from '../fixtures/move-camera.js';
import { noisyUpstream, scalarOf, SMOOTH } from './upstream.js';

const KINDS = ['rotation', 'translation', 'log focal'] as const;

function motionGradient({ gradRotation, gradTranslation, gradLogFocal }: CameraGradient): number[][] {
  return [gradRotation, gradTranslation, [gradLogFocal]];
}

function cameraGradients(hardCase: HardCase): { actual: number[][]; expected: number[][] } {
  const parameters = parametersOfSplats(hardCase.splats);
  const upstream = noisyUpstream(hardCase.camera.intrinsics);
  const options = { background: [0.2, 0.9, 0.4], shDegree: hardCase.shDegree, dilation: hardCase.dilation } as const;
  const settings = { ...plainSettings(hardCase.camera, options), cutoffs: SMOOTH };
  const actual = backpropagateView(parameters, gatherVisible(parameters, settings), settings, upstream).camera;
  const motion = new Float64Array(7);
  const derivatives = differentiate(
    motion,
    () => {
      const moved = { ...settings, camera: moveCamera(hardCase.camera, motion) };
      return scalarOf(renderImages(gatherVisible(parameters, moved), moved), upstream);
    },
    hardCase.h / 10,
  );
  const parts = [derivatives.subarray(0, 3), derivatives.subarray(3, 6), derivatives.subarray(6)];
  return { actual: motionGradient(actual), expected: parts.map((part) => Array.from(part)) };
}

describe.each(createHardCases())('camera against central differences: $name', (hardCase) => {
  const { actual, expected } = cameraGradients(hardCase);

  it.each(KINDS)('%s', (kind) => {
    const at = KINDS.indexOf(kind);
    const wanted = expected[at] as number[];
    const largest = Math.max(...wanted.map(Math.abs));
    expect(largest, 'the case exercises it').toBeGreaterThan(1e-2);
    assertArraysAgree(kind, actual[at] as number[], wanted, {
      absolute: 1e-6 * largest,
      relative: 1e-6,
      magnitude: 1e-6,
      direction: 1e-10,
      bias: 1e-6,
    });
  });
});

describe('gradients of a whole step that adjusts its photo', () => {
  const { state, target, step } = createDisturbedState();
  const matrix: Mat3 = [1.1, 0.05, -0.02, 0.03, 0.9, 0.04, -0.06, 0.02, 1.2];
  const offset: Vec3 = [0.03, -0.02, 0.01];
  const evaluate = (adjustment: NonNullable<TrainingStep['adjustment']>) =>
    evaluateLoss(state, target, { ...step, adjustment }, SMOOTH);
  // Away from the target's own camera: a step that forgot to use the adjusted one would show.
  const camera = moveCamera(target.camera, [0.02, -0.01, 0.03, 0.05, -0.04, 0.02, 0.01]);
  const AGREEMENT = { absolute: 1e-8, relative: 1e-4, magnitude: 1e-5, direction: 1e-9, bias: 1e-5 };

  it('camera, all losses and dropout on', () => {
    const color = { matrix, offset };
    const gradient = evaluate({ camera, color }).gradAdjustment;
    const motion = new Float64Array(7);
    const expected = differentiate(motion, () => evaluate({ camera: moveCamera(camera, motion), color }).loss, 1e-5);
    assertArraysAgree('camera', motionGradient(gradient!.camera).flat(), expected, AGREEMENT);
  });

  it('colour matrix and offset', () => {
    const values = Float64Array.from([...matrix, ...offset]);
    const colorNow = (): ColorTransform => ({
      matrix: Array.from(values.subarray(0, 9)) as Mat3,
      offset: Array.from(values.subarray(9)) as Vec3,
    });
    const gradient = evaluate({ camera, color: colorNow() }).gradAdjustment!.color!;
    const expected = differentiate(values, () => evaluate({ camera, color: colorNow() }).loss, 1e-5);
    expect(expected.every((value) => Math.abs(value) > 1e-4)).toBe(true);
    assertArraysAgree('colour', [...gradient.gradMatrix, ...gradient.gradOffset], expected, AGREEMENT);
  });

  it('splats, through the colour matrix', () => {
    const evaluation = evaluate({ camera, color: { matrix, offset } });
    const at = [0, 4, 601, 1300];
    const values = state.stored.shCoeffs;
    const expected = differentiate(values, () => evaluate({ camera, color: { matrix, offset } }).loss, 1e-5, at);
    const pick = (array: Float64Array): number[] => at.map((i) => array[i] as number);
    expect(pick(expected).some((value) => Math.abs(value) > 1e-6)).toBe(true);
    assertArraysAgree('shCoeffs', pick(evaluation.gradients.shCoeffs), pick(expected), AGREEMENT);
  });

  it('the identity changes nothing but that gradients are told', () => {
    const plain = evaluateLoss(state, target, step, SMOOTH);
    const identity = { matrix: [1, 0, 0, 0, 1, 0, 0, 0, 1] as Mat3, offset: [0, 0, 0] as Vec3 };
    const adjusted = evaluate({ camera: target.camera, color: identity });
    expect(plain.gradAdjustment).toBeNull();
    expect(adjusted.loss).toBeCloseTo(plain.loss, 12);
    assertArraysAgree('means', adjusted.gradients.means, plain.gradients.means, AGREEMENT);
  });
});
