/** Radar returns as depth anchors of a photo: which agree with its monocular depth, where in the photo they are, and what its scale is. */
import { median } from '../math/median.js';
import { createRandom, shuffledIndices } from '../math/random.js';
import { robustSearch } from '../math/robust-search.js';
import type { DepthAnchors } from '../scene/depth-anchors.js';
import type { DepthOutputKind } from '../scene/depth-network.js';
import { ShapeError } from '../scene/errors.js';
import type { DepthRelation } from './fit-depth-relation.js';
import type { RadarPixels } from './project-radar.js';
import type { LogRatioVote } from './vote-log-ratio.js';
import { voteLogRatio } from './vote-log-ratio.js';

export interface NetworkImage {
  readonly width: number;
  readonly height: number;
  /** [H, W] the network's numbers r. */
  readonly network: Float32Array;
  readonly kind: DepthOutputKind;
}

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

/** Steps within an ellipse, in σ: elevation is far worse than azimuth, so that the long axis is walked finely. */
const MAJOR_STEPS = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2];
const MINOR_STEPS = [-1, 0, 1];
/** A second parameter must lower the robust cost by this share. */
const SHIFT_MUST_GAIN = 0.1;
const LEAST_SHARE = 1 / 3;
/** Ellipses are large: with pixels to choose from, much agrees with any relation. This much more must. */
const ABOVE_CHANCE = 0.15;
/** Rank correlation of network and radar, below which the network does not even know what is nearer than what. */
const LEAST_ORDER = 0.6;
const LEAST_RETURNS = 8;
const BEYOND_SAMPLES = 5;

/** Candidate pixels of one return. */
interface Candidates {
  /** Row in the RadarPixels. */
  readonly row: number;
  readonly logDepth: number;
  readonly pixels: Float64Array;
  /** [C] the relation's abscissa. */
  readonly x: Float64Array;
  /** [C] squared distance from the most likely pixel, in σ². */
  readonly distance: Float64Array;
}

/** `y = scale x + shift`, y being 1/z (z for affine-invariant-depth), see DepthRelation. */
interface Line {
  readonly scale: number;
  readonly shift: number;
}

function gatherCandidates(returns: RadarPixels, image: NetworkImage): Candidates[] {
  const { width, height, network, kind } = image;
  const all: Candidates[] = [];
  for (let row = 0; row < returns.count; row++) {
    const [pixels, x, distance]: number[][] = [[], [], []];
    const [ax, ay, bx, by] = returns.halfAxes.subarray(4 * row, 4 * row + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    for (const s of MAJOR_STEPS) {
      for (const t of MINOR_STEPS) {
        const u = returns.pixels[2 * row]! + s * ax + t * bx;
        const v = returns.pixels[2 * row + 1]! + s * ay + t * by;
        if (!(u >= 0 && u < width && v >= 0 && v < height)) continue;
        const r = network[Math.floor(v) * width + Math.floor(u)] as number;
        if (!Number.isFinite(r) || (kind === 'metric-depth' && r <= 0)) continue;
        pixels!.push(u, v);
        x!.push(kind === 'metric-depth' ? 1 / r : r);
        distance!.push(s * s + t * t);
      }
    }
    if (x!.length === 0) continue;
    all.push({
      row,
      logDepth: Math.log(returns.depth[row]!),
      pixels: Float64Array.from(pixels!),
      x: Float64Array.from(x!),
      distance: Float64Array.from(distance!),
    });
  }
  return all;
}

class RelationSearch {
  constructor(
    readonly candidates: readonly Candidates[],
    private readonly sigmaLogDepth: Float64Array,
    private readonly kind: DepthOutputKind,
    private readonly networkSigma: number,
  ) {}

  logDepthOf({ scale, shift }: Line, x: number): number {
    const y = scale * x + shift;
    return this.kind === 'affine-invariant-depth' ? Math.log(y) : -Math.log(y);
  }

  /** The candidate that fits best: least squared misfit in σ², its distance from the ellipse's middle counting a little. */
  bestCandidate(line: Line, k: number): { c: number; misfit: number } {
    const { x, distance, logDepth, row } = this.candidates[k]!;
    const variance = this.networkSigma ** 2 + this.sigmaLogDepth[row]! ** 2;
    let best = { c: 0, misfit: Infinity };
    for (let c = 0; c < x.length; c++) {
      const misfit = (logDepth - this.logDepthOf(line, x[c]!)) ** 2 / variance + distance[c]!;
      if (misfit < best.misfit) best = { c, misfit };
    }
    return best;
  }

  writeResiduals(line: Line, [from, to]: readonly [number, number], out: Float64Array): void {
    for (let k = from; k < to; k++) out[k] = this.bestCandidate(line, k).misfit;
  }

  private point(k: number, c: number): [x: number, y: number] {
    const { x, logDepth } = this.candidates[k]!;
    return [x[c]!, Math.exp(this.kind === 'affine-invariant-depth' ? logDepth : -logDepth)];
  }

  middle(k: number): number {
    const { distance } = this.candidates[k]!;
    return distance.indexOf(Math.min(...distance));
  }

  fromSample(sample: Uint32Array): Line[] {
    const [p, q] = [...sample].map((k) => this.point(k, this.middle(k)));
    const scale = (q![1] - p![1]) / (q![0] - p![0]);
    return scale > 0 && scale < Infinity ? [{ scale, shift: p![1] - scale * p![0] }] : [];
  }

  /** Relative least squares: each `y` weighs 1 / y², so that near and far count alike. */
  refine(line: Line, inliers: Uint32Array, withShift: boolean): Line | null {
    let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
    for (const k of inliers) {
      const [x, y] = this.point(k, this.bestCandidate(line, k).c);
      const weight = 1 / (y * y);
      w += weight;
      wx += weight * x;
      wy += weight * y;
      wxx += weight * x * x;
      wxy += weight * x * y;
    }
    const determinant = w * wxx - wx * wx;
    const scale = withShift ? (w * wxy - wx * wy) / determinant : wxy / wxx;
    const shift = withShift ? (wy - scale * wx) / w : 0;
    return scale > 0 && Number.isFinite(scale + shift) ? { scale, shift } : null;
  }
}

/** The scale alone, by vote; and a line with shift, by RANSAC, where it is clearly better. */
function searchRelation(search: RelationSearch, kind: DepthOutputKind, seed: number) {
  const { candidates } = search;
  const values = candidates.flatMap(({ logDepth, x, distance }) =>
    Array.from(x, (v, c) => ({
      ratio: kind === 'affine-invariant-depth' ? logDepth - Math.log(v) : logDepth + Math.log(v),
      weight: Math.exp(-distance[c]! / 2),
    })),
  );
  const vote = voteLogRatio(
    Float64Array.from(values, (v) => v.ratio),
    Float64Array.from(values, (v) => v.weight),
  );
  const count = candidates.length;
  const residuals = new Float64Array(count);
  const judge = (line: Line): { line: Line; cost: number; inliers: Uint32Array } => {
    search.writeResiduals(line, [0, count], residuals);
    const cost = residuals.reduce((sum, r) => sum + Math.min(1, Number.isNaN(r) ? 1 : r / 9), 0);
    return { line, cost, inliers: Uint32Array.from(residuals.keys()).filter((k) => residuals[k]! <= 9) };
  };
  let plain = null as ReturnType<typeof judge> | null;
  if (vote) {
    const scale = Math.exp(kind === 'affine-invariant-depth' ? vote.logRatio : -vote.logRatio);
    plain = judge({ scale, shift: 0 });
  }
  const found = robustSearch<Line>(
    {
      count,
      sampleSize: 2,
      maxSquaredResidual: 9,
      fit: (sample) => search.fromSample(sample),
      writeResiduals: (line, range, out) => search.writeResiduals(line, range, out),
      refine: (line, inliers) => search.refine(line, inliers, true),
    },
    { seed, maxIterations: 500 },
  );
  const shifted = found ? judge(found.model) : null;
  const best = shifted && (!plain || shifted.cost < (1 - SHIFT_MUST_GAIN) * plain.cost) ? shifted : plain;
  return { vote, best };
}

/** Depths dealt to other returns: what is left of the agreement is chance. */
function shuffleDepths(candidates: readonly Candidates[], seed: number): Candidates[] {
  const order = shuffledIndices(candidates.length, createRandom(seed));
  return candidates.map((candidate, k) => ({ ...candidate, logDepth: candidates[order[k]!]!.logDepth }));
}

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
  line: Line,
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
  const open = (list: readonly Candidates[]) => new RelationSearch(list, returns.sigmaLogDepth, kind, networkSigma);
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
