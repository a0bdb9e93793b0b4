import { describe, expect, it } from 'vitest';
import { computeSsim } from '../../engine/metrics/ssim.js';
import type { Images } from '../../engine/splatting/reference/images.js';
import { zeroImages } from '../../engine/splatting/reference/images.js';
import { depthPriorLoss, depthTvLoss, sensorDepthLoss } from '../../engine/splatting/reference/losses/depth-losses.js';
import { dssimLoss } from '../../engine/splatting/reference/losses/dssim.js';
import type { ImageLoss, TargetImages } from '../../engine/splatting/reference/losses/image-loss.js';
import { l1Loss } from '../../engine/splatting/reference/losses/l1.js';
import type { Agreement } from '../fixtures/compare-arrays.js';
import { assertArraysAgree } from '../fixtures/compare-arrays.js';
import { createNoise } from '../fixtures/random-splats.js';
import { differentiate } from './central-differences.js';

const [WIDTH, HEIGHT] = [9, 7];
const PIXELS = WIDTH * HEIGHT;
const AGREEMENT: Agreement = { absolute: 1e-9, relative: 1e-6, magnitude: 1e-7, direction: 1e-12, bias: 1e-7 };

const noise = (length: number, seed: number, low: number, high: number): Float64Array =>
  Float64Array.from(createNoise(length, seed, low, high));

/** Alpha on both sides of the depth losses' threshold, depth sums of a scene some units away. */
function createRendered(): Images {
  const alpha = noise(PIXELS, 2, 0.2, 1);
  const perPixel = noise(PIXELS, 3, 1, 6);
  return {
    width: WIDTH,
    height: HEIGHT,
    color: noise(PIXELS * 3, 1, -0.1, 1.2),
    depth: alpha.map((value, p) => value * (perPixel[p] as number)),
    alpha,
  };
}

function createTarget(masked: boolean): TargetImages {
  return {
    width: WIDTH,
    height: HEIGHT,
    color: noise(PIXELS * 3, 4, 0, 1),
    weights: masked ? noise(PIXELS, 5, -0.5, 1).map((value) => Math.max(0, value)) : new Float64Array(PIXELS).fill(1),
    tvWeights: noise(PIXELS * 2, 6, 0, 1),
    priorInverseDepth: noise(PIXELS, 7, -0.2, 1).map((value) => Math.max(0, value)),
    sensorDepth: noise(PIXELS * 2, 8, -0.2, 1).map((value) => Math.max(0, value)),
  };
}

const LOSSES: [string, ImageLoss, (keyof Images & ('color' | 'depth' | 'alpha'))[]][] = [
  ['l1', l1Loss, ['color']],
  ['dssim', dssimLoss, ['color']],
  ['depthTv', depthTvLoss, ['depth', 'alpha']],
  ['depthPrior', depthPriorLoss, ['depth', 'alpha']],
  ['sensorDepth', sensorDepthLoss, ['depth', 'alpha']],
];

describe.each(LOSSES)('gradient of the image loss %s', (_, loss, images) => {
  it.each([false, true])('agrees with central differences (masked: %s)', (masked) => {
    const rendered = createRendered();
    const target = createTarget(masked);
    const gradients = zeroImages(WIDTH, HEIGHT);
    const value = loss(rendered, target, 0.7, gradients);
    expect(value).toBeGreaterThan(0.01);
    for (const image of ['color', 'depth', 'alpha'] as const) {
      const expected = differentiate(
        rendered[image],
        () => 0.7 * loss(rendered, target, 0, zeroImages(WIDTH, HEIGHT)),
        1e-5,
      );
      expect(expected.some((derivative) => Math.abs(derivative) > 1e-6)).toBe(images.includes(image));
      assertArraysAgree(image, gradients[image], expected, AGREEMENT);
    }
  });

  it('adds to the gradients that are there', () => {
    const target = createTarget(true);
    const [once, twice] = [zeroImages(WIDTH, HEIGHT), zeroImages(WIDTH, HEIGHT)];
    loss(createRendered(), target, 1, once);
    loss(createRendered(), target, 0.5, twice);
    loss(createRendered(), target, 0.5, twice);
    for (const image of images) assertArraysAgree(image, twice[image], once[image], AGREEMENT);
  });
});

describe('image losses by hand', () => {
  const tiny = (
    width: number,
    height: number,
    parts: { color?: number[]; photo?: number[]; depth?: number[]; alpha?: number[] } & Partial<
      Pick<TargetImages, 'weights' | 'tvWeights' | 'priorInverseDepth' | 'sensorDepth'>
    >,
  ): [Images, TargetImages] => {
    const pixels = width * height;
    const rendered: Images = {
      width,
      height,
      color: Float64Array.from(parts.color ?? new Array<number>(pixels * 3).fill(0)),
      depth: Float64Array.from(parts.depth ?? new Array<number>(pixels).fill(0)),
      alpha: Float64Array.from(parts.alpha ?? new Array<number>(pixels).fill(0)),
    };
    const target: TargetImages = {
      width,
      height,
      color: Float64Array.from(parts.photo ?? new Array<number>(pixels * 3).fill(0)),
      weights: parts.weights ?? new Float64Array(pixels).fill(1),
      tvWeights: parts.tvWeights ?? null,
      priorInverseDepth: parts.priorInverseDepth ?? null,
      sensorDepth: parts.sensorDepth ?? null,
    };
    return [rendered, target];
  };
  const valueOf = (loss: ImageLoss, [rendered, target]: [Images, TargetImages]): number =>
    loss(rendered, target, 0, zeroImages(target.width, target.height));

  it('l1: weighted mean of absolute differences', () => {
    const color = [1, 0, 0.5, 0.2, 0.2, 0.2];
    const photo = [0, 1, 0.5, 0.3, 0, 0.2];
    // (2 · weight 1 + 0.3 · weight 0.5) / (3 · 1.5)
    const target = tiny(2, 1, { color, photo, weights: Float64Array.of(1, 0.5) });
    expect(valueOf(l1Loss, target)).toBeCloseTo(2.15 / 4.5, 14);
  });

  it('dssim: 0 for equal images, and 1 − the SSIM metric for masks of 0 and 1', () => {
    const color = Array.from(noise(PIXELS * 3, 1, 0, 1));
    const photo = Array.from(noise(PIXELS * 3, 4, 0, 1));
    expect(valueOf(dssimLoss, tiny(WIDTH, HEIGHT, { color, photo: color }))).toBeCloseTo(0, 12);
    const weights = noise(PIXELS, 9, 0, 1).map((value) => (value < 0.3 ? 0 : 1));
    const dssim = valueOf(dssimLoss, tiny(WIDTH, HEIGHT, { color, photo, weights }));
    expect(dssim).toBeCloseTo(1 - computeSsim(color, photo, WIDTH, HEIGHT, weights), 12);
  });

  it('a photo without weight costs nothing', () => {
    const masked = tiny(2, 1, { color: [1, 1, 1, 1, 1, 1], weights: new Float64Array(2) });
    expect(valueOf(l1Loss, masked)).toBe(0);
    expect(valueOf(dssimLoss, masked)).toBe(0);
  });

  it('depthTv: differences of alpha / depth to the right and below, opaque pixels only', () => {
    // δ = 1/2, 1/4, (too transparent), 1/5; pairs: right (0,1) weight 1; below (0,2) and right (2,3) invalid; below (1,3) weight 3.
    const images = tiny(2, 2, {
      alpha: [1, 1, 0.5, 0.8],
      depth: [2, 4, 1, 4],
      tvWeights: Float64Array.of(1, 10, 20, 3, 30, 40, 50, 60),
    });
    expect(valueOf(depthTvLoss, images)).toBeCloseTo((0.25 * 1 + 0.05 * 3) / 4, 14);
    expect(valueOf(depthTvLoss, tiny(2, 2, { alpha: [1, 1, 1, 1], depth: [1, 2, 3, 4] }))).toBe(0);
  });

  it('depthPrior: |log of the ratio|, where both exist, over all pixels', () => {
    const images = tiny(2, 2, {
      alpha: [0.8, 1, 0.4, 1],
      depth: [1.6, 3, 9, 5],
      priorInverseDepth: Float64Array.of(1, 1 / 3, 1, 0),
    });
    expect(valueOf(depthPriorLoss, images)).toBeCloseTo(Math.log(2) / 4, 14);
  });

  it('sensorDepth: squares of small logarithms, large ones by themselves, weighted; what is too transparent counts 0', () => {
    const images = tiny(2, 2, {
      alpha: [0.5 + 1e-9, 1, 0.4, 1],
      depth: [1 + 2e-9, 3 * Math.exp(-0.01), 9, 5],
      // Twice as far as measured; 1 % nearer; too transparent; nothing measured.
      sensorDepth: Float64Array.of(1, 0.5, 1 / 3, 1, 1, 0.5, 0, 1),
    });
    // s = 0.02: 0.5 (log 2 − s / 2) + 1 · 0.01² / (2 s), over weights 0.5 + 1 + 0.5
    expect(valueOf(sensorDepthLoss, images)).toBeCloseTo((0.5 * (Math.log(2) - 0.01) + 0.0001 / 0.04) / 2, 9);
    expect(valueOf(sensorDepthLoss, tiny(2, 1, { alpha: [1, 1], depth: [1, 1] }))).toBe(0);
    const none = tiny(1, 1, { alpha: [1], depth: [1], sensorDepth: Float64Array.of(0, 1) });
    expect(valueOf(sensorDepthLoss, none)).toBe(0);
  });
});
