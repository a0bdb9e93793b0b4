/** Depth of every pixel of a photo from what sensors tell of some, with or without a network's guess. */
import { median } from '../math/median.js';
import type { DepthAnchors } from '../scene/depth-anchors.js';
import type { DepthMap } from '../scene/depth-map.js';
import type { DepthOutputKind } from '../scene/depth-network.js';
import { ShapeError } from '../scene/errors.js';
import type { RgbImage } from '../scene/view.js';
import { rateConfidence } from './anchor-confidence.js';
import { solveAnchorField } from './anchor-field.js';
import type { NetworkShare } from './choose-network-share.js';
import { chooseNetworkShare } from './choose-network-share.js';
import type { DepthRelation } from './fit-depth-relation.js';
import { applyDepthRelation, fitDepthRelation } from './fit-depth-relation.js';
import { isDepth } from './is-depth.js';
import { rasteriseAnchors } from './rasterise-anchors.js';
import type { AnchorGrid } from './rasterise-anchors.js';
import { chooseShrinkage, shrinkAnchors, shrinkImage } from './shrink-view.js';
import { weighEdges } from './weigh-edges.js';

export interface NetworkGuess {
  /** [H, W] the network's numbers at the photo's size. */
  readonly values: Float32Array;
  readonly kind: DepthOutputKind;
}

export interface AnchorDepthView {
  readonly image: RgbImage;
  /** [H, W] 0 where the photo does not count: anchors there are not used; null: all count. */
  readonly mask: Uint8Array | null;
  readonly network: NetworkGuess | null;
  /** Of any sensors; all in one unit. */
  readonly anchors: readonly DepthAnchors[];
}

export interface AnchorFit {
  /** Pixels with an anchor. */
  readonly anchorCount: number;
  /** The network's overall relation to the anchors; null without network or without anchors. */
  readonly relation: DepthRelation | null;
  /** How much of the network's relief was used, and what that was judged by; null where the relation is. */
  readonly network: NetworkShare | null;
  /** Median |z − z_anchor| / z_anchor of the answer at its anchors; Infinity without anchors. */
  readonly residual: number;
}

export interface AnchoredDepth {
  /** z in the anchors' unit (the network's own without anchors); 0 where nothing is known. */
  readonly depthMap: DepthMap;
  readonly fit: AnchorFit;
}

/** The photo alone says where surfaces end; a network's own steps were measured to add nothing. */
const EDGE_STEPS = { colour: 0.05, logDepth: 1, least: 0.01 };
/** Of the farthest anchor: nothing is said to lie farther than this many times. */
const BEYOND_ANCHORS = 5;
/** Pixels in which the network's share is chosen. */
const CHOICE_PIXELS = 60_000;
/** Networks are fitted to precise sensors alone where these have so many anchors: a radar's places are vague. */
const ENOUGH_PRECISE = 50;

function assertView({ image, mask, network }: AnchorDepthView): void {
  const count = image.width * image.height;
  const lengths = [image.data.length / 3, mask?.length ?? count, network?.values.length ?? count];
  if (!(count > 0) || lengths.some((length) => length !== count))
    throw new ShapeError(`photo, mask and network depth differ in size (${image.width} × ${image.height})`);
}

function fitNetwork(grid: AnchorGrid, { values, kind }: NetworkGuess): DepthRelation {
  const all = Array.from(grid.pixels.keys());
  const precise = all.filter((k) => grid.isPrecise[k] === 1);
  const used = precise.length >= ENOUGH_PRECISE ? precise : all;
  const network = Float64Array.from(used, (k) => values[grid.pixels[k] as number] as number);
  const depth = Float64Array.from(used, (k) => 1 / (grid.inverseDepth[k] as number));
  return fitDepthRelation({ network, depth }, kind);
}

/** [H, W] the network's inverse depth by the relation, over `unit`; 1 where it says nothing. */
function inverseOfNetwork({ values }: NetworkGuess, relation: DepthRelation, unit: number): Float32Array {
  return values.map((r) => {
    const z = applyDepthRelation(relation, r);
    return isDepth(z) ? 1 / (z * unit) : 1;
  });
}

function chooseShare(view: AnchorDepthView, network: Float32Array, unit: number): NetworkShare {
  const { width, height, data } = view.image;
  const factor = chooseShrinkage(width, height, CHOICE_PIXELS);
  const image = shrinkImage(data, { width, height, channels: 3 }, factor);
  const small = shrinkImage(network, { width, height, channels: 1 }, factor);
  const grid = rasteriseAnchors(shrinkAnchors(view.anchors, factor), image, null);
  return chooseNetworkShare({
    grid,
    anchor: grid.inverseDepth.map((value) => value / unit),
    network: Float64Array.from(grid.pixels, (pixel) => small.data[pixel] as number),
    edges: weighEdges(image, null, EDGE_STEPS),
  });
}

/** The network's answer as it is: metres, or what its inverse depth would be at scale 1. */
function withoutAnchors({ image, network }: AnchorDepthView): AnchoredDepth {
  const { width, height } = image;
  const depth = new Float32Array(width * height);
  network?.values.forEach((r, i) => {
    const z = network.kind === 'inverse-depth' ? 1 / r : r;
    depth[i] = isDepth(z) ? z : 0;
  });
  const fit = { anchorCount: 0, relation: null, network: null, residual: Infinity };
  return { depthMap: { width, height, depth, confidence: new Float32Array(width * height) }, fit };
}

function residualAt(grid: AnchorGrid, depth: Float32Array): number {
  return median(
    Array.from(grid.pixels, (pixel, k) => Math.abs((depth[pixel] as number) * (grid.inverseDepth[k] as number) - 1)),
  );
}

/**
 * Completes a photo's depth from anchors, in inverse depth ρ = 1/z, where planes are linear: (1) the network's numbers are brought to the
 * anchors by one relation for the whole photo (fitDepthRelation); (2) ρ = share · ρ_network + a field that meets the anchors, stiff where
 * they are vague or far, held back by the photo's edges (solveAnchorField); the share of the network's relief is the one that predicts
 * left-out anchors best (chooseNetworkShare). Without a network, or where it has no relation to the anchors, the field alone.
 *
 * Anchors weigh by 1/σ², whatever sensor they are of; those that contradict their surroundings weigh less. Without anchors the answer is the
 * network's own, unaligned. Confidence: see rateConfidence; 0 everywhere without anchors.
 *
 * @returns depth > 0 at every pixel where there are anchors; at most 5 times as far as the farthest.
 * @throws ShapeError when sizes disagree. Anchors that are not finite or outside the photo are left out.
 */
export function completeFromAnchors(view: AnchorDepthView): AnchoredDepth {
  assertView(view);
  const { width, height } = view.image;
  const grid = rasteriseAnchors(view.anchors, view.image, view.mask);
  if (grid.pixels.length === 0) return withoutAnchors(view);
  const unit = grid.usualInverseDepth;
  const relation = view.network ? fitNetwork(grid, view.network) : null;
  const prior =
    view.network && relation && relation.method !== 'none' ? inverseOfNetwork(view.network, relation, unit) : null;
  const network = prior ? chooseShare(view, prior, unit) : null;
  const share = network?.share ?? 0;
  const guess = (pixel: number): number => (prior ? share * (prior[pixel] as number) : 0);
  const { field } = solveAnchorField({
    grid,
    targets: grid.inverseDepth.map((value, k) => value / unit - guess(grid.pixels[k] as number)),
    edges: weighEdges(view.image, null, EDGE_STEPS),
  });
  const least = grid.inverseDepth.reduce((least, value) => Math.min(least, value), Infinity) / BEYOND_ANCHORS;
  const depth = field.map((value, i) => 1 / Math.max(least, (value + guess(i)) * unit));
  return {
    depthMap: { width, height, depth, confidence: rateConfidence(grid, depth) },
    fit: { anchorCount: grid.pixels.length, relation, network, residual: residualAt(grid, depth) },
  };
}
