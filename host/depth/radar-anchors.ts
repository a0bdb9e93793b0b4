/** What radar returns tell of a photo's depth. */
import { projectPoints } from '../../engine/depth/project-points.js';
import type { SensorCamera } from '../../engine/depth/project-points.js';
import type { DepthAnchors } from '../../engine/scene/depth-anchors.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import type { AnchorDepthView } from '../../engine/depth/anchor-depth.js';

export interface RadarRequest {
  readonly points: SensorPoints;
  readonly camera: SensorCamera;
  /** The photo, its mask and the network's guess. */
  readonly view: Omit<AnchorDepthView, 'anchors'>;
  /** What a LiDAR tells of the same photo; empty without one. */
  readonly lidar: readonly DepthAnchors[];
}

/** A radar's range is good to decimetres, but its elevation is off by degrees: of log depth that leaves about so much. */
const SIGMA_LOG_DEPTH = 0.15;

/** The returns as they project, all alike vague. @throws ShapeError as projectPoints does. */
export function makeRadarAnchors({ points, camera, view }: RadarRequest): DepthAnchors {
  const { anchors } = projectPoints(points, camera, { mask: view.mask, removeHidden: false, source: 'radar' });
  return { ...anchors, sigmaLogDepth: anchors.sigmaLogDepth.map((sigma) => Math.max(SIGMA_LOG_DEPTH, sigma)) };
}
