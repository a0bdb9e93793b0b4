/** Iterative closest points with a scale: the last step of registering two clouds. */
import { solvePositiveDefinite } from '../math/dense-algebra.js';
import type { Vec3 } from '../math/rigid-transform.js';
import { multiplyMat, multiplyMatVec } from '../math/rigid-transform.js';
import { rotationOfVector } from '../math/rotation-vector.js';
import { cross, dot } from '../math/vectors.js';
import type { Similarity } from './align-similarity.js';
import { transformBySimilarity } from './align-similarity.js';
import type { SurfaceCloud } from './cloud-normals.js';

export interface RefineRegistrationOptions {
  readonly rounds: number;
  /** Farthest a pair may be apart at first and at last, in the target's unit; it falls geometrically. */
  readonly reach: readonly [first: number, last: number];
  /** Of the pairs within reach, the nearest share that counts; 0.8 when left out. */
  readonly keptShare?: number;
}

const PARAMETERS = 7;
/** One step may turn by so much (rad), scale by so much, at most; a linearisation is good for no more. */
const MOST_TURN = 0.2;
const MOST_SCALE = 0.2;

interface Pair {
  readonly moved: Vec3;
  readonly nearest: Vec3;
  readonly normal: Vec3;
  readonly distance: number;
}

function findPairs(source: SurfaceCloud, target: SurfaceCloud, similarity: Similarity, reach: number): Pair[] {
  const pairs: Pair[] = [];
  for (let i = 0; i < source.count; i++) {
    const moved = transformBySimilarity(similarity, source.positions.subarray(3 * i, 3 * i + 3) as unknown as Vec3);
    const [hit] = target.tree.nearest(moved, 1, reach);
    if (hit === undefined) continue;
    const at = 3 * hit.index;
    const nearest = [...target.positions.subarray(at, at + 3)] as Vec3;
    const flat = [...target.normals.subarray(at, at + 3)] as Vec3;
    const apart = moved.map((v, k) => v - nearest[k]!) as Vec3;
    // Where the surface has no direction, the pair pulls along its own.
    const normal = Number.isFinite(flat[0])
      ? flat
      : (apart.map((v) => v / Math.max(1e-300, Math.sqrt(hit.distance))) as Vec3);
    pairs.push({ moved, nearest, normal, distance: Math.abs(dot(apart, normal)) });
  }
  return pairs;
}

/** One Gauss–Newton step of `Σ (n · (s R p + t − q))²` over turn, shift and log scale about the centre; null when singular. */
function step(
  pairs: readonly Pair[],
  centre: Vec3,
  spread: number,
): { turn: Vec3; shift: Vec3; logScale: number } | null {
  const normal = new Float64Array(PARAMETERS * PARAMETERS);
  const right = new Float64Array(PARAMETERS);
  for (const { moved, nearest, normal: n } of pairs) {
    const about = moved.map((v, k) => v - centre[k]!) as Vec3;
    // Lengths in units of the spread, so that all seven columns are of one size.
    const lever = cross(about, n).map((v) => v / spread);
    const row = [...lever, ...n, dot(about, n) / spread];
    const residual = dot(moved.map((v, k) => v - nearest[k]!) as Vec3, n) / spread;
    for (let a = 0; a < PARAMETERS; a++) {
      right[a]! -= row[a]! * residual;
      for (let b = 0; b <= a; b++) normal[a * PARAMETERS + b]! += row[a]! * row[b]!;
    }
  }
  // What the surfaces leave open (sliding along a wall) stays as it is.
  for (let a = 0; a < PARAMETERS; a++) normal[a * PARAMETERS + a]! += 1e-4 * pairs.length;
  if (!solvePositiveDefinite(normal, right, PARAMETERS)) return null;
  const [rx, ry, rz, tx, ty, tz, logScale] = right as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const length = Math.hypot(rx, ry, rz);
  const limit = length > MOST_TURN ? MOST_TURN / length : 1;
  return {
    turn: [rx * limit, ry * limit, rz * limit],
    shift: [tx * spread, ty * spread, tz * spread],
    logScale: Math.min(MOST_SCALE, Math.max(-MOST_SCALE, logScale)),
  };
}

/**
 * Refines a similarity by trimmed point-to-plane ICP over turn, shift and scale: each source point's nearest target point, the nearest 80 %
 * of them, one Gauss–Newton step a round, with a reach that shrinks.
 *
 * @returns the start where fewer than 20 points find a partner.
 * Source: Chen and Medioni 1992 (point to plane); Chetverikov et al. 2005 (trimming); Zinßer et al. 2005 (scale).
 */
export function refineRegistration(
  source: SurfaceCloud,
  target: SurfaceCloud,
  start: Similarity,
  options: RefineRegistrationOptions,
): Similarity {
  const { rounds, reach, keptShare = 0.8 } = options;
  let similarity = start;
  for (let round = 0; round < rounds; round++) {
    const within = reach[0] * (reach[1] / reach[0]) ** (round / Math.max(1, rounds - 1));
    const pairs = findPairs(source, target, similarity, within).sort((a, b) => a.distance - b.distance);
    const kept = pairs.slice(0, Math.ceil(keptShare * pairs.length));
    if (kept.length < 20) return similarity;
    const centre = [0, 1, 2].map((k) => kept.reduce((sum, p) => sum + p.moved[k]!, 0) / kept.length) as Vec3;
    const spread = kept.reduce((sum, p) => sum + Math.hypot(...p.moved.map((v, k) => v - centre[k]!)), 0) / kept.length;
    const move = spread > 0 ? step(kept, centre, spread) : null;
    if (move === null) return similarity;
    const turn = rotationOfVector(move.turn);
    const factor = Math.exp(move.logScale);
    const offset = similarity.translation.map((v, k) => v - centre[k]!) as Vec3;
    const carried = multiplyMatVec(turn, offset);
    similarity = {
      scale: similarity.scale * factor,
      rotation: multiplyMat(turn, similarity.rotation),
      translation: carried.map((v, k) => factor * v + centre[k]! + move.shift[k]!) as Vec3,
    };
  }
  return similarity;
}
