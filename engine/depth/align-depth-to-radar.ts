/** A photo's monocular depth in metres from radar alone: one entrance to relation, anchors and spread. */
import type { DepthAnchors } from '../scene/depth-anchors.js';
import type { SensorPoints } from '../scene/sensor-points.js';
import { applyDepthRelation } from './fit-depth-relation.js';
import type { RadarGeometry, RadarSigmas, RadarStance } from './project-radar.js';
import { projectRadar, RADAR_SIGMAS } from './project-radar.js';
import type { RadarAnchorSet } from './radar-anchors.js';
import { findRadarAnchors } from './radar-anchors.js';
import { estimateRadarGround } from './radar-ground.js';
import type { NetworkImage } from './search-radar-relation.js';
import { groundDepth, spreadRadarDepth } from './spread-radar-depth.js';

export interface RadarAlignmentOptions {
  /** Up in the sensor's frame; [0, 0, 1] when left out. */
  readonly up?: RadarStance['up'];
  /** Height of the ground in the sensor's frame; null: unknown; left out: estimated from the near returns. */
  readonly groundHeight?: number | null;
  readonly sigmas?: RadarSigmas;
  readonly seed?: number;
}

export interface RadarAlignment {
  /**
   * 'relation': the network's numbers through one relation. 'order': no relation holds; ground and returns, with the network to tell near
   * from far. 'none': too few returns.
   */
  readonly method: 'relation' | 'order' | 'none';
  /** [H, W] z in the radar's unit; 0 where nothing is known. */
  readonly depth: Float32Array;
  readonly anchors: DepthAnchors;
  /** [anchors.count] index of each return in the cloud. */
  readonly indices: Uint32Array;
  /** How the network and the radar went together, also where that was not used. */
  readonly network: RadarAnchorSet;
  readonly groundHeight: number | null;
}

/** Depth that was put together from returns agrees with them less closely than a network that sees the scene. */
const SPREAD_SIGMA = 0.15;
const LEAST_RETURNS = 8;

/**
 * Aligns a network's depth to the static returns of a radar. Where the two agree on one relation ({@link findRadarAnchors}) that is taken;
 * else the depth is put together from ground and returns ({@link spreadRadarDepth}), and the anchors are those returns that agree with it.
 *
 * @param points in the sensor's frame. @param geometry the photo's intrinsics and the sensor's place; @param moving [N] 1: left out.
 * @throws ShapeError when the network's numbers are not of the photo's size.
 */
export function alignDepthToRadar(
  points: SensorPoints,
  moving: Uint8Array,
  photo: Pick<RadarGeometry, 'cameraFromSensor' | 'intrinsics'> & { readonly image: NetworkImage },
  options: RadarAlignmentOptions = {},
): RadarAlignment {
  const { up = [0, 0, 1], sigmas = RADAR_SIGMAS, seed = 1 } = options;
  const { image, intrinsics, cameraFromSensor } = photo;
  const isStatic = (i: number): boolean => moving[i] === 0;
  const groundHeight =
    options.groundHeight === undefined
      ? (estimateRadarGround(points, up, sigmas.elevationRad, isStatic)?.height ?? null)
      : options.groundHeight;
  const stance = { up, groundHeight };
  const returns = projectRadar(points, { cameraFromSensor, intrinsics, stance, sigmas }, isStatic);
  const network = findRadarAnchors(returns, image, { seed });
  const { relation, anchors, indices } = network;
  const shared = { network, groundHeight };
  if (relation.method !== 'none') {
    const depth = image.network.map((r) => applyDepthRelation(relation, r));
    return { method: 'relation', depth, anchors, indices, ...shared };
  }
  if (returns.count < LEAST_RETURNS)
    return { method: 'none', depth: new Float32Array(image.network.length), anchors, indices, ...shared };
  const ground = groundDepth(intrinsics, cameraFromSensor, stance);
  const depth = spreadRadarDepth(returns, image, { ground, fx: intrinsics.fx });
  const agreed = findRadarAnchors(
    returns,
    { ...image, network: depth, kind: 'metric-depth' },
    { seed, networkSigma: SPREAD_SIGMA },
  );
  return { method: 'order', depth, anchors: agreed.anchors, indices: agreed.indices, ...shared };
}
