/** The depth of one photo from all that is known of it. */
import { completeFromAnchors } from '../../engine/depth/anchor-depth.js';
import type { AnchorFit, NetworkGuess } from '../../engine/depth/anchor-depth.js';
import { depthAtAnchors, holdOutAnchors } from '../../engine/depth/pick-anchors.js';
import { projectPoints } from '../../engine/depth/project-points.js';
import type { ProjectionCounts } from '../../engine/depth/project-points.js';
import type { DepthErrors } from '../../engine/metrics/depth-errors.js';
import { measureDepthErrors } from '../../engine/metrics/depth-errors.js';
import type { DepthMap } from '../../engine/scene/depth-map.js';
import type { DepthNetwork } from '../../engine/scene/depth-network.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import type { SensorRig } from '../../engine/scene/sensor-rig.js';
import type { LoadedPhoto } from './open-photos.js';
import { placeSensor } from './place-sensor.js';
import { readRadar } from './radar-anchors.js';

export interface DepthSources {
  readonly network: DepthNetwork | null;
  readonly lidar: SensorPoints | null;
  readonly radar: SensorPoints | null;
  readonly rig: SensorRig;
  /** Every n-th LiDAR point is kept for the measurement of errors; 0: none. */
  readonly holdOutEvery: number;
}

export interface PhotoDepth {
  readonly depthMap: DepthMap;
  readonly fit: AnchorFit;
  readonly lidar: (ProjectionCounts & { readonly used: number }) | null;
  /** `isScale`: the depth is in the radar's unit by it. */
  readonly radar: { readonly used: number; readonly isScale: boolean } | null;
  /** At held-out LiDAR points that the camera sees; null where none were. */
  readonly heldOut: DepthErrors | null;
  readonly warnings: readonly string[];
}

/** @throws ImportError as placeSensor; what the network throws. */
export async function measurePhotoDepth(
  photo: LoadedPhoto,
  photoName: string,
  sources: DepthSources & { readonly isOnly: boolean },
  signal?: AbortSignal,
): Promise<PhotoDepth> {
  const { network, lidar, radar, rig, holdOutEvery, isOnly } = sources;
  const { image, mask } = photo;
  const warnings = [...photo.warnings];
  const place = (sensor: 'lidar' | 'radar') => {
    const placed = placeSensor({ sensor, rig, photoName, photo, isOnly });
    warnings.push(
      ...(placed?.warnings ?? [
        `${photoName}: the calibration has no ${sensor === 'lidar' ? 'LiDAR' : 'radar'} for it.`,
      ]),
    );
    return placed?.camera ?? null;
  };
  const guess: NetworkGuess | null = network
    ? { values: await network.estimate(image, signal), kind: network.outputKind }
    : null;
  const view = { image, mask, network: guess };

  const lidarCamera = lidar ? place('lidar') : null;
  const projected = lidar && lidarCamera ? projectPoints(lidar, lidarCamera, { mask }) : null;
  const split = projected ? holdOutAnchors(projected, holdOutEvery) : null;
  const lidarAnchors = split ? [split.kept] : [];
  const radarCamera = radar ? place('radar') : null;
  const radarDepth =
    radar && radarCamera ? readRadar({ points: radar, camera: radarCamera, view, lidar: lidarAnchors }) : null;

  const { depthMap, fit } = completeFromAnchors({
    ...view,
    network: radarDepth?.guess ?? guess,
    anchors: [...lidarAnchors, ...(radarDepth?.anchors ?? [])],
  });
  return {
    depthMap,
    fit,
    lidar: projected && split ? { ...projected.counts, used: split.kept.count } : null,
    radar: radarDepth ? { used: radarDepth.agreeing.count, isScale: radarDepth.guess !== null } : null,
    heldOut: split
      ? measureDepthErrors(depthAtAnchors(depthMap.depth, image.width, split.heldOut), split.heldOut.depth)
      : null,
    warnings,
  };
}
