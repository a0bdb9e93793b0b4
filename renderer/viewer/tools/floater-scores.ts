/**
 * How likely each Gaussian is junk, 0..1: several signs, each 0..1, joined as independent evidence, score = 1 − Π (1 − weight · sign).
 *
 * - alone: its 12th neighbour is many times farther than is usual in the scene;
 * - faint: it is nearly transparent;
 * - huge: its longest axis is large against the scene;
 * - needle: its longest axis is many times the second, and not small;
 * - unseen: no photo or only one saw it;
 * - near: it hangs close before a camera.
 */
import type { Splats } from '../../../engine/scene/splats.js';
import { kthNeighbourDistances } from './nearest-neighbours.js';

export interface FloaterInput {
  readonly splats: Pick<Splats, 'count' | 'means' | 'logScales' | 'rawOpacities'>;
  /** [N]; null: not known. */
  readonly seenCounts: Uint8Array | null;
  /** [M, 3] centres of the cameras. */
  readonly cameras: Float32Array;
}

/** A cluster of fewer than this is still alone. */
const NEIGHBOURS = 12;
const WEIGHTS = { alone: 0.95, faint: 0.55, huge: 0.8, needle: 0.5, unseen: 0.6, near: 0.85 } as const;
/** Multiples of the scene's median distance between which "alone" rises from 0 to 1. */
const ALONE_FROM = 3;
const ALONE_TO = 15;
const FAINT_OPACITY = 0.1;
/** Shares of the scene's radius. */
const HUGE_FROM = 0.1;
const HUGE_TO = 0.5;
const NEEDLE_FROM = 8;
const NEEDLE_TO = 40;
const NEEDLE_SIZE = 0.02;
/** Share of the median way from the cameras to the scene's middle. */
const NEAR_SHARE = 0.12;
/** The lowest score that full strength takes. */
const LOWEST_SCORE = 0.05;

export function scoreFloaters({ splats, seenCounts, cameras }: FloaterInput): Float32Array {
  const { count, means, logScales, rawOpacities } = splats;
  const scores = new Float32Array(count);
  if (count === 0) return scores;
  const distances = kthNeighbourDistances(means, Math.min(NEIGHBOURS, Math.max(1, count - 1)));
  const usual = median(distances.filter(Number.isFinite)) || 1e-9;
  const centre = [0, 1, 2].map((axis) => median(Float32Array.from({ length: count }, (_, i) => means[i * 3 + axis]!)));
  const radius = median(Float32Array.from({ length: count }, (_, i) => distanceTo(means, i, centre))) || 1e-9;
  const nearWay = nearLimit(cameras, centre);
  for (let i = 0; i < count; i++) {
    const s0 = logScales[i * 3]!;
    const s1 = logScales[i * 3 + 1]!;
    const s2 = logScales[i * 3 + 2]!;
    const longest = Math.exp(Math.max(s0, s1, s2));
    const second = Math.exp(Math.max(Math.min(s0, s1), Math.min(Math.max(s0, s1), s2)));
    const opacity = 1 / (1 + Math.exp(-rawOpacities[i]!));
    const isLong = longest > NEEDLE_SIZE * radius;
    const seen = seenCounts?.[i];
    const innocent =
      (1 - WEIGHTS.alone * rise(distances[i]! / usual, ALONE_FROM, ALONE_TO)) *
      (1 - WEIGHTS.faint * Math.max(0, 1 - opacity / FAINT_OPACITY)) *
      (1 - WEIGHTS.huge * rise(longest / radius, HUGE_FROM, HUGE_TO)) *
      (1 - WEIGHTS.needle * (isLong ? rise(longest / Math.max(second, 1e-12), NEEDLE_FROM, NEEDLE_TO) : 0)) *
      (1 - WEIGHTS.unseen * (seen === undefined || seen > 1 ? 0 : seen === 1 ? 0.6 : 1)) *
      (1 - WEIGHTS.near * nearSign(means, i, cameras, nearWay));
    // What has no place or size in numbers is junk.
    const place = means[i * 3]! + means[i * 3 + 1]! + means[i * 3 + 2]!;
    scores[i] = Number.isFinite(innocent + place) ? 1 - innocent : 1;
  }
  return scores;
}

/** [N] 1: would go at a strength of 0..100. What is hidden already stays out of it. */
export function findFloaters(scores: Float32Array, strength: number, hidden: Uint8Array | null): Uint8Array {
  const share = Math.min(100, Math.max(0, strength)) / 100;
  const threshold = 1 - (1 - LOWEST_SCORE) * share;
  const found = new Uint8Array(scores.length);
  if (share === 0) return found;
  for (let i = 0; i < scores.length; i++) found[i] = hidden?.[i] !== 1 && scores[i]! >= threshold ? 1 : 0;
  return found;
}

/** 0 up to `from`, 1 from `to` on, even in ratios between. */
function rise(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, Math.log(Math.max(value, 1e-12) / from) / Math.log(to / from)));
}

function median(values: Float32Array): number {
  const sorted = values.filter(Number.isFinite).sort();
  return sorted[sorted.length >> 1] ?? 0;
}

function distanceTo(points: Float32Array, i: number, place: readonly number[]): number {
  return Math.hypot(points[i * 3]! - place[0]!, points[i * 3 + 1]! - place[1]!, points[i * 3 + 2]! - place[2]!);
}

function nearLimit(cameras: Float32Array, centre: readonly number[]): number {
  const ways = Float32Array.from({ length: cameras.length / 3 }, (_, camera) => distanceTo(cameras, camera, centre));
  return NEAR_SHARE * median(ways);
}

function nearSign(means: Float32Array, i: number, cameras: Float32Array, limit: number): number {
  let nearest = Infinity;
  for (let camera = 0; camera < cameras.length; camera += 3) {
    const x = means[i * 3]! - cameras[camera]!;
    const y = means[i * 3 + 1]! - cameras[camera + 1]!;
    const z = means[i * 3 + 2]! - cameras[camera + 2]!;
    nearest = Math.min(nearest, x * x + y * y + z * z);
  }
  return limit > 0 ? Math.max(0, 1 - Math.sqrt(nearest) / limit) : 0;
}
