/** Which point of a sensor lies under a place of the picture, computed beside the GPU as for Gaussians. */
import { transposeMat } from '../../engine/math/rigid-transform.js';
import type { PictureView } from './splat-picking.js';
import type { PickedCloudPoint, ViewerCloud } from './viewer-contract.js';

/** How far beside a point a click may fall. */
const REACH_PX = 12;
const NEAR_DEPTH = 0.01;
/** Of two points, that nearer to the viewer wins unless it lies this much further beside the click, a share of its depth for a pixel. */
const DEPTH_SHARE_PER_PX = 0.02;

/** The point under (x, y), in pixels of the view; null where there is none near. Nearer to the viewer counts as nearer to the click. */
export function pickCloudPoint(
  clouds: readonly ViewerCloud[],
  { pose, camera }: PictureView,
  x: number,
  y: number,
): PickedCloudPoint | null {
  const r = transposeMat(pose.rotation);
  const [px, py, pz] = pose.position;
  let best: PickedCloudPoint | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const { id, positions } of clouds) {
    for (let i = 0; i < positions.length / 3; i++) {
      const dx = positions[3 * i]! - px;
      const dy = positions[3 * i + 1]! - py;
      const dz = positions[3 * i + 2]! - pz;
      const depth = r[6] * dx + r[7] * dy + r[8] * dz;
      if (!(depth > NEAR_DEPTH)) continue;
      const u = (camera.fx * (r[0] * dx + r[1] * dy + r[2] * dz)) / depth + camera.cx - x;
      const v = (camera.fy * (r[3] * dx + r[4] * dy + r[5] * dz)) / depth + camera.cy - y;
      const beside = Math.hypot(u, v);
      if (beside > REACH_PX) continue;
      const cost = depth * (1 + DEPTH_SHARE_PER_PX * beside);
      if (cost >= bestCost) continue;
      bestCost = cost;
      best = { cloudId: id, index: i, position: [positions[3 * i]!, positions[3 * i + 1]!, positions[3 * i + 2]!] };
    }
  }
  return best;
}
