/** Every number that steers initialisation and optimisation, in one table; `npm run bench:ablation` switches each off in turn. */
import type { LearningRates, LossWeights } from '../splatting/contract.js';
import type { InitialiseOptions } from './initialise.js';

/**
 * How positions are learnt. 'free': anywhere. 'rays': along the photo's ray only, by a smooth field (`gridLevels`) and each
 * Gaussian's own depth. 'decoder': along the ray, by CoherentGS's convolutional decoder of residual depth and opacity.
 */
export const MOTIONS = ['free', 'rays', 'decoder'] as const;
export type Motion = (typeof MOTIONS)[number];

/** What of the photos themselves is learnt beside the scene, and how fast; see refinement/view-refinement.ts. */
export interface RefinementPreset {
  /** Each photo's camera and one factor on all focal lengths. */
  readonly cameras: boolean;
  /** Each photo's own colours. */
  readonly exposure: boolean;
  /** Iteration share from which they learn: the scene must have taken shape first. */
  readonly from: number;
  /** Radians a step. */
  readonly rotationRate: number;
  /** Median depths of the scene a step. */
  readonly translationRate: number;
  /** Of the focal lengths' logarithm. */
  readonly focalRate: number;
  /** Of a colour transform's numbers. */
  readonly exposureRate: number;
  /** Of Σ (number − identity)² in a photo's loss. */
  readonly exposureWeight: number;
  /** Channels may mix; else a gain and an offset each. */
  readonly exposureMixes: boolean;
}

export interface TrainingPreset {
  readonly iterations: number;
  /** With many photos, at least this many iterations for each. */
  readonly iterationsPerPhoto: number;
  /** Share of the iterations, from the start, that see photos at half size. */
  readonly halfSizeShare: number;
  readonly losses: LossWeights;
  /** At the first iteration; `means` in units of the scene's median depth. */
  readonly learningRates: LearningRates;
  /** Every learning rate falls exponentially to this share of itself at the last iteration. */
  readonly finalRateShare: number;
  /** With up to DROPOUT_FULL_PHOTOS photos; falls inversely with their number beyond. */
  readonly dropoutProbability: number;
  /** Iteration share from which Gaussians are dropped. */
  readonly dropoutFrom: number;
  readonly opacityDecay: number;
  readonly motion: Motion;
  /** The field of 'rays', coarse to fine; the other motions ignore it. */
  readonly gridLevels: readonly { readonly columns: number; readonly rows: number }[];
  /** Gaussians are split where the residual asks for it, at these shares of the iterations. */
  readonly densifyAt: readonly number[];
  /** Share of Gaussians split at each of them. */
  readonly densifyShare: number;
  readonly pruneOpacity: number;
  /** Rates fall as the others do. */
  readonly refinement: RefinementPreset;
}

export type PresetName = 'draft' | 'standard' | 'high';

export interface Preset {
  readonly initialise: InitialiseOptions;
  readonly training: TrainingPreset;
}

const INITIALISE: InitialiseOptions = {
  shDegree: 0,
  footprint: 0.5,
  opacity: 0.6,
  extensionOpacity: 0.8,
  hiddenPx: 80,
  borderPx: 60,
  stepRatio: 1.06,
  extensionBlockPx: 4,
  largestBlockPx: 4,
  colorTolerance: 0.05,
  mergeDepth: 0.04,
  mergeColor: 0.5,
  carveDepth: 0.03,
};

const TRAINING: TrainingPreset = {
  iterations: 400,
  iterationsPerPhoto: 80,
  halfSizeShare: 0,
  losses: {
    l1: 0.8,
    dssim: 0.2,
    depthTv: 0,
    depthPrior: 0,
    sensorDepth: 0,
    opacity: 0,
    scale: 0,
    needle: 0.01,
    ownDepth: 0,
    flow: 0,
  },
  learningRates: {
    means: 3e-4,
    ownDepth: 1e-3,
    rayField: 2e-3,
    quats: 3e-2,
    logScales: 1e-1,
    rawOpacities: 5e-2,
    shDc: 2.5e-3,
    shRest: 1.25e-4,
  },
  finalRateShare: 0.1,
  dropoutProbability: 0.35,
  dropoutFrom: 0,
  opacityDecay: 1,
  motion: 'free',
  gridLevels: [
    { columns: 8, rows: 6 },
    { columns: 32, rows: 24 },
  ],
  densifyAt: [],
  densifyShare: 0.1,
  pruneOpacity: 0.02,
  refinement: {
    cameras: false,
    exposure: false,
    from: 0.05,
    rotationRate: 2e-4,
    translationRate: 2e-4,
    focalRate: 1e-4,
    exposureRate: 2e-3,
    exposureWeight: 0.1,
    exposureMixes: false,
  },
};

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  draft: { initialise: INITIALISE, training: { ...TRAINING, iterations: 120, iterationsPerPhoto: 15 } },
  standard: { initialise: INITIALISE, training: TRAINING },
  high: { initialise: INITIALISE, training: { ...TRAINING, iterations: 1200, iterationsPerPhoto: 120 } },
};

/** Steps of {@link fitAppearanceOnly}: a few seconds, after which a picture can be shown. */
export const APPEARANCE_STEPS = 40;

/** A preset that fits colours, opacities and sizes to the photos while every Gaussian stays where initialisation placed it. */
export function fitAppearanceOnly(preset: Preset): Preset {
  const { training } = preset;
  return {
    ...preset,
    training: {
      ...training,
      motion: 'free',
      learningRates: { ...training.learningRates, means: 0, quats: 0, ownDepth: 0, rayField: 0, shDc: 1e-2 },
      dropoutProbability: Math.min(training.dropoutProbability, 0.2),
      densifyAt: [],
      refinement: { ...training.refinement, cameras: false, exposure: false },
    },
  };
}
