/** Points to look at while there are no Gaussians yet. */
import type { StereoDepth } from '../correspondence/contract.js';
import type { SparsePoints } from '../correspondence/sparse-matches.js';
import { invertRigid, transformPoint } from '../math/rigid-transform.js';
import type { PointCloud } from '../scene/point-cloud.js';
import type { View } from '../scene/view.js';

/** More than this shows no more, and takes longer to send. */
export const MAX_SHOWN_POINTS = 200_000;

function colorAt({ image }: View, x: number, y: number): [number, number, number] {
  const column = Math.min(image.width - 1, Math.max(0, Math.floor(x)));
  const row = Math.min(image.height - 1, Math.max(0, Math.floor(y)));
  const at = (row * image.width + column) * 3;
  const byte = (value: number): number => Math.round(255 * Math.min(1, Math.max(0, value)));
  return [byte(image.data[at]!), byte(image.data[at + 1]!), byte(image.data[at + 2]!)];
}

/** The triangulated matches, each in the colour of its first photo there. */
export function cloudOfMatches(points: SparsePoints, views: readonly View[]): PointCloud {
  const colors = new Uint8Array(points.count * 3);
  for (let p = 0; p < points.count; p++) {
    const seen = points.starts[p]!;
    colors.set(colorAt(views[points.views[seen]!]!, points.px[2 * seen]!, points.px[2 * seen + 1]!), p * 3);
  }
  return { count: points.count, positions: Float32Array.from(points.positions), colors };
}

/**
 * The pixels whose depth another photo confirms, at their depth z: p = worldFromCamera · ((x − cx) / fx · z, (y − cy) / fy · z, z),
 * pixel centres at +0.5. Where there are more than `limit`, evenly spaced ones of them.
 */
export function cloudOfStereo(
  stereo: readonly StereoDepth[],
  views: readonly View[],
  limit = MAX_SHOWN_POINTS,
): PointCloud {
  const isShown = ({ depthMap }: StereoDepth, i: number): boolean =>
    depthMap.confidence[i]! > 0 && depthMap.depth[i]! > 0;
  let confirmed = 0;
  for (const map of stereo) for (let i = 0; i < map.depthMap.depth.length; i++) if (isShown(map, i)) confirmed++;
  const count = Math.min(confirmed, limit);
  const positions = new Float32Array(count * 3);
  const colors = new Uint8Array(count * 3);
  let [index, taken] = [0, 0];
  views.forEach((view, v) => {
    const { fx, fy, cx, cy, width } = view.camera.intrinsics;
    const worldFromCamera = invertRigid(view.camera.cameraFromWorld);
    const map = stereo[v]!;
    for (let i = 0; i < map.depthMap.depth.length; i++) {
      if (!isShown(map, i)) continue;
      // The next one is due when its share of the confirmed pixels has passed.
      const isDue = Math.floor((index++ * count) / confirmed) >= taken;
      if (!isDue || taken >= count) continue;
      const [x, y, z] = [(i % width) + 0.5, Math.floor(i / width) + 0.5, map.depthMap.depth[i]!];
      positions.set(transformPoint(worldFromCamera, [((x - cx) / fx) * z, ((y - cy) / fy) * z, z]), taken * 3);
      colors.set(colorAt(view, x, y), taken * 3);
      taken++;
    }
  });
  return { count: taken, positions: positions.subarray(0, taken * 3), colors: colors.subarray(0, taken * 3) };
}
