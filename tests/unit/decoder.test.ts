import * as core from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdamW, cyclicLearningRate } from '../../engine/training/decoder/adam-w.js';
import { anchorsOfPixels, sampleAtAnchors, scatterFromAnchors } from '../../engine/training/decoder/anchor-sampling.js';
import { ConvDecoder } from '../../engine/training/decoder/conv-decoder.js';
import {
  countMultiplyAdds,
  countParameters,
  encodeViews,
  planDecoderLayers,
} from '../../engine/training/decoder/decoder-shape.js';
import { createGaussianRandom } from '../../engine/training/decoder/gaussian-random.js';
import { foldReflectPad, reflectPad } from '../../engine/training/decoder/reflect-pad.js';
import type { ResidualDecoderOptions } from '../../engine/training/decoder/residual-decoder.js';
import { createResidualDecoder } from '../../engine/training/decoder/residual-decoder.js';
import type { TensorFlow } from '../../engine/training/decoder/tensorflow.js';
import { NO_ANCHOR } from '../../engine/splatting/contract.js';
import { loadTensorFlow } from '../../host/tensorflow.js';

let tf: TensorFlow;

beforeAll(async () => {
  await loadTensorFlow({ backend: 'cpu' });
  tf = (await loadTensorFlow({ backend: 'wasm' })).tf;
});

function randomArray(length: number, seed: number): Float32Array {
  const draw = createGaussianRandom(seed);
  return Float32Array.from({ length }, () => draw());
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs((actual[i] as number) - (expected[i] as number))).toBeLessThan(tolerance);
  }
}

describe('decoder shape', () => {
  it('has the published sizes, parameters and cost for three views of 504×378', () => {
    const shape = { viewCount: 3, width: 504, height: 378, segmentCount: 5 };
    const depth = planDecoderLayers({ ...shape, widthMultiplier: 15 });
    expect(depth.slice(0, 8).map(({ height, width }) => `${height}x${width}`)).toEqual([
      '2x3',
      '5x7',
      '11x15',
      '23x31',
      '47x63',
      '94x126',
      '189x252',
      '378x504',
    ]);
    expect(depth.map(({ channelsOut }) => channelsOut)).toEqual([240, 240, 240, 120, 120, 120, 60, 60, 5]);
    expect(countParameters(depth) / 1e6).toBeCloseTo(1.67, 2);
    expect(countMultiplyAdds(depth) / 1e9).toBeCloseTo(12.0, 1);
    const opacity = planDecoderLayers({ ...shape, widthMultiplier: 10 });
    expect(countParameters(opacity) / 1e6).toBeCloseTo(0.74, 2);
    expect(countMultiplyAdds(opacity) / 1e9).toBeCloseTo(5.4, 1);
  });

  it('encodes a single view, and the ends of several, without dividing by zero', () => {
    expect([...encodeViews(1)]).toEqual(Array.from({ length: 10 }, () => [0, 1]).flat());
    const three = encodeViews(3);
    expect(three[20]).toBeCloseTo(Math.sin(0.5), 6);
    expect(three[20 + 18]).toBeCloseTo(Math.sin(512 * 0.5), 6);
    expect(three[41]).toBeCloseTo(Math.cos(1), 6);
  });
});

describe('optimiser', () => {
  it('takes the first AdamW step that algebra gives', () => {
    // First step: m̂ / √v̂ = sign(g); then weights shrink by lr · 0.01.
    const optimizer = new AdamW(new Float32Array([1, -2, 3]));
    optimizer.step(new Float32Array([0.5, 4, NaN]), 0.1);
    expectClose(optimizer.weights, [1 - 0.1 - 0.001, -2 - 0.1 + 0.002, 3 - 0.003], 1e-6);
  });

  it('follows triangles whose height halves', () => {
    const rate = { low: 1, high: 9, halfPeriod: 4 };
    const values = [0, 2, 4, 6, 8, 12, 16, 20].map((step) => cyclicLearningRate(rate, step));
    expect(values).toEqual([1, 5, 9, 5, 1, 5, 1, 3]);
  });
});

describe('anchor sampling', () => {
  const size = { views: 2, height: 2, width: 3, channels: 2 };
  const places = {
    viewIndices: Uint16Array.from([0, 1, NO_ANCHOR, 1]),
    imageCoords: Float32Array.from([0.5, 0.5, 1 / 3, 0.25, 0.5, 0.5, -0.2, 1.3]),
    segments: Uint8Array.from([0, 1, 0, 0]),
  };

  it('reads the own channel bilinearly, borders repeated, and 0 without a ray', () => {
    const maps = Float32Array.from({ length: 24 }, (_, i) => i);
    // (0) centre of view 0: mean of its middle column's channel 0, indices 2 and 8.
    // (1) view 1, x = 0.5 of pixels, row 0: between indices 13 and 15.  (3) lower left corner of view 1: index 18.
    expect([...sampleAtAnchors(maps, size, places)]).toEqual([5, 14, 0, 18]);
  });

  it('carries gradients back by the transpose', () => {
    const maps = randomArray(24, 1);
    const values = randomArray(4, 2);
    expect(dot(sampleAtAnchors(maps, size, places), values)).toBeCloseTo(
      dot(maps, scatterFromAnchors(values, size, places)),
      5,
    );
  });
});

describe('reflection padding', () => {
  it.each([
    [1, 1],
    [1, 4],
    [2, 2],
    [2, 3],
    [3, 5],
  ])('folds %i×%i back by the transpose', async (height, width) => {
    const shape = [2, height, width, 3];
    const x = randomArray(2 * height * width * 3, 3);
    const y = randomArray(2 * (height + 2) * (width + 2) * 3, 4);
    const padded = await reflectPad(tf, tf.tensor(x, shape)).data();
    const folded = await foldReflectPad(tf, tf.tensor(y, [2, height + 2, width + 2, 3])).data();
    expect(dot(padded, y)).toBeCloseTo(dot(x, folded), 4);
  });
});

describe('WASM kernels', () => {
  const cases: { x: number[]; filter: number[]; dy: number[]; pad: string }[] = [
    { x: [2, 5, 6, 3], filter: [3, 3, 3, 4], dy: [2, 3, 4, 4], pad: 'valid' },
    { x: [1, 7, 4, 2], filter: [1, 1, 2, 5], dy: [1, 7, 4, 5], pad: 'valid' },
    { x: [2, 5, 6, 3], filter: [3, 3, 3, 2], dy: [2, 5, 6, 2], pad: 'same' },
    // More pixels than one chunk of the sum.
    { x: [2, 60, 70, 2], filter: [3, 3, 2, 3], dy: [2, 58, 68, 3], pad: 'valid' },
  ];

  it.each(cases)('give the CPU backend’s filter gradient for $x, $filter, $pad', async ({ x, filter, dy, pad }) => {
    const fill = (shape: number[], seed: number): core.Tensor =>
      core.tensor(
        randomArray(
          shape.reduce((a, b) => a * b),
          seed,
        ),
        shape,
      );
    const gradientOn = async (backend: string): Promise<Float32Array> => {
      await core.setBackend(backend);
      const inputs = { x: fill(x, 5), dy: fill(dy, 6) };
      const attributes = { strides: [1, 1], pad, dataFormat: 'NHWC', filterShape: filter };
      const gradient = core.engine().runKernel<core.Tensor>('Conv2DBackpropFilter', inputs, attributes);
      return await gradient.data<'float32'>();
    };
    const expected = await gradientOn('cpu');
    const actual = await gradientOn('wasm');
    const scale = Math.max(...expected.map(Math.abs));
    expectClose(actual, expected, 2e-5 * scale);
  });

  it('give the filter gradient that central differences give', async () => {
    const x = randomArray(2 * 4 * 5 * 2, 7);
    const w = randomArray(3 * 3 * 2 * 2, 8);
    const g = randomArray(2 * 2 * 3 * 2, 9);
    // ⟨g, conv2d(x, w)⟩ is linear in w: differences of step 1 are exact to rounding.
    const value = (weights: Float32Array): number =>
      core.tidy(() => {
        const output = core.conv2d(core.tensor4d(x, [2, 4, 5, 2]), core.tensor4d(weights, [3, 3, 2, 2]), 1, 'valid');
        return dot(output.dataSync(), g);
      });
    const gradient = tf
      .engine()
      .runKernel(
        'Conv2DBackpropFilter',
        { x: tf.tensor(x, [2, 4, 5, 2]), dy: tf.tensor(g, [2, 2, 3, 2]) },
        { strides: [1, 1], pad: 'valid', dataFormat: 'NHWC', filterShape: [3, 3, 2, 2] },
      ) as { data(): Promise<Float32Array> };
    const differences = w.map((_, i) => {
      const moved = (by: number): Float32Array => w.map((weight, j) => (j === i ? weight + by : weight));
      return (value(moved(1)) - value(moved(-1))) / 2;
    });
    expectClose(await gradient.data(), differences, 1e-4);
  });

  it('slice as the CPU backend does', async () => {
    const values = randomArray(3 * 4 * 5 * 2, 10);
    const windows: [number[], number[]][] = [
      [
        [0, 0, 0, 0],
        [3, 4, 5, 2],
      ],
      [
        [1, 0, 0, 0],
        [2, 4, 5, 2],
      ],
      [
        [0, 1, 2, 0],
        [3, 2, 3, 2],
      ],
      [
        [2, 3, 4, 1],
        [1, 1, 1, 1],
      ],
      [
        [0, 0, 1, 1],
        [-1, 2, -1, 1],
      ],
      [
        [0, 0, 0, 0],
        [3, 0, 5, 2],
      ],
    ];
    for (const [begin, size] of windows) {
      const sliceOn = async (backend: string): Promise<number[]> => {
        await core.setBackend(backend);
        return [...core.slice(core.tensor4d(values, [3, 4, 5, 2]), begin, size).dataSync()];
      };
      const expected = await sliceOn('cpu');
      expect(await sliceOn('wasm')).toEqual(expected);
    }
  });
});

describe('ConvDecoder', () => {
  it('has the gradient that central differences give, for weights of every layer', async () => {
    const shape = { viewCount: 2, height: 6, width: 9, segmentCount: 2, widthMultiplier: 0.25 };
    const decoder = new ConvDecoder(tf, shape, createGaussianRandom(11));
    // The last layer starts at zero, which would hide all others.
    const draw = createGaussianRandom(12);
    for (let i = 0; i < decoder.weights.length; i++) if (decoder.weights[i] === 0) decoder.weights[i] = 0.3 * draw();
    const upstream = randomArray(2 * 6 * 9 * 2, 13);
    decoder.uploadWeights();
    await decoder.forward();
    const gradient = await decoder.backward(upstream);
    const value = async (): Promise<number> => {
      decoder.uploadWeights();
      return dot(await decoder.forward(), upstream);
    };
    const differences: number[] = [];
    const analytic: number[] = [];
    for (let i = 0; i < decoder.weights.length; i += 7) {
      const weight = decoder.weights[i] as number;
      const h = 1e-2;
      decoder.weights[i] = weight + h;
      const up = await value();
      decoder.weights[i] = weight - h;
      const down = await value();
      decoder.weights[i] = weight;
      differences.push((up - down) / (2 * h));
      analytic.push(gradient[i] as number);
    }
    // Direction and size as a whole; single entries may sit on a leaky ReLU's bend.
    const lengths = [dot(analytic, analytic), dot(differences, differences)].map(Math.sqrt) as [number, number];
    expect(lengths[0]).toBeGreaterThan(1);
    expect(dot(analytic, differences) / (lengths[0] * lengths[1])).toBeGreaterThan(0.9995);
    expect(lengths[0] / lengths[1]).toBeCloseTo(1, 2);
    decoder.dispose();
  });
});

describe('createResidualDecoder', () => {
  const WIDTH = 36;
  const HEIGHT = 24;
  const segments = [0, 1].map((view) =>
    Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH < 12 + 6 * view ? 0 : 1)),
  );
  const anchors = anchorsOfPixels(segments, WIDTH, HEIGHT);
  const options: ResidualDecoderOptions = {
    viewCount: 2,
    width: WIDTH,
    height: HEIGHT,
    segmentCount: 2,
    outputScaleDivisor: 2,
    depth: { widthMultiplier: 1, limit: 0.35, learningRate: { low: 1e-3, high: 1e-2, halfPeriod: 40 } },
    opacity: { widthMultiplier: 0.5, limit: 4, learningRate: { low: 1e-3, high: 1e-2, halfPeriod: 40 } },
    seed: 5,
  };
  /** Smooth within a segment, a step between segments, different in the two views. */
  const target = Float32Array.from(anchors.viewIndices, (view, i) => {
    const x = anchors.imageCoords[2 * i] as number;
    const y = anchors.imageCoords[2 * i + 1] as number;
    return (anchors.segments[i] === 0 ? 0.12 : -0.1) + 0.05 * Math.sin(3 * x + 2 * y + view);
  });

  async function fit(steps: number): Promise<{ ownDepth: Float32Array; tensors: number[] }> {
    const decoder = createResidualDecoder(tf, options, anchors);
    const tensors: number[] = [];
    for (let step = 0; step < steps; step++) {
      const { ownDepth, rawOpacities } = await decoder.forward();
      if (step === 0)
        expect(ownDepth.every((value) => value === 0) && rawOpacities.every((value) => value === 0)).toBe(true);
      const gradOwnDepth = ownDepth.map((value, i) => (value - (target[i] as number)) / target.length);
      await decoder.backward({ gradOwnDepth, gradRawOpacities: rawOpacities.map(() => 1 / target.length) });
      tensors.push(tf.memory().numTensors);
    }
    const { ownDepth, rawOpacities } = await decoder.forward();
    // A constant push towards transparency has to arrive.
    if (steps > 10)
      expect(rawOpacities.reduce((sum, value) => sum + value, 0) / rawOpacities.length).toBeLessThan(-0.5);
    decoder.dispose();
    return { ownDepth, tensors };
  }

  it('fits a smooth residual with a step at the segments’ border, without leaking tensors', async () => {
    const before = tf.memory().numTensors;
    const { ownDepth, tensors } = await fit(120);
    const error = Math.sqrt(
      ownDepth.reduce((sum, value, i) => sum + (value - (target[i] as number)) ** 2, 0) / target.length,
    );
    const size = Math.sqrt(dot(target, target) / target.length);
    expect(error).toBeLessThan(0.15 * size);
    expect(new Set(tensors).size).toBe(1);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives the same numbers for the same seed', async () => {
    const [a, b] = [await fit(4), await fit(4)];
    expect([...a.ownDepth]).toEqual([...b.ownDepth]);
  });
});
