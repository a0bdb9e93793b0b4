import { describe, expect, it } from 'vitest';
import { anchorsOfPixels } from '../../engine/training/decoder/anchor-sampling.js';
import { createResidualDecoder } from '../../engine/training/decoder/residual-decoder.js';
import { stepWithDecoder } from '../../engine/training/decoder/step-with-decoder.js';
import { createSplats } from '../../engine/scene/splats.js';
import type { RayAnchors } from '../../engine/splatting/contract.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { NO_LEARNING, NO_LOSSES } from '../../engine/splatting/no-losses.js';
import { loadTensorFlow } from '../../host/tensorflow.js';
import { createPlainCamera } from '../fixtures/random-splats.js';

const WIDTH = 12;
const HEIGHT = 9;
const DEPTH = 2;

describe('stepWithDecoder', () => {
  it('pulls a photo’s Gaussians to the depths that a loss asks for, one for each depth segment', async () => {
    const { tf } = await loadTensorFlow({ backend: 'wasm' });
    const camera = createPlainCamera(WIDTH, HEIGHT);
    const { fx, fy, cx, cy } = camera.intrinsics;
    const segments = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i % WIDTH < WIDTH / 2 ? 0 : 1));
    const places = anchorsOfPixels([segments], WIDTH, HEIGHT);
    const splats = createSplats(WIDTH * HEIGHT, 0);
    for (let i = 0; i < splats.count; i++) {
      const [u, v] = [(i % WIDTH) + 0.5, Math.floor(i / WIDTH) + 0.5];
      splats.means.set([((u - cx) / fx) * DEPTH, ((v - cy) / fy) * DEPTH, DEPTH], 3 * i);
    }
    splats.logScales.fill(Math.log((0.4 * DEPTH) / fx));
    splats.rawOpacities.fill(2);
    const anchors: RayAnchors = { ...places, origins: new Float32Array(3), segmentCount: 2, gridLevels: [] };
    const backend = createReferenceBackend();
    const scene = await backend.createScene(splats, anchors);
    // Left half 8 % nearer, right half 8 % farther than the Gaussians are.
    const factor = (i: number): number => (segments[i] === 0 ? Math.exp(-0.08) : Math.exp(0.08));
    const target = await backend.createTarget({
      camera,
      color: new Float32Array(WIDTH * HEIGHT * 3),
      weights: null,
      tvWeights: null,
      priorInverseDepth: Float32Array.from(segments, (_, i) => 1 / (DEPTH * factor(i))),
    });
    const rates = { low: 1e-3, high: 1e-2, halfPeriod: 20 };
    const decoder = createResidualDecoder(
      tf,
      {
        viewCount: 1,
        width: WIDTH,
        height: HEIGHT,
        segmentCount: 2,
        outputScaleDivisor: 2,
        depth: { widthMultiplier: 1, limit: 0.35, learningRate: rates },
        opacity: null,
        seed: 3,
      },
      places,
    );
    const losses: number[] = [];
    for (let iteration = 1; iteration <= 50; iteration++) {
      const report = await stepWithDecoder(backend, scene, decoder, {
        iteration,
        target,
        render: { background: [0, 0, 0], shDegree: 0, dilation: 0.3 },
        losses: { ...NO_LOSSES, depthPrior: 1 },
        // Must be ignored: the decoder drives.
        learningRates: { ...NO_LEARNING, ownDepth: 1 },
        dropout: { probability: 0, seed: 0 },
        opacityDecay: 1,
        activeGridLevels: 0,
      });
      losses.push(report.loss);
    }
    expect(losses[0]).toBeGreaterThan(0.05);
    expect(Math.min(...losses.slice(-10))).toBeLessThan(0.25 * (losses[0] as number));
    const { means } = await backend.readSplats(scene);
    const meanDepth = (segment: number): number => {
      const depths = [...segments.keys()].filter((i) => segments[i] === segment).map((i) => means[3 * i + 2] as number);
      return depths.reduce((sum, z) => sum + z, 0) / depths.length;
    };
    expect(meanDepth(0) / DEPTH).toBeLessThan(0.96);
    expect(meanDepth(1) / DEPTH).toBeGreaterThan(1.04);
    decoder.dispose();
    await backend.dispose();
  });
});
