import type { Vec3 } from '../../math/rigid-transform.js';
import { ShapeError } from '../../scene/errors.js';
import type { Splats } from '../../scene/splats.js';
import { assertSplatsShape } from '../../scene/splats.js';
import type { FlowPairs, RayAnchors } from '../contract.js';
import type { AdamMoments } from './adam.js';
import { zeroMoments } from './adam.js';
import type { ParameterKind, Parameters } from './parameters.js';
import { parametersOfSplats } from './parameters.js';
import { anchorOrigin, assertAnchorsShape, gridLength, rayDelta } from './ray-field.js';

/** Sums per Gaussian [N]; see SceneStatistics. */
export interface StatisticsState {
  readonly maxWeights: Float64Array;
  readonly gradMeans2d: Float64Array;
  readonly visibleSteps: Float64Array;
  readonly errorWeights: Float64Array;
}

/** [N] ∂loss of the last step with respect to δ_own and to the residual raw opacities. */
export interface RayGradients {
  readonly ownDepth: Float64Array;
  readonly rawOpacities: Float64Array;
}

/** Everything that lives behind a SceneHandle. Arrays change in place; `editState` makes a new state. */
export interface SceneState {
  /** As stored: means are baseMeans of anchored Gaussians, rawOpacities come without the residual. */
  readonly stored: Parameters;
  readonly anchors: RayAnchors | null;
  /** [N] δ_own; 0 for free Gaussians. */
  readonly ownDepth: Float64Array;
  /** [N] */
  readonly residualOpacities: Float64Array;
  /** One array a level. */
  readonly grids: readonly Float64Array[];
  readonly moments: { readonly [Kind in ParameterKind | 'ownDepth']: AdamMoments };
  readonly gridMoments: readonly AdamMoments[];
  statistics: StatisticsState;
  flowPairs: FlowPairs | null;
  rayGradients: RayGradients;
}

/** Sums over no step. */
export function zeroStatistics(count: number): StatisticsState {
  return {
    maxWeights: new Float64Array(count),
    gradMeans2d: new Float64Array(count),
    visibleSteps: new Float64Array(count),
    errorWeights: new Float64Array(count),
  };
}

/** A fresh scene: grids, δ_own, residuals, moments and statistics zero. Copies what it is given. Throws ShapeError. */
export function createState(splats: Splats, anchors: RayAnchors | null): SceneState {
  assertSplatsShape(splats);
  if (anchors !== null) assertAnchorsShape(anchors, splats.count);
  const stored = parametersOfSplats(splats);
  const lengths = anchors?.gridLevels.map((_, level) => gridLength(anchors, level)) ?? [];
  return {
    stored,
    anchors: anchors === null ? null : copyAnchors(anchors),
    ownDepth: new Float64Array(splats.count),
    residualOpacities: new Float64Array(splats.count),
    grids: lengths.map((length) => new Float64Array(length)),
    moments: {
      means: zeroMoments(stored.means.length),
      quats: zeroMoments(stored.quats.length),
      logScales: zeroMoments(stored.logScales.length),
      rawOpacities: zeroMoments(stored.rawOpacities.length),
      shCoeffs: zeroMoments(stored.shCoeffs.length),
      ownDepth: zeroMoments(splats.count),
    },
    gridMoments: lengths.map(zeroMoments),
    statistics: zeroStatistics(splats.count),
    flowPairs: null,
    rayGradients: { ownDepth: new Float64Array(splats.count), rawOpacities: new Float64Array(splats.count) },
  };
}

function copyAnchors(anchors: RayAnchors): RayAnchors {
  return {
    viewIndices: anchors.viewIndices.slice(),
    imageCoords: anchors.imageCoords.slice(),
    segments: anchors.segments.slice(),
    origins: anchors.origins.slice(),
    segmentCount: anchors.segmentCount,
    gridLevels: [...anchors.gridLevels],
  };
}

/** Parameters as they render: mean = origin + (stored mean − origin) exp(δ) where anchored, rawOpacity = stored + residual. */
export function effectiveParameters(state: SceneState): Parameters {
  const { stored, anchors } = state;
  const means = stored.means.slice();
  for (let i = 0; i < stored.count; i++) {
    const origin = anchorOrigin(anchors, i);
    if (anchors === null || origin === null) continue;
    const stretch = Math.exp(rayDelta(anchors, state.grids, state.ownDepth[i] as number, i));
    origin.forEach((start: number, axis) => {
      means[i * 3 + axis] = start + ((means[i * 3 + axis] as number) - start) * stretch;
    });
  }
  const rawOpacities = stored.rawOpacities.map((raw, i) => raw + (state.residualOpacities[i] as number));
  return { ...stored, means, rawOpacities };
}

/** Sets δ_own of anchored Gaussians and every residual opacity, [N] each. Throws ShapeError. */
export function setResiduals(state: SceneState, ownDepth: Float32Array, rawOpacities: Float32Array): void {
  const { count } = state.stored;
  if (ownDepth.length !== count || rawOpacities.length !== count) {
    throw new ShapeError(`ray residuals of ${ownDepth.length} Gaussians given to a scene of ${count}`);
  }
  ownDepth.forEach((value, i) => {
    if (anchorOrigin(state.anchors, i) !== null) state.ownDepth[i] = value;
  });
  state.residualOpacities.set(rawOpacities);
}

/** Copies flow pairs after checking them. Throws ShapeError. */
export function copyFlowPairs(pairs: FlowPairs, count: number): FlowPairs {
  const { first, second, weights } = pairs;
  if (second.length !== first.length || weights.length !== first.length) {
    throw new ShapeError(`flow pairs of lengths ${first.length}, ${second.length} and ${weights.length}`);
  }
  if ([first, second].some((indices) => indices.some((index) => index >= count))) {
    throw new ShapeError(`a flow pair names a Gaussian beyond the scene's ${count}`);
  }
  return { first: first.slice(), second: second.slice(), weights: weights.slice() };
}

/** Where the flow loss measures a Gaussian's distance from: its anchor, else the camera. */
export function flowOrigin(state: SceneState, index: number, cameraCentre: Vec3): Vec3 {
  return anchorOrigin(state.anchors, index) ?? cameraCentre;
}
