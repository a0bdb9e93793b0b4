/** How far the scene's depth is from LiDAR points: from those that the run never saw in numbers, from all of them for a picture. */
import { depthAtAnchors } from '../depth/pick-anchors.js';
import type { DepthErrors } from '../metrics/depth-errors.js';
import { measureDepthErrors } from '../metrics/depth-errors.js';
import type { DepthAnchors } from '../scene/depth-anchors.js';
import type { Splats } from '../scene/splats.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { View } from '../scene/view.js';
import type { SplattingBackend } from '../splatting/contract.js';
import { DEFAULT_DILATION } from '../splatting/contract.js';
import type { SensorResiduals } from './sensor-residuals.js';
import { ResidualGatherer } from './sensor-residuals.js';
import type { HeldOutDepths, SensorSupervision, ViewSensors } from './sensor-supervision.js';

/** From the photos alone; after the sensors brought their depth into place; as the trained scene is rendered. */
export type SensorStage = 'photos' | 'sensors' | 'trained';

export interface SensorErrors extends DepthErrors {
  readonly stage: SensorStage;
}

export interface SensorReport {
  readonly unit: string;
  readonly lossWeight: number;
  /** Points and returns that the run went by, over all photos. */
  readonly lidarCount: number;
  readonly radarCount: number;
  /** In the order of {@link SensorStage}; a stage that this run did not go through, or that has no scale, is missing. */
  readonly errors: readonly SensorErrors[];
  /** Signed: rendered − measured, in `unit`. Counts of [edges[i], edges[i + 1]); the ends take what lies beyond. */
  readonly residuals: { readonly edges: readonly number[]; readonly counts: readonly number[] } | null;
}

const HISTOGRAM_BINS = 41;
/** The histogram reaches to this share of the residuals. */
const HISTOGRAM_SHARE = 0.98;
const MIN_ALPHA = 0.5;

export interface SensorMeasurement {
  readonly backend: SplattingBackend;
  readonly splats: Splats;
  readonly views: readonly View[];
  readonly sensors: SensorSupervision;
  /** By photo, of a run that began from photos; a run that was resumed has none. */
  readonly before: ReadonlyMap<string, HeldOutDepths>;
}

function histogramOf(residuals: Float64Array): SensorReport['residuals'] {
  if (residuals.length === 0) return null;
  const sizes = residuals.map(Math.abs).sort();
  const reach = Math.max(1e-6, sizes[Math.min(sizes.length - 1, Math.floor(HISTOGRAM_SHARE * sizes.length))]!);
  const edges = Array.from({ length: HISTOGRAM_BINS + 1 }, (_, i) => reach * ((2 * i) / HISTOGRAM_BINS - 1));
  const counts = new Array<number>(HISTOGRAM_BINS).fill(0);
  for (const residual of residuals) {
    const bin = Math.floor(((residual / reach + 1) / 2) * HISTOGRAM_BINS);
    const held = Math.min(HISTOGRAM_BINS - 1, Math.max(0, bin));
    counts[held] = counts[held]! + 1;
  }
  return { edges, counts };
}

function concatenate(parts: readonly Float32Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

/** All of a photo's LiDAR points, those first that were held out. */
function lidarOf(told: ViewSensors | undefined): readonly DepthAnchors[] {
  if (told === undefined) return [];
  const kept = told.anchors.filter(({ source }) => source === 'lidar');
  return (told.heldOut === null ? kept : [told.heldOut, ...kept]).filter(({ count }) => count > 0);
}

interface RenderedDepths {
  /** By photo with held-out points: depth at these; 0 where the scene is not opaque. */
  readonly atHeldOut: ReadonlyMap<string, Float32Array>;
  readonly residuals: SensorResiduals | null;
}

/** Rendered depth (Σ w z / Σ w) at the LiDAR points of each photo. */
async function renderAtPoints(
  { backend, splats, views, sensors }: SensorMeasurement,
  context: StageContext,
): Promise<RenderedDepths> {
  const lidar = new Map(views.map(({ name }) => [name, lidarOf(sensors.byView.get(name))]));
  const offered = [...lidar.values()].flat().reduce((sum, { count }) => sum + count, 0);
  const gatherer = new ResidualGatherer(offered);
  const atHeldOut = new Map<string, Float32Array>();
  const scene = await backend.createScene(splats, null);
  try {
    for (const { name, camera } of views) {
      const points = lidar.get(name)!;
      if (points.length === 0) continue;
      await yieldToHost(context);
      const options = { background: [0, 0, 0], shDegree: 0, dilation: DEFAULT_DILATION } as const;
      const { width, depth, alpha } = await backend.render(scene, camera, options);
      const opaque = depth.map((sum, i) => (alpha[i]! > MIN_ALPHA ? sum / alpha[i]! : 0));
      for (const anchors of points) {
        const shown = depthAtAnchors(opaque, width, anchors);
        gatherer.add(camera, anchors, shown);
        if (anchors === sensors.byView.get(name)?.heldOut) atHeldOut.set(name, shown);
      }
    }
  } finally {
    await backend.releaseScene(scene);
  }
  return { atHeldOut, residuals: gatherer.finish() };
}

export interface MeasuredSensors {
  readonly report: SensorReport;
  /** Of held-out points and of those that the run went by alike; null where no photo sees a LiDAR point. */
  readonly residuals: SensorResiduals | null;
}

/**
 * Measures the trained scene, and what it began with, at held-out LiDAR points of all photos together, and the trained scene at every LiDAR
 * point that the photos see.
 */
export async function reportSensors(measurement: SensorMeasurement, context: StageContext): Promise<MeasuredSensors> {
  const { sensors, before } = measurement;
  const { atHeldOut: rendered, residuals: points } = await renderAtPoints(measurement, context);
  const names = [...rendered.keys()];
  const measured = concatenate(names.map((name) => sensors.byView.get(name)!.heldOut!.depth));
  const errors: SensorErrors[] = [];
  const add = (stage: SensorStage, parts: readonly (Float32Array | null | undefined)[]): void => {
    const whole = parts.filter((part) => part instanceof Float32Array);
    const found = whole.length === names.length ? measureDepthErrors(concatenate(whole), measured) : null;
    if (found !== null) errors.push({ stage, ...found });
  };
  add('photos', names.map((name) => before.get(name)?.photos)); // prettier-ignore
  add('sensors', names.map((name) => before.get(name)?.sensors)); // prettier-ignore
  const trained = names.map((name) => rendered.get(name)!);
  add('trained', trained);
  const shown = concatenate(trained);
  const residuals = shown.map((z, i) => z - measured[i]!).filter((_, i) => shown[i]! > 0);
  const told = [...sensors.byView.values()];
  const lidar = told.flatMap(({ anchors }) => anchors).filter(({ source }) => source === 'lidar');
  const report: SensorReport = {
    unit: sensors.unit,
    lossWeight: sensors.lossWeight,
    lidarCount: lidar.reduce((sum, { count }) => sum + count, 0),
    radarCount: told.reduce((sum, { radarCount = 0 }) => sum + radarCount, 0),
    errors,
    residuals: histogramOf(residuals),
  };
  return { report, residuals: points };
}
