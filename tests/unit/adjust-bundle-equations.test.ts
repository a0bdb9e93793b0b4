import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { PreparedBundle } from '../../engine/poses/bundle-model.js';
import { bundleCost, prepareBundle } from '../../engine/poses/bundle-model.js';
import { createBundleEquations, fillBundleEquations, gatherCameraSystem } from '../../engine/poses/bundle-equations.js';
import { huberLoss, huberWeight } from '../../engine/poses/bundle-loss.js';
import type { BundleOptions, BundleProblem } from '../../engine/poses/bundle-problem.js';
import { createObservationTerms, evaluateObservation, ROW } from '../../engine/poses/bundle-residuals.js';
import { createSchurWork, solveBundleStep } from '../../engine/poses/bundle-schur.js';
import type { BundleState } from '../../engine/poses/bundle-state.js';
import { addTie, listTies, tieCost } from '../../engine/poses/bundle-ties.js';
import { applyBundleStep, copyBundleState } from '../../engine/poses/bundle-state.js';
import { ShapeError } from '../../engine/scene/errors.js';
import { gauss, syntheticBundle } from '../fixtures/synthetic-bundle.js';

const EVERYTHING: BundleOptions = { freeIntrinsics: ['focal', 'k1', 'k2', 'principal-point'] };

/** Two distorted lenses, depths for every third observation, unequal weights, one sighting twice. */
function variedProblem(): BundleProblem {
  const lens = { intrinsics: { fx: 700, fy: 760, cx: 390, cy: 310, width: 800, height: 600 }, k1: -0.12, k2: 0.05 };
  const problem = syntheticBundle({ photos: 4, points: 12, sightings: 3, lensCount: 2, lens, noisePx: 2 });
  const random = createRandom(3);
  const { photos, points, pixels } = problem.observations;
  const again = { photos: [...Array.from(photos), photos[0]!], points: [...Array.from(points), points[0]!] };
  const count = again.photos.length;
  return {
    ...problem,
    observations: {
      ...again,
      pixels: [...Array.from(pixels), pixels[0]! + 1, pixels[1]! - 2],
      weights: Array.from({ length: count }, () => 0.5 + random.next()),
      depths: {
        logDepths: Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 1.7 + 0.1 * gauss(random) : NaN)),
        sigmas: Array.from({ length: count }, () => 0.05),
      },
    },
  };
}

/** The state after a step along one unknown: a global column, or coordinate `at` of the points that count. */
function moved(prepared: PreparedBundle, state: BundleState, column: number, size: number): BundleState {
  const { columns, observations } = prepared.model;
  const step = { columns: new Float64Array(columns.count), points: new Float64Array(3 * observations.points.length) };
  if (column < columns.count) step.columns[column] = size;
  else step.points[column - columns.count] = size;
  const to = copyBundleState(state);
  applyBundleStep(state, columns, observations, step, to);
  return to;
}

/** All derivatives of all residuals, dense: rows x, y, depth of each observation, columns the global ones, then those of points. */
function denseJacobian(prepared: PreparedBundle, state: BundleState) {
  const { model } = prepared;
  const { columns, observations } = model;
  const terms = createObservationTerms();
  const rows: { readonly values: Float64Array; readonly residual: number; readonly weight: number }[] = [];
  const size = columns.count + 3 * observations.points.length;
  observations.points.forEach((point, q) => {
    for (let i = observations.observationStarts[q]!; i < observations.observationStarts[q + 1]!; i++) {
      expect(evaluateObservation(model, state, i, point, terms, true)).toBe(true);
      const photo = observations.photos[i]!;
      const squaredPx = terms.residuals[0]! ** 2 + terms.residuals[1]! ** 2;
      for (let row = 0; row < 3; row++) {
        const values = new Float64Array(size);
        for (let a = 0; a < columns.width; a++) {
          const column = columns.globals[photo * columns.width + a]!;
          if (column >= 0) values[column] = terms.jacobian[row * ROW + a]!;
        }
        for (let k = 0; k < 3; k++) values[columns.count + 3 * q + k] = -terms.jacobian[row * ROW + 3 + k]!;
        const residual = terms.residuals[row]!;
        const hasRow = row < 2 || observations.inverseSigmas[i]! > 0;
        const weight =
          row < 2
            ? observations.weights[i]! * huberWeight(squaredPx, model.huberPx)
            : model.depthWeight * huberWeight(residual ** 2, model.huberSigmas);
        if (hasRow) rows.push({ values, residual, weight });
      }
    }
  });
  return { rows, size };
}

describe('derivatives of an observation', () => {
  it('agree with central differences for every kind of unknown', () => {
    const prepared = prepareBundle(variedProblem(), EVERYTHING);
    const { model, start } = prepared;
    const { columns, observations } = model;
    // 4 photos, of which the first is held and one coordinate keeps the scale; 4 log scales; 2 lenses of 5.
    expect([columns.width, columns.count]).toEqual([12, 3 * 6 - 1 + 4 + 2 * 5]);
    const { rows, size } = denseJacobian(prepared, start);
    const terms = createObservationTerms();
    const residualsAt = (state: BundleState): number[] => {
      const list: number[] = [];
      observations.points.forEach((point, q) => {
        for (let i = observations.observationStarts[q]!; i < observations.observationStarts[q + 1]!; i++) {
          evaluateObservation(model, state, i, point, terms, false);
          list.push(...terms.residuals.subarray(0, observations.inverseSigmas[i]! > 0 ? 3 : 2));
        }
      });
      return list;
    };
    const h = 1e-5;
    for (let column = 0; column < size; column++) {
      const [above, below] = [h, -h].map((by) => residualsAt(moved(prepared, start, column, by)));
      let largest = 0;
      rows.forEach(({ values }, i) => {
        const difference = (above![i]! - below![i]!) / (2 * h);
        // Truncation is h² times third derivatives (some 1e3 px), rounding 1e-13 px / h.
        expect(Math.abs(values[column]! - difference)).toBeLessThan(1e-6 * (1 + Math.abs(difference)));
        largest = Math.max(largest, Math.abs(difference));
      });
      // No unknown is without effect: the least is a principal point's one pixel.
      expect(largest).toBeGreaterThan(0.9);
    }
  });

  it('tell what a photo cannot show: behind it, in its plane, beyond the fold of its lens', () => {
    const lens = { intrinsics: { fx: 1, fy: 1, cx: 0, cy: 0, width: 1, height: 1 }, k1: -1 / 3, k2: 0 };
    const camera = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] } as const;
    const isShown = (x: number, z: number): boolean => {
      const problem: BundleProblem = {
        lenses: [lens],
        photos: [
          { lens: 0, cameraFromWorld: { rotation: [...camera.rotation], translation: [...camera.translation] } },
        ],
        positions: [x, 0, z],
        observations: { photos: [0], points: [0], pixels: [0, 0] },
      };
      const { model, start } = prepareBundle(problem, { free: 'cameras' });
      return evaluateObservation(model, start, 0, 0, createObservationTerms(), true);
    };
    expect([isShown(0, -1), isShown(0.1, 0), isShown(0.1, 1)]).toEqual([false, false, true]);
    // r (1 − r² / 3) turns back where 1 − r² = 0.
    expect([isShown(0.999, 1), isShown(1.001, 1)]).toEqual([true, false]);
  });
});

describe('normal equations', () => {
  const priors = [{ focalPx: 650, focalSigma: 0.1, k1Sigma: 0.1, k2Sigma: 0.1, principalPointSigmaPx: 20 }, null];

  it('have the gradient of the cost, robust losses, weights, priors and ties included', () => {
    const random = createRandom(21);
    const count3 = variedProblem().positions.length;
    const normals = Float64Array.from({ length: count3 }, () => gauss(random));
    const sigmas = Float64Array.from({ length: count3 / 3 }, (_, i) => [0, 0.3, NaN, 2][i % 4]!);
    const ties = { normals, offsets: Float64Array.from(sigmas, () => gauss(random)), sigmas };
    const options = { ...EVERYTHING, lensPriors: priors, depthWeight: 3, huberTieSigmas: 1.5 };
    const prepared = prepareBundle({ ...variedProblem(), ties }, options);
    const { model, start } = prepared;
    const equations = createBundleEquations(model);
    const { count } = model.columns;
    const system = { matrix: new Float64Array(count * count), gradient: new Float64Array(count) };
    fillBundleEquations(model, start, equations);
    gatherCameraSystem(model, equations, start, prepared.priors, system);
    const gradient = [...system.gradient, ...equations.pointGradients];
    const terms = createObservationTerms();
    gradient.forEach((value, column) => {
      const h = 1e-6;
      const [above, below] = [h, -h].map((by) => bundleCost(prepared, moved(prepared, start, column, by), terms));
      const difference = (above! - below!) / (2 * h);
      expect(Math.abs(value - difference)).toBeLessThan(1e-5 * (10 + Math.abs(difference)));
    });
    expect(prepared.priors).toHaveLength(5);
  });

  it('are solved by the elimination of points as the whole system is', () => {
    const prepared = prepareBundle(variedProblem(), { ...EVERYTHING, lensPriors: priors });
    const { model, start } = prepared;
    const { columns, observations } = model;
    const equations = createBundleEquations(model);
    const { count } = columns;
    const system = { matrix: new Float64Array(count * count), gradient: new Float64Array(count) };
    fillBundleEquations(model, start, equations);
    gatherCameraSystem(model, equations, start, prepared.priors, system);
    const step = { columns: new Float64Array(count), points: new Float64Array(3 * observations.points.length) };
    const damping = 1e-3;
    const gain = solveBundleStep(model, equations, system, damping, createSchurWork(model), step);

    const { rows, size } = denseJacobian(prepared, start);
    const matrix = Array.from({ length: size }, () => new Float64Array(size));
    const right = new Float64Array(size);
    for (const { values, residual, weight } of rows) {
      for (let a = 0; a < size; a++) {
        right[a]! -= weight * values[a]! * residual;
        for (let b = 0; b < size; b++) matrix[a]![b]! += weight * values[a]! * values[b]!;
      }
    }
    for (const { column, inverseSigma, mean, parameter, lensAt } of prepared.priors) {
      const value = parameter === 0 ? Math.log(Math.sqrt(700 * 760)) : start.lenses[lensAt + parameter]!;
      matrix[column]![column]! += inverseSigma ** 2;
      right[column]! -= (value - mean) * inverseSigma ** 2;
    }
    const delta = [...step.columns, ...step.points];
    let model2 = 0;
    for (let a = 0; a < size; a++) {
      const undamped = matrix[a]!.reduce((sum, value, b) => sum + value * delta[b]!, 0);
      const scale = matrix[a]!.reduce((sum, value, b) => sum + Math.abs(value * delta[b]!), 0);
      expect(Math.abs(undamped + damping * matrix[a]![a]! * delta[a]! - right[a]!)).toBeLessThan(1e-8 * scale);
      model2 += delta[a]! * (right[a]! - 0.5 * undamped);
    }
    // The promised gain is that of the quadratic model: −gᵀδ − ½ δᵀNδ.
    expect(gain! / model2).toBeCloseTo(1, 8);
  });
});

describe('ties to planes', () => {
  const ties = { normals: [0, 0, 1, 0.6, 0.8, 0], offsets: [2, 1], sigmas: [0.5, 0] };

  it('cost what the distance in sigmas costs, and pull along the normal alone', () => {
    const terms = listTies(ties, 2, 1)!;
    // 0.25 above the plane z = 2: half a sigma, ½ · 0.25.
    const near = Float64Array.of(7, -3, 2.25, 9, 9, 9);
    expect(tieCost(terms, near, 0)).toBeCloseTo(0.125, 12);
    const block = { blocks: new Float64Array(12), gradients: new Float64Array(6), q: 1 };
    addTie(terms, near, 0, block);
    expect([...block.blocks.slice(6)]).toEqual([0, 0, 0, 0, 0, 4]);
    expect([...block.gradients]).toEqual([0, 0, 0, 0, 0, 1]);
    // 2 above: four sigmas, linear beyond one: 4 − ½.
    expect(tieCost(terms, Float64Array.of(0, 0, 4, 0, 0, 0), 0)).toBeCloseTo(3.5, 12);
    // No sigma is no tie.
    expect(tieCost(terms, near, 1)).toBe(0);
  });

  it('are none without a sigma or a finite plane, and must be as many as points', () => {
    expect(listTies(undefined, 2, 1)).toBeNull();
    expect(listTies({ normals: [0, NaN, 1], offsets: [0], sigmas: [1] }, 1, 1)).toBeNull();
    expect(listTies({ ...ties, sigmas: [NaN, -1] }, 2, 1)).toBeNull();
    expect(() => listTies(ties, 3, 1)).toThrow(ShapeError);
  });
});

describe("Huber's loss", () => {
  it('is square within the threshold, linear beyond, smooth between', () => {
    expect(huberLoss(0.25, 1)).toBe(0.125);
    // 2 · 5 − ½ · 4
    expect(huberLoss(25, 2)).toBe(8);
    expect(huberWeight(25, 2)).toBe(0.4);
    expect([huberWeight(4, 2), huberLoss(4, 2)]).toEqual([1, 2]);
    expect(huberLoss(1e6, Infinity)).toBe(5e5);
  });
});
