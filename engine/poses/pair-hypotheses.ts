/** Similarities that bring a pair of oriented points of one cloud onto a like pair of another: where a registration starts. */
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import { multiplyMat, multiplyMatVec, transposeMat } from '../math/rigid-transform.js';
import type { RandomSource } from '../math/random.js';
import { cross, dot, unit } from '../math/vectors.js';
import type { Similarity } from './align-similarity.js';
import type { SurfaceCloud } from './cloud-normals.js';
import type { UpAxes } from './similarity-from-picks.js';

/** Points of the target whose pairs are tabulated; pairs grow with its square. */
const TARGET_POINTS = 260;
const SOURCE_PAIRS = 2500;
/** Like pairs of the target that are tried for each pair of the source. */
const TRIED_PER_PAIR = 30;
/** A pair's points are apart by at least this share of the cloud's radius: short pairs tell the turn badly. */
const LEAST_APART = 0.4;
/** Width of the bins of angles. */
const BIN_RAD = (15 * Math.PI) / 180;

interface OrientedPair {
  readonly from: number;
  readonly to: number;
}

const at = (list: Float64Array, i: number): Vec3 => [list[3 * i]!, list[3 * i + 1]!, list[3 * i + 2]!];
const binOfAxis = (cosine: number): number => Math.floor(Math.acos(Math.min(1, Math.abs(cosine))) / BIN_RAD);
const binOfDirection = (cosine: number): number => Math.floor(Math.acos(Math.min(1, Math.max(-1, cosine))) / BIN_RAD);

/**
 * Angles that a similarity keeps, in bins of 15°: of both normals (which have no side) with the pair's line and with each other; where up is
 * known, also of line and normals with up. Null for pairs without normals or too near.
 */
function describePair(cloud: SurfaceCloud, { from, to }: OrientedPair, up: Readonly<Vec3> | null): string | null {
  const [p, q] = [at(cloud.positions, from), at(cloud.positions, to)];
  const line = q.map((v, k) => v - p[k]!) as Vec3;
  const length = Math.hypot(...line);
  const [n, m] = [at(cloud.normals, from), at(cloud.normals, to)];
  if (!(length > LEAST_APART * cloud.radius) || !Number.isFinite(n[0] + m[0])) return null;
  const u = line.map((v) => v / length) as Vec3;
  const angles = [binOfAxis(dot(n, u)), binOfAxis(dot(m, u)), binOfAxis(dot(n, m))];
  if (up !== null) angles.push(binOfDirection(dot(u, up)), binOfAxis(dot(n, up)), binOfAxis(dot(m, up)));
  return angles.join();
}

function tabulate(target: SurfaceCloud, up: Readonly<Vec3> | null, random: RandomSource): Map<string, OrientedPair[]> {
  const points = Array.from({ length: Math.min(TARGET_POINTS, target.count) }, () =>
    Math.floor(random.next() * target.count),
  );
  const table = new Map<string, OrientedPair[]>();
  for (const from of points) {
    for (const to of points) {
      const key = describePair(target, { from, to }, up);
      if (key === null) continue;
      const list = table.get(key);
      if (list) list.push({ from, to });
      else table.set(key, [{ from, to }]);
    }
  }
  return table;
}

/** Columns: along `first`, then `second` made perpendicular, then across both. Null when they are nearly parallel. */
function frameOf(first: Vec3, second: Vec3): Mat3 | null {
  const x = unit(first);
  const along = dot(x, second);
  const rest = second.map((v, k) => v - along * x[k]!) as Vec3;
  if (!(Math.hypot(...rest) > 0.3 * Math.hypot(...second))) return null;
  const y = unit(rest);
  const z = cross(x, y);
  return [x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2]];
}

/** The similarities (one with up, two without: normals have no side) that carry one pair onto the other. */
function carryPair(
  source: SurfaceCloud,
  target: SurfaceCloud,
  [s, t]: readonly [OrientedPair, OrientedPair],
  up: UpAxes | null,
): Similarity[] {
  const [p, q] = [at(source.positions, s.from), at(source.positions, s.to)];
  const [v, w] = [at(target.positions, t.from), at(target.positions, t.to)];
  const [lineS, lineT] = [q.map((c, k) => c - p[k]!) as Vec3, w.map((c, k) => c - v[k]!) as Vec3];
  const scale = Math.hypot(...lineT) / Math.hypot(...lineS);
  const normalT = at(target.normals, t.from);
  const sides: Vec3[] = up ? [lineT] : [normalT, normalT.map((c) => -c) as Vec3];
  // With up it comes first, so that it is kept exactly, and the line only tells the turn about it.
  const frameS = up ? frameOf([...up.source] as Vec3, lineS) : frameOf(lineS, at(source.normals, s.from));
  return sides.flatMap((side) => {
    const frameT = up ? frameOf([...up.target] as Vec3, side) : frameOf(lineT, side);
    if (frameS === null || frameT === null) return [];
    const rotation = multiplyMat(frameT, transposeMat(frameS));
    const turned = multiplyMatVec(rotation, p);
    return [{ scale, rotation, translation: v.map((c, k) => c - scale * turned[k]!) as Vec3 }];
  });
}

/**
 * Draws pairs of oriented points of the source, and for each some pairs of the target with the same angles; yields what carries one onto the
 * other. No length is compared, so that the scale is free.
 *
 * @param up up in both clouds, or null: then the turn is free as well.
 * Source: point pair features of Drost et al. 2010, "Model globally, match locally", without their distance.
 */
export function* proposeSimilarities(
  source: SurfaceCloud,
  target: SurfaceCloud,
  up: UpAxes | null,
  random: RandomSource,
): Generator<Similarity> {
  const axes = up && { source: unit(up.source), target: unit(up.target) };
  const table = tabulate(target, axes?.target ?? null, random);
  for (let pair = 0; pair < SOURCE_PAIRS; pair++) {
    const chosen = {
      from: Math.floor(random.next() * source.count),
      to: Math.floor(random.next() * source.count),
    };
    const key = describePair(source, chosen, axes?.source ?? null);
    const alike = key === null ? undefined : table.get(key);
    for (let k = 0; alike && k < Math.min(TRIED_PER_PAIR, alike.length); k++) {
      const other = alike[Math.floor(random.next() * alike.length)]!;
      yield* carryPair(source, target, [chosen, other], axes);
    }
  }
}
