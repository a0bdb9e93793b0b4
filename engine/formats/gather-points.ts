/** A cloud of any size into memory: thinned on the way in, so that what it takes depends on the bound and not on the file. */
import type { SensorPoints } from '../scene/sensor-points.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { CloudReader, PointBatch } from './cloud-reader.js';
import { PointColumns } from './point-columns.js';
import { VoxelThinning } from './voxel-thinning.js';

export interface GatherOptions {
  /** At most so many points are kept; at least MIN_MAX_POINTS. */
  readonly maxPoints?: number;
  /** Side of the voxels to begin with, in the file's unit; 0 (default): all points are kept until there are too many. */
  readonly voxelSize?: number;
}

export interface GatheredPoints {
  readonly points: SensorPoints;
  /** Points that the file has. */
  readonly read: number;
  /** Records that were no points: not finite, or too far away for float32. */
  readonly leftOut: number;
  /** Side of the voxels in the end, in the file's unit; 0: nothing was thinned. */
  readonly voxelSize: number;
}

export const DEFAULT_MAX_POINTS = 2_000_000;
/** However wide voxels are, eight of them meet at the origin: a bound below that could never be kept. */
const MIN_MAX_POINTS = 64;
/** A file with hundreds of fields gets fewer points. */
const MAX_BYTES = 768 * 2 ** 20;
/** Steps of float32 are half a thousandth here, and coordinates that are smaller stay as they are. */
const NEAR_ZERO = 4096;
/** Points left when voxels are widened: less and the next widening is far off, more and it comes at once. */
const WIDEN_TO = 0.75;

/**
 * Reads a whole cloud.
 *
 * Positions are stored as float32 offsets from a float64 origin: zero where the cloud's middle is within ±4096, otherwise that middle,
 * rounded to whole units. When there are more than `maxPoints`, one point a voxel is kept, that nearest to its centre, and
 * voxels double in size as often as it takes. Without thinning the order is the file's.
 *
 * @throws ImportError as the reader does, and the signal's reason; nothing is kept then.
 */
export async function gatherPoints(
  reader: CloudReader,
  options: GatherOptions = {},
  context: StageContext = {},
): Promise<GatheredPoints> {
  const { header } = reader;
  const batches = reader.batches(context.signal);
  let gathering: Gathering | null = null;
  let read = 0;
  for (;;) {
    const step = await batches.next();
    if (step.done === true) {
      const { points, leftOut } = step.value;
      const origin = gathering?.origin ?? [0, 0, 0];
      const columns = gathering?.columns ?? new PointColumns(emptyBatch(reader), 0);
      context.onProgress?.(1);
      return {
        points: { ...trim(columns), origin, frame: header.frame },
        read: points,
        leftOut: leftOut + (gathering?.tooFar ?? 0),
        voxelSize: gathering?.voxelSize ?? 0,
      };
    }
    gathering ??= new Gathering(step.value, header.bounds, options);
    gathering.add(step.value);
    read += step.value.count;
    const fraction = header.points === null || header.points === 0 ? 0 : Math.min(1, read / header.points);
    context.onProgress?.(fraction, `${read.toLocaleString('en-US')} points`);
    await yieldToHost(context);
  }
}

class Gathering {
  readonly origin: [number, number, number];
  readonly columns: PointColumns;
  tooFar = 0;
  private readonly maxPoints: number;
  private thinning: VoxelThinning | null = null;

  constructor(
    first: PointBatch,
    bounds: Bounds | null,
    { maxPoints = DEFAULT_MAX_POINTS, voxelSize = 0 }: GatherOptions,
  ) {
    this.maxPoints = Math.max(
      MIN_MAX_POINTS,
      Math.min(maxPoints, Math.floor(MAX_BYTES / PointColumns.bytesPerPoint(first))),
    );
    this.columns = new PointColumns(first, this.maxPoints);
    this.origin = chooseOrigin(first, bounds);
    if (voxelSize > 0) this.thinning = new VoxelThinning(this.columns, voxelSize);
  }

  get voxelSize(): number {
    return this.thinning?.voxelSize ?? 0;
  }

  add(batch: PointBatch): void {
    const { origin } = this;
    for (let i = 0; i < batch.count; i++) {
      const x = Math.fround(batch.positions[i * 3]! - origin[0]);
      const y = Math.fround(batch.positions[i * 3 + 1]! - origin[1]);
      const z = Math.fround(batch.positions[i * 3 + 2]! - origin[2]);
      if (!(Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z))) {
        this.tooFar++;
        continue;
      }
      this.thinning?.makeRoom();
      let at = this.thinning === null ? this.columns.count : this.thinning.place(x, y, z);
      if (at < 0) continue;
      if (at >= this.maxPoints) {
        this.thin();
        at = (this.thinning as unknown as VoxelThinning).place(x, y, z);
        if (at < 0) continue;
      }
      if (at === this.columns.count) {
        this.columns.reserve();
        this.columns.count++;
      }
      this.columns.positions[at * 3] = x;
      this.columns.positions[at * 3 + 1] = y;
      this.columns.positions[at * 3 + 2] = z;
      this.columns.copyFrom(batch, i, at);
    }
  }

  /** Widens the voxels; the first ones are as wide as the points would lie apart, were they spread over the larger two sides of their box. */
  private thin(): void {
    const limit = Math.floor(this.maxPoints * WIDEN_TO);
    if (this.thinning === null) {
      const sides = extentOf(this.columns).sort((a, b) => b - a);
      const spacing = Math.sqrt((sides[0]! * Math.max(sides[1]!, sides[0]! / 1024)) / this.maxPoints);
      // Where all points so far are the same one, any voxel holds it.
      this.thinning = new VoxelThinning(this.columns, spacing > 0 && Number.isFinite(spacing) ? spacing / 2 : 1);
    }
    this.thinning.widen(limit);
  }
}

interface Bounds {
  readonly min: readonly number[];
  readonly max: readonly number[];
}

/**
 * The middle of the header's bounds where they are small and hold the first points; else (a header may say anything, and one stray point
 * makes bounds of any size) the median of the first points. Zero where that is near zero.
 */
function chooseOrigin(first: PointBatch, stated: Bounds | null): [number, number, number] {
  const middle = [0, 1, 2].map((axis) => {
    const values = Float64Array.from({ length: first.count }, (_, i) => first.positions[i * 3 + axis]!).sort();
    const median = values[values.length >> 1] ?? 0;
    if (stated === null) return median;
    const [low, high] = [stated.min[axis]!, stated.max[axis]!];
    const isSmall = high - low <= 2 * NEAR_ZERO && median >= low && median <= high;
    return isSmall ? low + (high - low) / 2 : median;
  });
  if (middle.every((value) => Math.abs(value) <= NEAR_ZERO)) return [0, 0, 0];
  return middle.map((value) => Math.round(value)) as [number, number, number];
}

function boundsOf(positions: ArrayLike<number>, count: number): { min: number[]; max: number[] } {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count * 3; i++) {
    const axis = i % 3;
    if (positions[i]! < min[axis]!) min[axis] = positions[i]!;
    if (positions[i]! > max[axis]!) max[axis] = positions[i]!;
  }
  return { min, max };
}

function extentOf({ positions, count }: PointColumns): number[] {
  const { min, max } = boundsOf(positions, count);
  return max.map((high, axis) => high - min[axis]!);
}

function emptyBatch({ header }: CloudReader): PointBatch {
  return {
    count: 0,
    positions: new Float64Array(0),
    colors: header.hasColors ? new Uint8Array(0) : null,
    fields: new Map(header.fieldNames.map((name) => [name, new Float32Array(0)])),
  };
}

function trim({ count, positions, colors, fields }: PointColumns): Omit<SensorPoints, 'origin' | 'frame'> {
  return {
    count,
    positions: positions.slice(0, count * 3),
    colors: colors === null ? null : colors.slice(0, count * 3),
    fields: new Map([...fields].map(([name, values]) => [name, values.slice(0, count)])),
  };
}
