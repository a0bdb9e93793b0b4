/** Which moving radar returns belong to one thing. */
import type { Vec3 } from '../math/rigid-transform.js';
import { median } from '../math/median.js';
import { dot, unit } from '../math/vectors.js';
import type { SensorPoints } from '../scene/sensor-points.js';
import type { RadarMotion } from './split-radar-motion.js';
import { returnPosition } from './radar-returns.js';

export interface MovingCluster {
  /** Indices of its returns in the cloud, ascending. */
  readonly indices: readonly number[];
  /** Medians of the returns' coordinates in the sensor's frame. */
  readonly centre: Vec3;
  /** Half the middle 80 % of the returns' spread across `up`, m: at least 0. */
  readonly halfExtent: number;
  /** Median compensated radial speed, m/s. */
  readonly radialSpeed: number;
}

export interface ClusterOptions {
  readonly up?: Readonly<Vec3>;
  /** Metres across `up`, within which returns are neighbours; 1.5. Height does not count: radars measure it too badly. */
  readonly distance?: number;
  /** m/s; 1.5. */
  readonly speedDifference?: number;
  /** Returns that a return must have around it, itself included, to be no noise; 2. */
  readonly leastNeighbours?: number;
}

/** Returns of one frame are some hundreds; a cloud of more than this is no radar frame, and pairs of it would take minutes. */
const MOST_MOVING = 20000;

/**
 * DBSCAN over moving returns; two are neighbours when they are near each other across `up` and alike in compensated radial speed. What has
 * too few neighbours is noise and belongs to nothing. Clusters in the order of their first return.
 *
 * @param motion from splitRadarMotion, of the same points.
 * @returns no clusters for more than 20,000 moving returns.
 * Source: Ester et al. 1996, "A density-based algorithm for discovering clusters".
 */
export function clusterMovingReturns(
  points: SensorPoints,
  motion: Pick<RadarMotion, 'moving' | 'compensatedRadialSpeed'>,
  options: ClusterOptions = {},
): MovingCluster[] {
  const { distance = 1.5, speedDifference = 1.5, leastNeighbours = 2 } = options;
  const up = unit(options.up ?? [0, 0, 1]);
  const moving: number[] = [];
  for (let i = 0; i < points.count; i++)
    if (motion.moving[i] === 1 && returnPosition(points, i).every(Number.isFinite)) moving.push(i);
  if (moving.length > MOST_MOVING) return [];
  const places = moving.map((i) => {
    const place = returnPosition(points, i);
    const height = dot(place, up);
    return { place, level: place.map((v, k) => v - height * up[k]!) as Vec3 };
  });
  const neighboursOf = (k: number): number[] =>
    moving.flatMap((i, other) => {
      const apart = Math.hypot(...places[k]!.level.map((v, d) => v - places[other]!.level[d]!));
      const faster = motion.compensatedRadialSpeed[i]! - motion.compensatedRadialSpeed[moving[k]!]!;
      return apart <= distance && Math.abs(faster) <= speedDifference ? [other] : [];
    });
  const clusterOf = new Int32Array(moving.length).fill(-1);
  let count = 0;
  for (let k = 0; k < moving.length; k++) {
    if (clusterOf[k] !== -1) continue;
    const first = neighboursOf(k);
    if (first.length < leastNeighbours) continue;
    const open = [...first];
    clusterOf[k] = count;
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (clusterOf[next] !== -1) continue;
      clusterOf[next] = count;
      const around = neighboursOf(next);
      if (around.length >= leastNeighbours) open.push(...around);
    }
    count++;
  }
  return Array.from({ length: count }, (_, cluster) => {
    const members = moving.map((_i, k) => k).filter((k) => clusterOf[k] === cluster);
    return describeCluster(members, moving, places, motion.compensatedRadialSpeed);
  });
}

function describeCluster(
  members: readonly number[],
  moving: readonly number[],
  places: readonly { readonly place: Vec3; readonly level: Vec3 }[],
  speeds: ArrayLike<number>,
): MovingCluster {
  const middle = (of: (k: number) => number): number => median(members.map(of));
  const centre = [0, 1, 2].map((d) => middle((k) => places[k]!.place[d]!)) as Vec3;
  const level = [0, 1, 2].map((d) => middle((k) => places[k]!.level[d]!)) as Vec3;
  const apart = members.map((k) => Math.hypot(...places[k]!.level.map((v, d) => v - level[d]!))).sort((a, b) => a - b);
  return {
    indices: members.map((k) => moving[k]!),
    centre,
    halfExtent: apart[Math.floor(0.8 * (apart.length - 1))]!,
    radialSpeed: middle((k) => speeds[moving[k]!]!),
  };
}
