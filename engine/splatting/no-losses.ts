/** Where a step that asks for some losses, or lets some parameters learn, begins: with none of them. */
import type { LearningRates, LossWeights } from './contract.js';

export const NO_LOSSES: LossWeights = {
  l1: 0,
  dssim: 0,
  depthTv: 0,
  depthPrior: 0,
  sensorDepth: 0,
  opacity: 0,
  scale: 0,
  needle: 0,
  ownDepth: 0,
  flow: 0,
};

export const NO_LEARNING: LearningRates = {
  means: 0,
  ownDepth: 0,
  rayField: 0,
  quats: 0,
  logScales: 0,
  rawOpacities: 0,
  shDc: 0,
  shRest: 0,
};
