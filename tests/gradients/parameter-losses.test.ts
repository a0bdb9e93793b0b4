import { describe, expect, it } from 'vitest';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { FlowPairs } from '../../engine/splatting/contract.js';
import { flowLoss } from '../../engine/splatting/reference/losses/flow.js';
import type { ParameterLoss } from '../../engine/splatting/reference/losses/regularisers.js';
import { needleLoss, opacityLoss, scaleLoss } from '../../engine/splatting/reference/losses/regularisers.js';
import type { Parameters } from '../../engine/splatting/reference/parameters.js';
import { PARAMETER_KINDS, parametersOfSplats, zeroParameters } from '../../engine/splatting/reference/parameters.js';
import type { Agreement } from '../fixtures/compare-arrays.js';
import { assertArraysAgree } from '../fixtures/compare-arrays.js';
import { createPlainCamera, createRandomSplats, DEFAULT_RECIPE } from '../fixtures/random-splats.js';
import { differentiate } from './central-differences.js';

const AGREEMENT: Agreement = { absolute: 1e-9, relative: 1e-6, magnitude: 1e-7, direction: 1e-12, bias: 1e-7 };

function createParameters(): Parameters {
  const camera = createPlainCamera(20, 20);
  return parametersOfSplats(createRandomSplats({ ...DEFAULT_RECIPE, count: 15, camera, sigmasPx: [0.1, 20] }));
}

const LOSSES: [string, ParameterLoss][] = [
  ['opacity', opacityLoss],
  ['scale', scaleLoss],
  ['needle', needleLoss],
];

describe.each(LOSSES)('gradient of the regulariser %s', (_, loss) => {
  it('agrees with central differences for every parameter kind', () => {
    const parameters = createParameters();
    const gradients = zeroParameters(parameters.count, parameters.shDegree);
    expect(loss(parameters, 0.7, gradients)).toBeGreaterThan(0.01);
    for (const kind of PARAMETER_KINDS) {
      const unused = zeroParameters(parameters.count, parameters.shDegree);
      const expected = differentiate(parameters[kind], () => 0.7 * loss(parameters, 0, unused), 1e-5);
      assertArraysAgree(kind, gradients[kind], expected, AGREEMENT);
    }
  });
});

describe('regularisers by hand', () => {
  const withScales = (logScales: number[], rawOpacities: number[]): Parameters => ({
    ...zeroParameters(rawOpacities.length, 0),
    logScales: Float64Array.from(logScales),
    rawOpacities: Float64Array.from(rawOpacities),
  });
  const valueOf = (loss: ParameterLoss, parameters: Parameters): number =>
    loss(parameters, 0, zeroParameters(parameters.count, 0));

  it('opacity is the mean of the activated opacities', () => {
    const parameters = withScales([0, 0, 0, 0, 0, 0], [0, Math.log(3)]);
    expect(valueOf(opacityLoss, parameters)).toBeCloseTo((0.5 + 0.75) / 2, 14);
  });

  it('scale is the mean of the summed standard deviations', () => {
    const parameters = withScales([0, Math.log(2), Math.log(3), 0, 0, 0], [0, 0]);
    expect(valueOf(scaleLoss, parameters)).toBeCloseTo((6 + 3) / 2, 14);
  });

  it('needle: the longest axis may be four times the second; a disc is no needle', () => {
    expect(valueOf(needleLoss, withScales([Math.log(20), Math.log(0.1), 0], [0]))).toBeCloseTo(Math.log(5), 14);
    expect(valueOf(needleLoss, withScales([0, Math.log(3.99), -5], [0]))).toBe(0);
    expect(valueOf(needleLoss, withScales([2, 2, -9], [0]))).toBe(0);
  });
});

describe('flow loss', () => {
  const pairs: FlowPairs = {
    first: Uint32Array.of(0, 3, 5),
    second: Uint32Array.of(1, 4, 6),
    weights: Float32Array.of(1, 0.5, 2),
  };
  const originOf = (index: number): Vec3 => [0.1 * index, -0.2, 0.3];

  it('has the gradient of central differences on the second; the first gets the opposite, the distance held constant', () => {
    const parameters = createParameters();
    const gradients = zeroParameters(parameters.count, parameters.shDegree);
    flowLoss(parameters, pairs, originOf, 0.7, gradients);
    const unused = zeroParameters(parameters.count, parameters.shDegree);
    const seconds = Array.from(pairs.second).flatMap((index) => [index * 3, index * 3 + 1, index * 3 + 2]);
    const expected = differentiate(
      parameters.means,
      () => 0.7 * flowLoss(parameters, pairs, originOf, 0, unused),
      1e-5,
      seconds,
    );
    pairs.second.forEach((second, j) => {
      for (let axis = 0; axis < 3; axis++) {
        expected[(pairs.first[j] as number) * 3 + axis] = -(expected[second * 3 + axis] as number);
      }
    });
    assertArraysAgree('means', gradients.means, expected, AGREEMENT);
  });

  it('is √(d² + 1e-4) − 0.01 of the distance relative to the depth, by hand', () => {
    const parameters = zeroParameters(2, 0);
    parameters.means.set([0, 0, 10, 3, 4, 10]);
    const pair: FlowPairs = { first: Uint32Array.of(0), second: Uint32Array.of(1), weights: Float32Array.of(2) };
    const value = flowLoss(parameters, pair, () => [0, 0, 0], 0, zeroParameters(2, 0));
    expect(value).toBeCloseTo(2 * (Math.sqrt(0.25 + 1e-4) - 0.01), 14);
  });

  it('is 0 and flat where the two coincide, and survives a Gaussian at its own origin', () => {
    const parameters = zeroParameters(2, 0);
    const pair: FlowPairs = { first: Uint32Array.of(0), second: Uint32Array.of(1), weights: Float32Array.of(1) };
    const gradients = zeroParameters(2, 0);
    expect(flowLoss(parameters, pair, () => [0, 0, 0], 1, gradients)).toBe(0);
    expect(gradients.means.every((value) => value === 0)).toBe(true);
  });
});
