import type { CloudReader } from '../engine/formats/cloud-reader.js';
import type { StageContext } from '../engine/scene/stage.js';

/** What a whole pass over a cloud tells. */
export interface CloudSummary {
  readonly format: string;
  readonly variant: string;
  readonly points: number;
  /** Records without finite coordinates. */
  readonly leftOut: number;
  /** Of the points themselves, not of the header; null for an empty cloud. */
  readonly bounds: { readonly min: readonly number[]; readonly max: readonly number[] } | null;
  readonly hasColors: boolean;
  readonly fields: readonly string[];
  readonly unit: string;
  readonly upAxis: string;
  readonly crs: string | null;
  readonly scans: number;
  readonly warnings: readonly string[];
}

/** Share of the extent by which stated bounds may be rounded. */
const BOUNDS_TOLERANCE = 0.001;

/** Reads all points once. @throws ImportError; the signal's reason when stopped. */
export async function summarizeCloud(reader: CloudReader, context: StageContext = {}): Promise<CloudSummary> {
  const { header } = reader;
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  const batches = reader.batches(context.signal);
  let read = 0;
  let step = await batches.next();
  for (; step.done !== true; step = await batches.next()) {
    const { positions, count } = step.value;
    for (let i = 0; i < count * 3; i++) {
      const value = positions[i] as number;
      if (value < (min[i % 3] as number)) min[i % 3] = value;
      if (value > (max[i % 3] as number)) max[i % 3] = value;
    }
    read += count;
    context.onProgress?.(header.points === null ? 0 : read / header.points, `${read} points`);
  }
  const bounds = read === 0 ? null : { min, max };
  const warnings = [...header.warnings];
  if (bounds !== null && header.bounds !== null && !areHeld(bounds, header.bounds))
    warnings.push('Points lie outside the bounds that its header states.');
  return {
    format: header.format,
    variant: header.variant,
    points: step.value.points,
    leftOut: step.value.leftOut,
    bounds,
    hasColors: header.hasColors,
    fields: header.fieldNames,
    unit: header.frame.unit,
    upAxis: header.frame.upAxis,
    crs: header.frame.crs,
    scans: header.sensorOrigins.length,
    warnings,
  };
}

type Bounds = NonNullable<CloudSummary['bounds']>;

function areHeld(found: Bounds, stated: Bounds): boolean {
  return [0, 1, 2].every((axis) => {
    const [low, high] = [stated.min[axis] as number, stated.max[axis] as number];
    const tolerance = (high - low) * BOUNDS_TOLERANCE + Math.max(Math.abs(low), Math.abs(high)) * 1e-9;
    return (found.min[axis] as number) >= low - tolerance && (found.max[axis] as number) <= high + tolerance;
  });
}
