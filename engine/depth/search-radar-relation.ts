/** Looks for the relation between a network's numbers and radar returns whose pixels are uncertain. */
import { createRandom, shuffledIndices } from '../math/random.js';
import { robustSearch } from '../math/robust-search.js';
import type { DepthOutputKind } from '../scene/depth-network.js';
import type { RadarPixels } from './project-radar.js';
import { voteLogRatio } from './vote-log-ratio.js';

export interface NetworkImage {
  readonly width: number;
  readonly height: number;
  /** [H, W] the network's numbers r. */
  readonly network: Float32Array;
  readonly kind: DepthOutputKind;
}

/** Steps within an ellipse, in σ: elevation is far worse than azimuth, so that the long axis is walked finely. */
const MAJOR_STEPS = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2];
const MINOR_STEPS = [-1, 0, 1];
/** A second parameter must lower the robust cost by this share. */
const SHIFT_MUST_GAIN = 0.1;
/** The largest squared misfit, in σ², of a return that belongs to a relation. */
const MAX_MISFIT = 9;

/** Candidate pixels of one return. */
export interface RadarCandidates {
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
export interface RelationLine {
  readonly scale: number;
  readonly shift: number;
}

/** Every pixel of each return's ellipse, to 2 σ, that is in the photo and that the network says something of. */
export function gatherCandidates(returns: RadarPixels, image: NetworkImage): RadarCandidates[] {
  const { width, height, network, kind } = image;
  const all: RadarCandidates[] = [];
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

/** Lines `y = scale x + shift` against candidates: how well they fit, and better ones. */
export class RelationSearch {
  constructor(
    readonly candidates: readonly RadarCandidates[],
    private readonly sigmaLogDepth: Float64Array,
    private readonly kind: DepthOutputKind,
    private readonly networkSigma: number,
  ) {}

  logDepthOf({ scale, shift }: RelationLine, x: number): number {
    const y = scale * x + shift;
    return this.kind === 'affine-invariant-depth' ? Math.log(y) : -Math.log(y);
  }

  /** The candidate that fits best: least squared misfit in σ², its distance from the ellipse's middle counting a little. */
  bestCandidate(line: RelationLine, k: number): { c: number; misfit: number } {
    const { x, distance, logDepth, row } = this.candidates[k]!;
    const variance = this.networkSigma ** 2 + this.sigmaLogDepth[row]! ** 2;
    let best = { c: 0, misfit: Infinity };
    for (let c = 0; c < x.length; c++) {
      const misfit = (logDepth - this.logDepthOf(line, x[c]!)) ** 2 / variance + distance[c]!;
      if (misfit < best.misfit) best = { c, misfit };
    }
    return best;
  }

  writeResiduals(line: RelationLine, [from, to]: readonly [number, number], out: Float64Array): void {
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

  fromSample(sample: Uint32Array): RelationLine[] {
    const [p, q] = [...sample].map((k) => this.point(k, this.middle(k)));
    const scale = (q![1] - p![1]) / (q![0] - p![0]);
    return scale > 0 && scale < Infinity ? [{ scale, shift: p![1] - scale * p![0] }] : [];
  }

  /** Relative least squares: each `y` weighs 1 / y², so that near and far count alike. */
  refine(line: RelationLine, inliers: Uint32Array, withShift: boolean): RelationLine | null {
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

/** The vote, and the relation: the scale alone, by vote; and a line with shift, by RANSAC, where it is clearly better. */
export function searchRelation(search: RelationSearch, kind: DepthOutputKind, seed: number) {
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
  const judge = (line: RelationLine): { line: RelationLine; cost: number; inliers: Uint32Array } => {
    search.writeResiduals(line, [0, count], residuals);
    const cost = residuals.reduce((sum, r) => sum + Math.min(1, Number.isNaN(r) ? 1 : r / MAX_MISFIT), 0);
    return { line, cost, inliers: Uint32Array.from(residuals.keys()).filter((k) => residuals[k]! <= MAX_MISFIT) };
  };
  let plain = null as ReturnType<typeof judge> | null;
  if (vote) {
    const scale = Math.exp(kind === 'affine-invariant-depth' ? vote.logRatio : -vote.logRatio);
    plain = judge({ scale, shift: 0 });
  }
  const found = robustSearch<RelationLine>(
    {
      count,
      sampleSize: 2,
      maxSquaredResidual: MAX_MISFIT,
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
export function shuffleDepths(candidates: readonly RadarCandidates[], seed: number): RadarCandidates[] {
  const order = shuffledIndices(candidates.length, createRandom(seed));
  return candidates.map((candidate, k) => ({ ...candidate, logDepth: candidates[order[k]!]!.logDepth }));
}
