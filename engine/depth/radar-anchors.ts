/** Radar returns as depth anchors of a photo: which agree with its monocular depth, where in the photo they are, and what its scale is. */
import { median } from '../math/median.js';
import type { DepthAnchors } from '../scene/depth-anchors.js';
import type { DepthOutputKind } from '../scene/depth-network.js';
import { ShapeError } from '../scene/errors.js';
import type { DepthRelation } from './fit-depth-relation.js';
import type { RadarPixels } from './project-radar.js';
import type { NetworkImage, RadarCandidates, RelationLine } from './search-radar-relation.js';
import { gatherCandidates, RelationSearch, searchRelation, shuffleDepths } from './search-radar-relation.js';
import type { LogRatioVote } from './vote-log-ratio.js';

export interface RadarAnchorOptions {
  /** σ of the network's log depth about the relation; a return farther off than 3 σ everywhere in its ellipse is rejected. 0.1 when left out. */
  readonly networkSigma?: number;
  readonly seed?: number;
}

export interface RadarAnchorSet {
  /** Accepted returns at the pixel of their ellipse that fits best. */
  readonly anchors: DepthAnchors;
  /** [anchors.count] index of each return in the cloud. */
  readonly indices: Uint32Array;
  /** Returns with a pixel in the photo that the network says something of. */
  readonly tried: number;
  readonly vote: LogRatioVote | null;
  /**
   * Network to depth; method 'none' when no relation has clearly more returns behind it than chance gives. `correlation` is that of ranks, at
   * the returns' most likely pixels.
   */
  readonly relation: DepthRelation;
  /** Share of returns behind the best relation when the same returns are dealt each other's depths. */
  readonly chanceShare: number;
}

const LEAST_SHARE = 1 / 3;
/** Ellipses are large: with pixels to choose from, much agrees with any relation. This much more must. */
const ABOVE_CHANCE = 0.15;
/** Rank correlation of network and radar, below which the network does not even know what is nearer than what. */
const LEAST_ORDER = 0.6;
const LEAST_RETURNS = 8;
const BEYOND_SAMPLES = 5;

function pearson(x: readonly number[], y: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const sum = (of: (i: number) => number): number => x.reduce((total, _, i) => total + of(i), 0);
  const spread = Math.sqrt(sum((i) => (x[i]! - mx) ** 2) * sum((i) => (y[i]! - my) ** 2));
  return spread > 0 ? sum((i) => (x[i]! - mx) * (y[i]! - my)) / spread : 0;
}

/** Ranks 0 … n − 1, so that no relation's form matters. */
function ranks(values: readonly number[]): number[] {
  const rank = new Array<number>(values.length);
  [...values.keys()].sort((i, j) => values[i]! - values[j]!).forEach((i, k) => (rank[i] = k));
  return rank;
}

/** Spearman's correlation of the network's order with the radar's, at the most likely pixels: the best ones would confirm themselves. */
function correlateOrder(search: RelationSearch, kind: DepthOutputKind): number {
  const sign = kind === 'affine-invariant-depth' ? 1 : -1;
  const x = search.candidates.map((candidate, k) => sign * candidate.x[search.middle(k)]!);
  return pearson(ranks(x), ranks(search.candidates.map(({ logDepth }) => logDepth)));
}

function describeRelation(
  kind: DepthOutputKind,
  line: RelationLine,
  accepted: readonly { depth: number; fitted: number }[],
): Pick<DepthRelation, 'kind' | 'scale' | 'shift' | 'method' | 'residual' | 'nearest' | 'farthest'> {
  const depths = accepted.map(({ depth }) => depth).sort((a, b) => a - b);
  return {
    kind,
    ...line,
    method: 'robust',
    residual: median(accepted.map(({ depth, fitted }) => Math.abs(fitted - depth) / depth)),
    nearest: depths[0]! / BEYOND_SAMPLES,
    farthest: depths[depths.length - 1]! * BEYOND_SAMPLES,
  };
}

const NO_RELATION = { scale: 0, shift: 0, method: 'none', residual: Infinity, nearest: 0 } as const;

function packAnchors(rows: readonly { u: number; v: number; depth: number; sigma: number }[]): DepthAnchors {
  return {
    count: rows.length,
    pixels: Float32Array.from(rows.flatMap(({ u, v }) => [u, v])),
    depth: Float32Array.from(rows, ({ depth }) => depth),
    sigmaLogDepth: Float32Array.from(rows, ({ sigma }) => sigma),
    source: 'radar',
  };
}

/**
 * Compares radar returns with a network's depth of the same photo. (1) Scale: every pixel in a return's ellipse of likely places votes with
 * `log z − log z_network`, weighted by likelihood; the histogram's winner counts, never a mean. (2) Scale and shift, in the space of the
 * network's kind, by RANSAC; taken where it lowers the robust cost by 10 %. (3) A return that is off the relation by more than 3 σ
 * everywhere in its ellipse is multipath or clutter and is rejected; the others move to the pixel that fits best.
 *
 * @param returns static ones: what moved belongs to another instant of a static scene.
 * @returns relation 'none' and no anchors with fewer than 8 returns, with under a third of them behind the best relation, with hardly more than
 * the same returns reach with each other's depths, or with a rank correlation under 0.6: the network and the radar then have no relation that could tell a return from
 * multipath, and spreadRadarDepth is what is left.
 * @throws ShapeError when the network's numbers are not [H, W].
 * Source: Tang et al. 2025, "4DRadar-GS", section III, whose network needs no shift; ellipses, shift and rejection are ours.
 */
export function findRadarAnchors(
  returns: RadarPixels,
  image: NetworkImage,
  options: RadarAnchorOptions = {},
): RadarAnchorSet {
  const { kind, width, height, network } = image;
  if (network.length !== width * height)
    throw new ShapeError(`${network.length} network depths for ${width} × ${height} pixels`);
  const { networkSigma = 0.1, seed = 1 } = options;
  const candidates = gatherCandidates(returns, image);
  const open = (list: readonly RadarCandidates[]) =>
    new RelationSearch(list, returns.sigmaLogDepth, kind, networkSigma);
  const search = open(candidates);
  const tried = candidates.length;
  const correlation = tried > 1 ? correlateOrder(search, kind) : 0;
  const none = (vote: LogRatioVote | null, inlierShare: number, chanceShare: number): RadarAnchorSet => ({
    anchors: packAnchors([]),
    indices: new Uint32Array(0),
    tried,
    vote,
    relation: { kind, ...NO_RELATION, correlation, inlierShare, farthest: Infinity },
    chanceShare,
  });
  if (tried < LEAST_RETURNS) return none(null, 0, 0);
  const { vote, best } = searchRelation(search, kind, seed);
  const byChance = searchRelation(open(shuffleDepths(candidates, seed)), kind, seed).best;
  const [share, chanceShare] = [best, byChance].map((found) => (found?.inliers.length ?? 0) / tried) as [
    number,
    number,
  ];
  if (best === null || share < LEAST_SHARE || share < chanceShare + ABOVE_CHANCE || correlation < LEAST_ORDER)
    return none(vote, share, chanceShare);
  const accepted = Array.from(best.inliers, (k) => {
    const { row, pixels, x } = search.candidates[k]!;
    const { c } = search.bestCandidate(best.line, k);
    const fitted = Math.exp(search.logDepthOf(best.line, x[c]!));
    return {
      row,
      u: pixels[2 * c]!,
      v: pixels[2 * c + 1]!,
      x: x[c]!,
      fitted,
      depth: returns.depth[row]!,
      sigma: returns.sigmaLogDepth[row]!,
    };
  });
  return {
    anchors: packAnchors(accepted),
    indices: Uint32Array.from(accepted, ({ row }) => returns.indices[row]!),
    tried,
    vote,
    relation: { ...describeRelation(kind, best.line, accepted), correlation, inlierShare: share },
    chanceShare,
  };
}
