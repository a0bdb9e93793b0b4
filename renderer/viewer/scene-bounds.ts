/** How large a scene is and how near its things are: robust against the few Gaussians that have flown off. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { columnOf, distance, dot, scale, subtract } from './vector-math.js';
import type { ViewerPhoto, ViewPose } from './viewer-contract.js';
import { poseOfPhoto } from './view-geometry.js';

export interface Ball {
  readonly centre: Vec3;
  readonly radius: number;
}

/** Enough to know a percentile to a hundredth. */
export const SAMPLES = 20_000;

/** Middle and radius of what lies between the 2nd and the 98th percentile of each axis, but for what is hidden; null without a finite point. */
export function boundsOfPoints(positions: Float32Array, hidden: Uint8Array | null = null): Ball | null {
  const axes = [0, 1, 2].map((axis) => sampleAxis(positions, hidden, axis).sort());
  if ((axes[0]?.length ?? 0) === 0) return null;
  const low = axes.map((values) => percentile(values, 0.02)) as Vec3;
  const high = axes.map((values) => percentile(values, 0.98)) as Vec3;
  const radius = distance(low, high) / 2;
  const centre: Vec3 = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2];
  return { centre, radius: radius > 0 ? radius : 1 };
}

function sampleAxis(positions: Float32Array, hidden: Uint8Array | null, axis: number): Float32Array {
  const count = positions.length / 3;
  const step = Math.max(1, Math.floor(count / SAMPLES));
  const values: number[] = [];
  for (let i = 0; i < count; i += step) {
    const value = positions[i * 3 + axis] as number;
    if (Number.isFinite(value) && hidden?.[i] !== 1) values.push(value);
  }
  return Float32Array.from(values);
}

/** Of values in rising order. */
function percentile(sorted: Float32Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.round(share * (sorted.length - 1)))] as number;
}

/** Depths between which most of what is in the picture lies; null when nothing is. */
export function depthRangeOf(
  positions: Float32Array,
  pose: ViewPose,
  tangents: readonly [number, number],
): readonly [number, number] | null {
  const count = positions.length / 3;
  const step = Math.max(1, Math.floor(count / 4000));
  const [right, down, forward] = [columnOf(pose.rotation, 0), columnOf(pose.rotation, 1), columnOf(pose.rotation, 2)];
  const depths: number[] = [];
  for (let i = 0; i < count; i += step) {
    const offset = subtract(
      [positions[i * 3] as number, positions[i * 3 + 1] as number, positions[i * 3 + 2] as number],
      pose.position,
    );
    const depth = dot(forward, offset);
    if (!(depth > 0.01)) continue;
    if (Math.abs(dot(right, offset)) > depth * tangents[0] || Math.abs(dot(down, offset)) > depth * tangents[1])
      continue;
    depths.push(depth);
  }
  if (depths.length < 2) return null;
  const sorted = Float32Array.from(depths).sort();
  return [percentile(sorted, 0.02), percentile(sorted, 0.97)];
}

/** Middle and radius of where the photos look, for a scene of which nothing else is known. */
export function boundsOfPhotos(photos: readonly ViewerPhoto[]): Ball | null {
  const poses = photos.map(({ camera }) => poseOfPhoto(camera));
  if (poses.length === 0) return null;
  const sum = poses.reduce<Vec3>((total, { position }) => subtract(total, scale(position, -1)), [0, 0, 0]);
  const centre = scale(sum, 1 / poses.length);
  const radius = Math.max(...poses.map(({ position }) => distance(position, centre)));
  return { centre, radius: radius > 0 ? radius * 2 : 1 };
}
