/** How much of a network's relief helps between the anchors of a photo: asked of the anchors themselves. */
import { median } from '../math/median.js';
import type { FieldProblem } from './anchor-field.js';
import { solveAnchorField } from './anchor-field.js';
import type { AnchorGrid } from './rasterise-anchors.js';
import type { EdgeWeights } from './screened-poisson-problem.js';

/** Inverse depths of the anchors and of the network there, both over the anchors' usual one. */
export interface ShareSamples {
  readonly grid: AnchorGrid;
  /** [anchors] */
  readonly anchor: Float64Array;
  /** [anchors] */
  readonly network: Float64Array;
  readonly edges: EdgeWeights;
}

export interface NetworkShare {
  /** 0 (the anchors alone) .. 1 (the network's whole relief). */
  readonly share: number;
  /** Median relative error of depth at anchors that were left out, for each share of {@link SHARES}; empty where none were. */
  readonly errors: readonly number[];
}

export const SHARES = [0, 0.5, 1] as const;
/** Fewer anchors cannot spare any: then the network's shape is the best there is. */
const MIN_ANCHORS = 100;
/** Left out are whole blocks, since the question is what holds in the gaps: this many beside one another in a picture. */
const BLOCKS = 24;
const EVERY = 5;

/** Which anchors are left out: those in every fifth block, along diagonals. */
function markLeftOut({ width, height, pixels }: AnchorGrid): Uint8Array {
  const side = Math.max(width, height) / BLOCKS;
  return Uint8Array.from(pixels, (pixel) => {
    const [column, row] = [Math.floor((pixel % width) / side), Math.floor(Math.floor(pixel / width) / side)];
    return (column + 2 * row) % EVERY === 0 ? 1 : 0;
  });
}

function pickAnchors(grid: AnchorGrid, chosen: readonly number[]): AnchorGrid {
  const at = (values: Float64Array): Float64Array => Float64Array.from(chosen, (k) => values[k] as number);
  return {
    ...grid,
    pixels: Uint32Array.from(chosen, (k) => grid.pixels[k] as number),
    inverseDepth: at(grid.inverseDepth),
    sigma: at(grid.sigma),
    isPrecise: Uint8Array.from(chosen, (k) => grid.isPrecise[k] as number),
  };
}

function errorOfShare(
  samples: ShareSamples,
  kept: readonly number[],
  leftOut: readonly number[],
  share: number,
): number {
  const { grid, anchor, network, edges } = samples;
  const target = (k: number): number => (anchor[k] as number) - share * (network[k] as number);
  const problem: FieldProblem = { grid: pickAnchors(grid, kept), targets: Float64Array.from(kept, target), edges };
  const { field } = solveAnchorField(problem);
  return median(
    leftOut.map((k) => {
      const found = (field[grid.pixels[k] as number] as number) + share * (network[k] as number);
      // z / z_anchor − 1, with z from inverse depths; behind infinity counts as infinitely wrong would: at most 1.
      return found > 0 ? Math.min(1, Math.abs((anchor[k] as number) / found - 1)) : 1;
    }),
  );
}

/**
 * Leaves out the anchors of every fifth block of the picture, completes the rest with 0, ½ and 1 of the network's relief, and takes the share
 * with the least median error at those left out. Below 100 anchors the share is 1.
 */
export function chooseNetworkShare(samples: ShareSamples): NetworkShare {
  const marks = markLeftOut(samples.grid);
  const kept = Array.from(marks.keys()).filter((k) => marks[k] === 0);
  const leftOut = Array.from(marks.keys()).filter((k) => marks[k] === 1);
  if (marks.length < MIN_ANCHORS || leftOut.length === 0 || kept.length === 0) return { share: 1, errors: [] };
  const errors = SHARES.map((share) => errorOfShare(samples, kept, leftOut, share));
  const best = errors.indexOf(Math.min(...errors));
  return { share: SHARES[best] ?? 1, errors };
}
