/** A scene's whole state as plain data, and back; float64 throughout, so that nothing is rounded. */
import { ShapeError } from '../../scene/errors.js';
import { shCoefficientCount } from '../../scene/splats.js';
import type { FlowPairs, RayAnchors, SceneState as SavedScene, StateArray } from '../contract.js';
import { readGridLevels, StateReader } from '../state-arrays.js';
import type { AdamMoments } from './adam.js';
import type { Parameters } from './parameters.js';
import { PARAMETER_KINDS, splatsOfParameters } from './parameters.js';
import { assertAnchorsShape, gridLength } from './ray-field.js';
import type { SceneState, StatisticsState } from './scene-state.js';
import { copyFlowPairs, effectiveParameters } from './scene-state.js';

const STATISTICS = ['maxWeights', 'gradMeans2d', 'visibleSteps', 'errorWeights'] as const;

/** Copies everything that later steps depend on. */
export function saveState(state: SceneState): SavedScene {
  const arrays: Record<string, StateArray> = {};
  const put = (name: string, array: StateArray): void => {
    arrays[name] = array.slice();
  };
  const putMoments = (name: string, moments: AdamMoments): void => {
    put(`first.${name}`, moments.first);
    put(`second.${name}`, moments.second);
  };
  for (const kind of PARAMETER_KINDS) put(`stored.${kind}`, state.stored[kind]);
  for (const kind of [...PARAMETER_KINDS, 'ownDepth'] as const) putMoments(kind, state.moments[kind]);
  for (const name of STATISTICS) put(name, state.statistics[name]);
  put('ownDepth', state.ownDepth);
  put('residualOpacities', state.residualOpacities);
  state.grids.forEach((grid, level) => {
    put(`grid.${level}`, grid);
    putMoments(`grid.${level}`, state.gridMoments[level] as AdamMoments);
  });
  if (state.anchors !== null) {
    const { viewIndices, imageCoords, segments, origins, segmentCount, gridLevels } = state.anchors;
    Object.entries({ viewIndices, imageCoords, segments, origins }).forEach(([name, array]) => {
      put(name, array);
    });
    put('segmentCount', Uint32Array.of(segmentCount));
    put('gridSizes', Uint32Array.from(gridLevels.flatMap(({ columns, rows }) => [columns, rows])));
  }
  if (state.flowPairs !== null) {
    put('flow.first', state.flowPairs.first);
    put('flow.second', state.flowPairs.second);
    put('flow.weights', state.flowPairs.weights);
  }
  return { backend: 'reference', splats: splatsOfParameters(effectiveParameters(state)), arrays };
}

function readStored(reader: StateReader, count: number, shDegree: number): Parameters {
  const take = (kind: string, width: number): Float64Array =>
    reader.take(`stored.${kind}`, Float64Array, count * width).slice();
  return {
    count,
    shDegree,
    means: take('means', 3),
    quats: take('quats', 4),
    logScales: take('logScales', 3),
    rawOpacities: take('rawOpacities', 1),
    shCoeffs: take('shCoeffs', 3 * shCoefficientCount(shDegree)),
  };
}

function readMoments(reader: StateReader, name: string, length: number): AdamMoments {
  return {
    first: reader.take(`first.${name}`, Float64Array, length).slice(),
    second: reader.take(`second.${name}`, Float64Array, length).slice(),
  };
}

function readAnchors(reader: StateReader, count: number): RayAnchors | null {
  if (!reader.has('viewIndices')) return null;
  const anchors: RayAnchors = {
    viewIndices: reader.take('viewIndices', Uint16Array).slice(),
    imageCoords: reader.take('imageCoords', Float32Array).slice(),
    segments: reader.take('segments', Uint8Array).slice(),
    origins: reader.take('origins', Float32Array).slice(),
    segmentCount: reader.take('segmentCount', Uint32Array, 1)[0] as number,
    gridLevels: readGridLevels(reader.take('gridSizes', Uint32Array)),
  };
  assertAnchorsShape(anchors, count);
  return anchors;
}

function readFlowPairs(reader: StateReader, count: number): FlowPairs | null {
  if (!reader.has('flow.first')) return null;
  const pairs: FlowPairs = {
    first: reader.take('flow.first', Uint32Array),
    second: reader.take('flow.second', Uint32Array),
    weights: reader.take('flow.weights', Float32Array),
  };
  return copyFlowPairs(pairs, count);
}

/** The inverse of {@link saveState}; the last step's ray gradients are zero. Throws ShapeError for what does not fit. */
export function restoreState(saved: SavedScene): SceneState {
  const reader = new StateReader(saved, 'reference');
  const { count, shDegree } = saved.splats;
  const stored = readStored(reader, count, shDegree);
  if (!Number.isInteger(count) || count < 0) throw new ShapeError(`a scene of ${count} Gaussians`);
  const anchors = readAnchors(reader, count);
  const lengths = anchors?.gridLevels.map((_, level) => gridLength(anchors, level)) ?? [];
  const statistics = Object.fromEntries(
    STATISTICS.map((name) => [name, reader.take(name, Float64Array, count).slice()]),
  ) as unknown as StatisticsState;
  return {
    stored,
    anchors,
    ownDepth: reader.take('ownDepth', Float64Array, count).slice(),
    residualOpacities: reader.take('residualOpacities', Float64Array, count).slice(),
    grids: lengths.map((length, level) => reader.take(`grid.${level}`, Float64Array, length).slice()),
    moments: {
      means: readMoments(reader, 'means', stored.means.length),
      quats: readMoments(reader, 'quats', stored.quats.length),
      logScales: readMoments(reader, 'logScales', stored.logScales.length),
      rawOpacities: readMoments(reader, 'rawOpacities', stored.rawOpacities.length),
      shCoeffs: readMoments(reader, 'shCoeffs', stored.shCoeffs.length),
      ownDepth: readMoments(reader, 'ownDepth', count),
    },
    gridMoments: lengths.map((length, level) => readMoments(reader, `grid.${level}`, length)),
    statistics,
    flowPairs: readFlowPairs(reader, count),
    rayGradients: { ownDepth: new Float64Array(count), rawOpacities: new Float64Array(count) },
  };
}
