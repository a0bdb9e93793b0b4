/** What radar returns tell of a photo's depth, and what of it moves. */
import { alignDepthToRadar } from '../../engine/depth/align-depth-to-radar.js';
import type { AnchorDepthView, NetworkGuess } from '../../engine/depth/anchor-depth.js';
import { completeFromAnchors } from '../../engine/depth/anchor-depth.js';
import type { SensorCamera } from '../../engine/depth/project-points.js';
import type { NetworkImage } from '../../engine/depth/search-radar-relation.js';
import type { RadarMotion } from '../../engine/depth/split-radar-motion.js';
import { splitRadarMotion } from '../../engine/depth/split-radar-motion.js';
import type { DepthAnchors } from '../../engine/scene/depth-anchors.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';

export interface RadarRequest {
  readonly points: SensorPoints;
  readonly camera: SensorCamera;
  /** The photo, its mask and the network's guess. */
  readonly view: Omit<AnchorDepthView, 'anchors'>;
  /** What a LiDAR tells of the same photo; empty without one. */
  readonly lidar: readonly DepthAnchors[];
}

export interface RadarDepth {
  /** Static returns that agree with what else is known of the photo's depth: ghosts are out. */
  readonly agreeing: DepthAnchors;
  /**
   * Those of them to complete the depth from. None where the guess was put together from the same returns: they would pull it towards
   * themselves a second time (View-of-Delft 00549: AbsRel 0.277 with, 0.206 without).
   */
  readonly anchors: readonly DepthAnchors[];
  /** What stands in for the network's guess from here on: the guess in the radar's unit; null: it stays as it is. */
  readonly guess: NetworkGuess | null;
  /** [H, W] what is known of the photo's depth in the radar's unit: from LiDAR where there is one, else the guess; null: nothing. */
  readonly depth: Float32Array | null;
  readonly motion: RadarMotion;
}

/** What the returns are held against: the depth that LiDAR gives, else the network's numbers, else nothing but ground and returns. */
function referenceOf({ view, lidar }: RadarRequest): NetworkImage {
  const { width, height } = view.image;
  if (lidar.length > 0) {
    const { depth } = completeFromAnchors({ ...view, anchors: lidar }).depthMap;
    return { width, height, network: depth, kind: 'metric-depth' };
  }
  const { values = new Float32Array(width * height).fill(1), kind = 'inverse-depth' } = view.network ?? {};
  return { width, height, network: values, kind };
}

/** Returns as anchors, multipath and what moves left out; see `alignDepthToRadar`. @throws ShapeError when sizes disagree. */
export function readRadar(request: RadarRequest): RadarDepth {
  const { points, camera, lidar } = request;
  const motion = splitRadarMotion(points, {});
  const reference = referenceOf(request);
  const aligned = alignDepthToRadar(points, motion.moving, { ...camera, image: reference });
  const isGuess = lidar.length === 0 && aligned.method !== 'none';
  return {
    agreeing: aligned.anchors,
    anchors: isGuess && aligned.method === 'order' ? [] : [aligned.anchors],
    guess: isGuess ? { values: aligned.depth, kind: 'metric-depth' } : null,
    depth: lidar.length > 0 ? reference.network : isGuess ? aligned.depth : null,
    motion,
  };
}
