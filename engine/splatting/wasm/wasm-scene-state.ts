/** Which arrays a saved scene of the WASM backend has: the buffers of wasm-layout.ts that outlive a step. */
import { BUFFER } from './wasm-layout.js';

const PARAMETER_KINDS = 6;

/** Buffers of floats that `readSplats` does not give, by the name under which they are saved. */
export const SAVED_BUFFERS: Readonly<Record<string, number>> = {
  ownDepth: BUFFER.ownDepth,
  ...Object.fromEntries(
    ['means', 'quats', 'logScales', 'rawOpacities', 'shCoeffs', 'ownDepth'].flatMap((kind, k) => [
      [`first.${kind}`, PARAMETER_KINDS + k],
      [`second.${kind}`, 2 * PARAMETER_KINDS + k],
    ]),
  ),
  maxWeights: BUFFER.maxWeight,
  gradMeans2d: BUFFER.gradMean2d,
  visibleSteps: BUFFER.visibleSteps,
  errorWeights: BUFFER.errorWeight,
};

/** Further ones, of scenes with ray anchors. */
export const SAVED_ANCHOR_BUFFERS: Readonly<Record<string, number>> = {
  rayBase: BUFFER.rayBase,
  rayOrigin: BUFFER.rayOrigin,
  imageCoords: BUFFER.imageCoord,
};
