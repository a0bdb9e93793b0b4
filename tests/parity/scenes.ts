import { cameraCentre } from '../../engine/math/conventions.js';
import type { Camera } from '../../engine/scene/camera.js';
import type { Splats } from '../../engine/scene/splats.js';
import type {
  FlowPairs,
  LearningRates,
  LossWeights,
  RayAnchors,
  RenderOptions,
  TrainingTarget,
} from '../../engine/splatting/contract.js';
import { DEFAULT_DILATION, NO_ANCHOR } from '../../engine/splatting/contract.js';
import type { SplatRecipe } from '../fixtures/random-splats.js';
import {
  createAskewCamera,
  createNoise,
  createPlainCamera,
  createRandomSplats,
  DEFAULT_RECIPE,
} from '../fixtures/random-splats.js';
import { createHardCases } from '../gradients/hard-cases.js';

/** A scene and a view of it that a backend must render like the reference. */
export interface ParityCase {
  readonly name: string;
  readonly camera: Camera;
  readonly splats: Splats;
  readonly options: RenderOptions;
}

const BACKGROUND = [0.2, 0.9, 0.4] as const;

type CrowdRecipe = Pick<SplatRecipe, 'count' | 'seed' | 'sigmasPx' | 'opacities'>;

function createCrowd(name: string, width: number, height: number, shDegree: number, recipe: CrowdRecipe): ParityCase {
  const camera = createAskewCamera(width, height);
  const splats = createRandomSplats({ ...recipe, shDegree, camera, depths: [1, 20], spread: 1.3 });
  return { name, camera, splats, options: { background: BACKGROUND, shDegree, dilation: DEFAULT_DILATION } };
}

/** Depths of exactly 2, 3 or 4, so that many Gaussians tie: the lower index is in front. */
function createTies(): ParityCase {
  const camera = createPlainCamera(40, 24);
  const count = 200;
  const splats = createRandomSplats({
    ...DEFAULT_RECIPE,
    count,
    camera,
    seed: 37,
    sigmasPx: [2, 6],
    opacities: [0.3, 0.9],
  });
  for (let i = 0; i < count; i++) splats.means[i * 3 + 2] = 2 + (i % 3);
  return { name: 'ties of depth', camera, splats, options: { background: BACKGROUND, shDegree: 1, dilation: 0.3 } };
}

/**
 * Standard deviations from a ten-thousandth of a pixel to thousands, opacities from nothing to all. Axes differ by up to 5: the
 * determinant of a 2×2 covariance in float32 keeps no digit of a needle of thousands to one, see `describeBehaviour`.
 */
function createExtremes(): ParityCase {
  const sizes: Pick<CrowdRecipe, 'sigmasPx' | 'opacities'> = { sigmasPx: [1, 5], opacities: [0.1, 0.2] };
  const crowd = createCrowd('extreme sizes and opacities', 40, 30, 1, { count: 60, seed: 38, ...sizes });
  crowd.splats.logScales.forEach((logScale, k) => {
    crowd.splats.logScales[k] = logScale + Math.log(10) * ((Math.floor(k / 3) % 8) - 4);
  });
  crowd.splats.rawOpacities.forEach((_, i) => {
    crowd.splats.rawOpacities[i] = [-100, -20, -5, 0, 5, 20, 100][i % 7] as number;
  });
  return crowd;
}

/** The hard cases of the gradient tests, and crowds that fill several 16-pixel tiles, some of them partly. */
export function createParityCases(): ParityCase[] {
  const hard = createHardCases().map((hardCase): ParityCase => {
    const { name, camera, splats, shDegree, dilation } = hardCase;
    return { name, camera, splats, options: { background: BACKGROUND, shDegree, dilation } };
  });
  const small: Pick<CrowdRecipe, 'sigmasPx' | 'opacities'> = { sigmasPx: [0.3, 3], opacities: [0.05, 0.95] };
  return [
    ...hard,
    createCrowd('crowd, degree 0', 64, 48, 0, { count: 500, seed: 31, ...small }),
    createCrowd('crowd, degree 1, size not a multiple of the tile', 53, 37, 1, { count: 400, seed: 32, ...small }),
    createCrowd('crowd, degree 2', 40, 40, 2, { count: 300, seed: 33, ...small }),
    createCrowd('crowd, degree 3, large', 48, 64, 3, {
      count: 150,
      seed: 34,
      sigmasPx: [2, 15],
      opacities: [0.3, 0.99],
    }),
    createCrowd('opaque pile: every pixel stops early', 33, 31, 0, {
      count: 300,
      seed: 35,
      sigmasPx: [4, 10],
      opacities: [0.8, 0.999],
    }),
    createCrowd('a picture of one pixel', 1, 1, 0, { count: 8, seed: 39, ...small }),
    createCrowd('a picture of one row', 37, 1, 1, { count: 60, seed: 40, ...small }),
    createTies(),
    createExtremes(),
    createCrowd('nearly transparent', 48, 48, 0, { count: 400, seed: 36, sigmasPx: [1, 4], opacities: [0.001, 0.02] }),
  ];
}

/** What a training test starts from: a scene, two photos of it, anchors for half of it, matches. */
export interface TrainingCase {
  readonly splats: Splats;
  readonly targets: readonly [TrainingTarget, TrainingTarget];
  readonly anchors: RayAnchors;
  readonly flowPairs: FlowPairs;
  readonly options: RenderOptions;
}

function createTarget(camera: Camera, seed: number): TrainingTarget {
  const { width, height } = camera.intrinsics;
  const pixels = width * height;
  const tvWeights = createNoise(pixels * 2, seed + 3, 0, 1).map((value) => (value < 0.2 ? 0 : value));
  return {
    camera,
    color: createNoise(pixels * 3, seed, 0, 1),
    weights: createNoise(pixels, seed + 2, -0.3, 1).map((value) => Math.max(0, value)),
    tvWeights,
    priorInverseDepth: createNoise(pixels, seed + 4, -0.1, 0.8).map((value) => Math.max(0, value)),
    sensorDepth: createNoise(pixels * 2, seed + 5, -0.1, 0.8).map((value) => Math.max(0, value)),
  };
}

/** 120 Gaussians, most of them in sight of two cameras; the first 70 anchored to one of two places. `scale` multiplies the photos' sides. */
export function createTrainingCase(shDegree: number, scale = 1): TrainingCase {
  const [first, second] = [
    createAskewCamera(Math.round(41 * scale), Math.round(33 * scale)),
    createPlainCamera(Math.round(36 * scale), Math.round(34 * scale)),
  ];
  const camera: Camera = {
    ...second,
    cameraFromWorld: { ...first.cameraFromWorld, translation: [0.9, -0.5, 1.5] },
  };
  const count = 120;
  const splats = createRandomSplats({
    count,
    shDegree,
    seed: 51,
    camera: first,
    depths: [2, 6],
    sigmasPx: [1, 6],
    opacities: [0.2, 0.95],
    spread: 1.1,
  });
  const anchored = 70;
  const origins = [first, camera].flatMap((view) => cameraCentre(view.cameraFromWorld));
  return {
    splats,
    targets: [createTarget(first, 60), createTarget(camera, 70)],
    anchors: {
      viewIndices: Uint16Array.from({ length: count }, (_, i) => (i < anchored ? i % 2 : NO_ANCHOR)),
      imageCoords: createNoise(count * 2, 80, -0.1, 1.1),
      segments: Uint8Array.from({ length: count }, (_, i) => i % 3),
      origins: Float32Array.from(origins),
      segmentCount: 3,
      gridLevels: [
        { columns: 3, rows: 2 },
        { columns: 6, rows: 5 },
      ],
    },
    flowPairs: {
      first: Uint32Array.from([0, 1, 2, 100, 5, 110]),
      second: Uint32Array.from([3, 8, 101, 6, 9, 111]),
      weights: Float32Array.from([1, 0.5, 0.7, 1, 0, 0.9]),
    },
    options: { background: BACKGROUND, shDegree, dilation: DEFAULT_DILATION },
  };
}

export const ALL_LOSSES: LossWeights = {
  l1: 0.8,
  dssim: 0.2,
  depthTv: 0.3,
  depthPrior: 0.2,
  sensorDepth: 0.2,
  opacity: 0.01,
  scale: 0.02,
  needle: 0.05,
  ownDepth: 0.1,
  flow: 0.1,
};

export const RATES: LearningRates = {
  means: 2e-3,
  ownDepth: 3e-3,
  rayField: 2e-3,
  quats: 2e-3,
  logScales: 5e-3,
  rawOpacities: 2e-2,
  shDc: 1e-2,
  shRest: 2e-3,
};
