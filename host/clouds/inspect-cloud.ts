/** A first look at a cloud: what its header says, what a whole pass tells, and few enough points to draw. */
import type { CloudReader, CloudSummary, PointBatch } from '../../engine/formats/cloud-reader.js';
import { gatherPoints } from '../../engine/formats/gather-points.js';
import type { PointFieldData, SensorPoints } from '../../engine/scene/sensor-points.js';
import type { StageContext } from '../../engine/scene/stage.js';
import type { CloudHeader } from '../../engine/formats/cloud-reader.js';
import { openCloudFile } from './open-cloud-file.js';
import type { LoadPointsOptions } from './load-sensor-points.js';

export interface InspectedCloud {
  readonly header: CloudHeader;
  /** Points that the file has. */
  readonly points: number;
  /** Records that were no points. */
  readonly leftOut: number;
  /** Of the points themselves; null for an empty cloud. */
  readonly bounds: { readonly min: [number, number, number]; readonly max: [number, number, number] } | null;
  /** Thinned to what was asked for, with the fields that are drawn. */
  readonly picture: SensorPoints;
}

/** Fields that a picture is coloured by; the others would only take memory. */
const DRAWN_FIELDS = ['intensity', 'radialSpeed', 'compensatedRadialSpeed', 'rcs'];

/** The same points, measured as they pass. */
class MeasuringReader implements CloudReader {
  readonly min: [number, number, number] = [Infinity, Infinity, Infinity];
  readonly max: [number, number, number] = [-Infinity, -Infinity, -Infinity];

  constructor(private readonly reader: CloudReader) {}

  get header(): CloudHeader {
    return this.reader.header;
  }

  async *batches(signal?: AbortSignal): AsyncGenerator<PointBatch, CloudSummary> {
    const batches = this.reader.batches(signal);
    for (;;) {
      const step = await batches.next();
      if (step.done === true) return step.value;
      this.measure(step.value);
      yield { ...step.value, fields: drawnFields(step.value.fields) };
    }
  }

  private measure({ positions, count }: PointBatch): void {
    const { min, max } = this;
    for (let i = 0; i < count * 3; i++) {
      const axis = i % 3;
      const value = positions[i]!;
      if (value < min[axis]!) min[axis] = value;
      if (value > max[axis]!) max[axis] = value;
    }
  }
}

function drawnFields(fields: ReadonlyMap<string, PointFieldData>): ReadonlyMap<string, PointFieldData> {
  return new Map([...fields].filter(([name]) => DRAWN_FIELDS.includes(name)));
}

/** Reads a whole cloud once. @throws ImportError for all that is wrong with the file; the signal's reason. */
export async function inspectCloud(
  path: string,
  { sensor, maxPoints }: LoadPointsOptions,
  context: StageContext = {},
): Promise<InspectedCloud> {
  const { reader, close } = await openCloudFile(path, { sensor, signal: context.signal });
  try {
    const measuring = new MeasuringReader(reader);
    const { points: gathered, read, leftOut } = await gatherPoints(measuring, { maxPoints }, context);
    const picture = { ...gathered, fields: drawnFields(gathered.fields) };
    const { min, max } = measuring;
    return { header: reader.header, points: read, leftOut, bounds: read === 0 ? null : { min, max }, picture };
  } finally {
    await close();
  }
}
