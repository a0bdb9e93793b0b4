import { ShapeError } from '../../scene/errors.js';
import { assertSplatsShape, createSplats, shCoefficientCount } from '../../scene/splats.js';
import type { RayAnchors, SceneEdit } from '../contract.js';
import { NO_ANCHOR } from '../contract.js';
import type { AdamMoments } from './adam.js';
import type { Parameters } from './parameters.js';
import { parametersOfSplats } from './parameters.js';
import type { SceneState } from './scene-state.js';
import { zeroStatistics } from './scene-state.js';

interface Edit {
  readonly keep: Uint32Array;
  readonly appendCount: number;
}

/** Rows `keep` of an [N, stride] array, followed by `appendCount` rows of `fill`. */
function editRows<T extends Float64Array | Float32Array | Uint16Array | Uint8Array>(
  rows: T,
  stride: number,
  { keep, appendCount }: Edit,
  fill = 0,
): T {
  const edited = new (rows.constructor as new (length: number) => T)((keep.length + appendCount) * stride);
  edited.fill(fill);
  keep.forEach((from, to) => {
    edited.set(rows.subarray(from * stride, (from + 1) * stride), to * stride);
  });
  return edited;
}

function editMoments(moments: AdamMoments, stride: number, edit: Edit): AdamMoments {
  return { first: editRows(moments.first, stride, edit), second: editRows(moments.second, stride, edit) };
}

function editAnchors(anchors: RayAnchors, edit: Edit): RayAnchors {
  return {
    ...anchors,
    viewIndices: editRows(anchors.viewIndices, 1, edit, NO_ANCHOR),
    imageCoords: editRows(anchors.imageCoords, 2, edit),
    segments: editRows(anchors.segments, 1, edit),
  };
}

function editParameters(stored: Parameters, edit: Edit, appended: Parameters): Parameters {
  const join = (kept: Float64Array, stride: number, tail: Float64Array): Float64Array => {
    const joined = editRows(kept, stride, edit);
    joined.set(tail, edit.keep.length * stride);
    return joined;
  };
  return {
    count: edit.keep.length + edit.appendCount,
    shDegree: stored.shDegree,
    means: join(stored.means, 3, appended.means),
    quats: join(stored.quats, 4, appended.quats),
    logScales: join(stored.logScales, 3, appended.logScales),
    rawOpacities: join(stored.rawOpacities, 1, appended.rawOpacities),
    shCoeffs: join(stored.shCoeffs, shCoefficientCount(stored.shDegree) * 3, appended.shCoeffs),
  };
}

/**
 * The scene with the records at `keep` (moments, anchor, δ_own and residual opacity with them) followed by `append` as free
 * Gaussians with state zero. Grids and their moments stay; statistics and ray gradients restart at zero; flow pairs are forgotten.
 * Throws ShapeError for an index beyond the scene or an appended part of another SH degree.
 */
export function editState(state: SceneState, { keep, append }: SceneEdit): SceneState {
  const { stored, moments } = state;
  const beyond = keep.find((index) => index >= stored.count);
  if (beyond !== undefined) throw new ShapeError(`record ${beyond} kept of a scene of ${stored.count}`);
  const appended = append ?? createSplats(0, stored.shDegree);
  assertSplatsShape(appended);
  if (appended.shDegree !== stored.shDegree) {
    throw new ShapeError(`splats of SH degree ${appended.shDegree} appended to a scene of ${stored.shDegree}`);
  }
  const edit: Edit = { keep, appendCount: appended.count };
  const count = keep.length + appended.count;
  return {
    stored: editParameters(stored, edit, parametersOfSplats(appended)),
    anchors: state.anchors === null ? null : editAnchors(state.anchors, edit),
    ownDepth: editRows(state.ownDepth, 1, edit),
    residualOpacities: editRows(state.residualOpacities, 1, edit),
    grids: state.grids,
    moments: {
      means: editMoments(moments.means, 3, edit),
      quats: editMoments(moments.quats, 4, edit),
      logScales: editMoments(moments.logScales, 3, edit),
      rawOpacities: editMoments(moments.rawOpacities, 1, edit),
      shCoeffs: editMoments(moments.shCoeffs, shCoefficientCount(stored.shDegree) * 3, edit),
      ownDepth: editMoments(moments.ownDepth, 1, edit),
    },
    gridMoments: state.gridMoments,
    statistics: zeroStatistics(count),
    flowPairs: null,
    rayGradients: { ownDepth: new Float64Array(count), rawOpacities: new Float64Array(count) },
  };
}
