/** What sensors tell of photos at the size that they are trained at. */
import type { NetworkGuess } from '../../engine/depth/anchor-depth.js';
import { clusterMovingReturns } from '../../engine/depth/cluster-moving-returns.js';
import { maskMovingRegions } from '../../engine/depth/moving-mask.js';
import { holdOutAnchors } from '../../engine/depth/pick-anchors.js';
import { RADAR_SIGMAS } from '../../engine/depth/project-radar.js';
import { projectPoints } from '../../engine/depth/project-points.js';
import type { SensorSupervision, ViewSensors } from '../../engine/pipeline/sensor-supervision.js';
import type { DepthNetwork } from '../../engine/scene/depth-network.js';
import type { StageContext } from '../../engine/scene/stage.js';
import { yieldToHost } from '../../engine/scene/stage.js';
import type { View } from '../../engine/scene/view.js';
import { readRadar } from '../depth/radar-anchors.js';
import type { OpenedSensors } from './open-sensors.js';
import type { FindSensor } from './place-sensors.js';

/** Sensors that are ready to be used in a run. */
export interface RunSensors {
  readonly sensors: OpenedSensors;
  readonly cameraFromSensor: FindSensor;
  /** Weight of the LiDAR loss; 0: none. */
  readonly lossWeight: number;
  /** Every n-th LiDAR point is kept for the report; 0: none. */
  readonly holdOutEvery: number;
}

export interface SensedViews {
  /** The photos, with what a radar saw moving masked out. */
  readonly views: readonly View[];
  readonly supervision: SensorSupervision;
  readonly warnings: readonly string[];
}

const UP = [0, 0, 1] as const;

interface SensedView {
  readonly view: View;
  readonly told: ViewSensors | null;
  readonly movingCount: number;
  /** Radar returns that say nothing which the photos together do not tell better. */
  readonly unusedCount: number;
}

async function senseView(
  view: View,
  run: RunSensors,
  network: DepthNetwork | null,
  isOnly: boolean,
): Promise<SensedView> {
  const { lidar, radar } = run.sensors;
  const { image, mask, camera } = view;
  const { intrinsics } = camera;
  const place = (sensor: 'lidar' | 'radar') => run.cameraFromSensor(sensor, view.name, camera);
  const lidarPlace = lidar === null ? null : place('lidar');
  const projected =
    lidar === null || lidarPlace === null
      ? null
      : projectPoints(lidar, { cameraFromSensor: lidarPlace, intrinsics }, { mask });
  const split = projected === null ? null : holdOutAnchors(projected, run.holdOutEvery);
  const anchors = split === null ? [] : [split.kept];
  const heldOut = split?.heldOut ?? null;
  const radarPlace = radar === null ? null : place('radar');
  if (radar === null || radarPlace === null)
    return { view, told: anchors.length === 0 ? null : { anchors, heldOut }, movingCount: 0, unusedCount: 0 };

  const guess: NetworkGuess | null =
    network === null ? null : { values: await network.estimate(image), kind: network.outputKind };
  const depthView = { image, mask, network: guess };
  const radarCamera = { cameraFromSensor: radarPlace, intrinsics };
  const read = readRadar({ points: radar, camera: radarCamera, view: depthView, lidar: anchors });
  const clusters = clusterMovingReturns(radar, read.motion);
  const stance = { up: UP, groundHeight: null };
  const moving = maskMovingRegions(
    clusters,
    { image, depth: read.depth },
    { ...radarCamera, stance, sigmas: RADAR_SIGMAS },
  );
  const kept = moving.regions.length === 0 ? mask : moving.mask.map((counts, i) => counts & (mask?.[i] ?? 1));
  // A guess that was put together from returns and ground is for a photo that nothing else tells of: several photos measure their own depth.
  const isUsed = isOnly || read.anchors.length > 0;
  return {
    view: { ...view, mask: kept },
    told: {
      anchors: [...anchors, ...read.anchors],
      heldOut,
      radarCount: isUsed ? read.agreeing.count : 0,
      ...(read.guess === null ? {} : { guess: read.guess }),
    },
    movingCount: moving.regions.length,
    unusedCount: isUsed ? 0 : read.agreeing.count,
  };
}

/**
 * Projects the sensors into the photos, keeps LiDAR points out for the report, and masks what a radar saw moving.
 *
 * @param network what radar returns are held against where there is no LiDAR.
 * @throws the signal's reason.
 */
export async function senseViews(
  views: readonly View[],
  run: RunSensors,
  network: DepthNetwork | null,
  context: StageContext = {},
): Promise<SensedViews> {
  const byView = new Map<string, ViewSensors>();
  const sensed: View[] = [];
  const warnings: string[] = [];
  let unused = 0;
  for (const [i, view] of views.entries()) {
    context.onProgress?.(i / views.length, view.name);
    await yieldToHost(context);
    const { view: masked, told, movingCount, unusedCount } = await senseView(view, run, network, views.length === 1);
    unused += unusedCount;
    sensed.push(masked);
    if (told !== null) byView.set(view.name, told);
    if (movingCount > 0)
      warnings.push(`${view.name}: ${movingCount} moving ${movingCount === 1 ? 'thing is' : 'things are'} masked out.`);
  }
  const counts = [...byView.values()].map(
    ({ anchors, radarCount = 0 }) => radarCount + anchors.reduce((sum, { count }) => sum + count, 0),
  );
  if (unused > 0)
    warnings.push(
      'The radar only tells what moves: several photos measure depth better. Beside LiDAR, or a depth network that it agrees with, its returns are used.',
    );
  else if (counts.every((count) => count === 0))
    warnings.push('No sensor point falls into any photo: check the calibration, or the frame and unit of the cloud.');
  const { lossWeight, sensors } = run;
  return { views: sensed, supervision: { byView, lossWeight, unit: sensors.unit ?? 'unknown' }, warnings };
}
