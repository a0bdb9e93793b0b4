/** Brings a network's depth of every view onto the depths that the photos' matches confirm. */
import type { DepthMap } from '../scene/depth-map.js';
import type { DepthOutputKind } from '../scene/depth-network.js';
import { ShapeError } from '../scene/errors.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { RgbImage } from '../scene/view.js';
import { applyDepthRelation, fitDepthRelation } from './fit-depth-relation.js';
import type { DepthRelation } from './fit-depth-relation.js';
import { isDepth } from './is-depth.js';
import { median } from '../math/median.js';
import { solveScreenedPoisson } from './solve-screened-poisson.js';
import { weighEdges } from './weigh-edges.js';

export interface NetworkDepthView {
  /** [H, W] the network's numbers at the photo's size. */
  readonly network: Float32Array;
  /** Stereo's depth (a StereoDepth fits): confidence ≥ 0.5 where the matches confirm it. */
  readonly stereo: { readonly depthMap: DepthMap };
  readonly image: RgbImage;
  /** [H, W] 0 where the photo does not count; null: all count. */
  readonly mask: Uint8Array | null;
}

export interface AlignmentOptions {
  readonly outputKind: DepthOutputKind;
  /** Of the correction; 10 in RI3D. */
  readonly smoothness?: number;
}

export interface DepthFit extends DepthRelation {
  /** Confirmed pixels it was fitted to. */
  readonly matchCount: number;
  /** Median |z − z_match| / z_match after the smooth correction; `residual` is the one before. Infinity without matches. */
  readonly correctedResidual: number;
  /** 0 (ignore) .. 1: how far the network can be believed where nothing confirms it; from correlation and residual before the correction. */
  readonly trust: number;
}

export interface AlignedDepth {
  /** z in world units, 0 where the network says nothing or nothing could be fitted; confidence 1 where a match agrees within 2 %. */
  readonly depthMap: DepthMap;
  readonly fit: DepthFit;
}

/** Enough for a line, whatever the photo's size. */
const MAX_SAMPLES = 8000;
const EDGE_STEPS = { colour: 0.1, logDepth: 0.05, least: 0.01 };
const AGREEMENT = 0.02;
/** Confirmed depths are about this accurate, relative: less misfit is not suspicious. */
const LEAST_MATCH_SIGMA = 0.01;

/**
 * Per view: (1) the relation between network and depth, in the space of `outputKind`, fitted robustly to all confirmed pixels
 * (fitDepthRelation); (2) a smooth multiplicative correction exp(e), e minimising
 * `Σ_{confirmed p} w_p (e_p − (log z_match − log z_fit))² + λ Σ_edges c_pq (e_p − e_q)²`, c lower across edges of photo and fitted depth, w
 * Cauchy's robust weights: one wrong match must not bend its surroundings. The confirmed depths come from the matches of all views with the
 * known cameras, so views need no coupling. A view without a fit borrows the views' median scale and shift, with trust 0.
 *
 * @throws ShapeError when sizes disagree; the signal's reason when aborted.
 * @remarks Closed-form per-view alignment instead of CoherentGS' joint affine map of depth, which lets the far field decide and can collapse.
 */
export async function alignNetworkDepths(
  views: readonly NetworkDepthView[],
  options: AlignmentOptions,
  context: StageContext = {},
): Promise<AlignedDepth[]> {
  for (const view of views) assertView(view);
  const own = views.map((view) => {
    const samples = collectSamples(view);
    return { relation: fitDepthRelation(samples, options.outputKind), matchCount: samples.total };
  });
  const shared = shareRelation(own.map(({ relation }) => relation));
  const aligned: AlignedDepth[] = [];
  for (const [i, view] of views.entries()) {
    await yieldToHost(context);
    const { relation, matchCount } = own[i] as (typeof own)[number];
    aligned.push(alignView(view, relation.method === 'none' && shared ? shared : relation, matchCount, options));
    context.onProgress?.((i + 1) / views.length);
  }
  return aligned;
}

function assertView({ network, stereo, image, mask }: NetworkDepthView): void {
  const { width, height, depth, confidence } = stereo.depthMap;
  const count = width * height;
  const isFit = image.width === width && image.height === height && image.data.length === 3 * count;
  const lengths = [network.length, depth.length, confidence.length, mask?.length ?? count];
  if (!isFit || lengths.some((length) => length !== count)) {
    throw new ShapeError(`network depth, stereo, photo and mask of one view differ in size (${width} × ${height})`);
  }
}

function isMatched(view: NetworkDepthView, i: number): boolean {
  const { depth, confidence } = view.stereo.depthMap;
  return (confidence[i] as number) >= 0.5 && isDepth(depth[i] as number) && (!view.mask || view.mask[i] !== 0);
}

/** Evenly chosen confirmed pixels; the same ones every time. */
function collectSamples(view: NetworkDepthView): { network: Float64Array; depth: Float64Array; total: number } {
  const matched: number[] = [];
  for (let i = 0; i < view.network.length; i++) if (isMatched(view, i)) matched.push(i);
  const step = Math.max(1, matched.length / MAX_SAMPLES);
  const chosen = Array.from(
    { length: Math.floor(matched.length / step) },
    (_, k) => matched[Math.floor(k * step)] as number,
  );
  return {
    network: Float64Array.from(chosen, (i) => view.network[i] as number),
    depth: Float64Array.from(chosen, (i) => view.stereo.depthMap.depth[i] as number),
    total: matched.length,
  };
}

/** The median of the views' own relations, for views without one; null when there are none. */
function shareRelation(relations: readonly DepthRelation[]): DepthRelation | null {
  const fitted = relations.filter(({ method }) => method !== 'none');
  if (fitted.length === 0) return null;
  const middle = (pick: (relation: DepthRelation) => number): number => median(fitted.map(pick));
  return {
    ...(fitted[0] as DepthRelation),
    method: 'median-ratio',
    scale: middle(({ scale }) => scale),
    shift: middle(({ shift }) => shift),
    nearest: Math.min(...fitted.map(({ nearest }) => nearest)),
    farthest: Math.max(...fitted.map(({ farthest }) => farthest)),
    inlierShare: 0,
    correlation: 0,
    residual: Infinity,
  };
}

function alignView(
  view: NetworkDepthView,
  relation: DepthRelation,
  matchCount: number,
  options: AlignmentOptions,
): AlignedDepth {
  const { width, height, depth: matchDepth } = view.stereo.depthMap;
  const depth = view.network.map((r) => applyDepthRelation(relation, r));
  const confidence = new Float32Array(width * height);
  const correction = solveCorrection(view, depth, options.smoothness ?? 10);
  const errors: number[] = [];
  for (let i = 0; i < depth.length; i++) {
    if (!(depth[i]! > 0)) continue;
    if (correction) depth[i]! *= Math.exp(correction[i] as number);
    if (!isMatched(view, i)) continue;
    const error = Math.abs((depth[i] as number) / (matchDepth[i] as number) - 1);
    errors.push(error);
    if (error <= AGREEMENT) confidence[i] = 1;
  }
  const correctedResidual = errors.length > 0 ? median(errors) : Infinity;
  const fit: DepthFit = { ...relation, matchCount, correctedResidual, trust: trustRelation(relation) };
  return { depthMap: { width, height, depth, confidence }, fit };
}

/**
 * Both must hold: the network sees the same relief as the matches (correlation from 0.5 to 0.9), and its depths come close to theirs
 * (median error from 20 % down to 5 %). The correction is left out, since it meets the matches whatever the network says.
 */
function trustRelation({ method, correlation, residual }: DepthRelation): number {
  if (method !== 'robust') return 0;
  const ramp = (value: number, from: number, to: number): number =>
    Math.min(1, Math.max(0, (value - from) / (to - from)));
  return ramp(correlation, 0.5, 0.9) * ramp(residual, 0.2, 0.05);
}

/** [H, W] log factor, or null when no confirmed pixel has a fitted depth. */
function solveCorrection(view: NetworkDepthView, fitted: Float32Array, smoothness: number): Float32Array | null {
  const { width, height, depth: matchDepth } = view.stereo.depthMap;
  const targets = new Float32Array(fitted.length).fill(NaN);
  for (let i = 0; i < fitted.length; i++) {
    if (isMatched(view, i) && fitted[i]! > 0) targets[i] = Math.log((matchDepth[i] as number) / (fitted[i] as number));
  }
  const weights = targets.map((t) => (Number.isNaN(t) ? 0 : 1));
  if (!weights.some((w) => w > 0)) return null;
  const problem = { width, height, weights, targets, smoothness, edges: weighEdges(view.image, fitted, EDGE_STEPS) };
  // Once to see which matches contradict their surroundings, and once without them. Judged by the plain fit instead, a whole
  // object at which the network is wrong would count as outliers.
  const { field } = solveScreenedPoisson(problem, { tolerance: 1e-3 });
  const misfit = targets.map((t, i) => Math.abs(t - (field[i] as number)));
  const sigma = Math.max(LEAST_MATCH_SIGMA, 1.4826 * median(misfit));
  const robust = misfit.map((m) => (Number.isNaN(m) ? 0 : 1 / (1 + (m / (3 * sigma)) ** 2)));
  return solveScreenedPoisson({ ...problem, weights: robust }).field;
}
