/** How far the scene's depth is from LiDAR points that the run never saw. */
import { depthAtAnchors } from '../depth/pick-anchors.js';
import type { DepthErrors } from '../metrics/depth-errors.js';
import { measureDepthErrors } from '../metrics/depth-errors.js';
import type { Splats } from '../scene/splats.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { View } from '../scene/view.js';
import type { SplattingBackend } from '../splatting/contract.js';
import { DEFAULT_DILATION } from '../splatting/contract.js';
import type { HeldOutDepths, SensorSupervision } from './sensor-supervision.js';

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

/** Rendered depth (Σ w z / Σ w) at the held-out points of each photo; 0 where the scene is not opaque. */
async function renderAtHeldOut(
  backend: SplattingBackend,
  splats: Splats,
  views: readonly View[],
  { byView }: SensorSupervision,
  context: StageContext,
): Promise<Map<string, Float32Array>> {
  const rendered = new Map<string, Float32Array>();
  const scene = await backend.createScene(splats, null);
  try {
    for (const { name, camera } of views) {
      const heldOut = byView.get(name)?.heldOut ?? null;
      if (heldOut === null || heldOut.count === 0) continue;
      await yieldToHost(context);
      const options = { background: [0, 0, 0], shDegree: 0, dilation: DEFAULT_DILATION } as const;
      const { width, depth, alpha } = await backend.render(scene, camera, options);
      const opaque = depth.map((sum, i) => (alpha[i]! > MIN_ALPHA ? sum / alpha[i]! : 0));
      rendered.set(name, depthAtAnchors(opaque, width, heldOut));
    }
  } finally {
    await backend.releaseScene(scene);
  }
  return rendered;
}

/**
 * Measures the trained scene, and what it began with, at held-out LiDAR points of all photos together.
 */
export async function reportSensors(
  { backend, splats, views, sensors, before }: SensorMeasurement,
  context: StageContext,
): Promise<SensorReport> {
  const rendered = await renderAtHeldOut(backend, splats, views, sensors, context);
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
  return {
    unit: sensors.unit,
    lossWeight: sensors.lossWeight,
    lidarCount: lidar.reduce((sum, { count }) => sum + count, 0),
    radarCount: told.reduce((sum, { radarCount = 0 }) => sum + radarCount, 0),
    errors,
    residuals: histogramOf(residuals),
  };
}
