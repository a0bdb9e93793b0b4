/** Sensors' points in the scene's frame, in the photos' colours. */
import { projectPoints } from '../../engine/depth/project-points.js';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import { composeRigid, invertRigid } from '../../engine/math/rigid-transform.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import type { SensorKind } from '../../engine/scene/sensor-rig.js';
import { transformSensorPoints } from '../../engine/scene/transform-sensor-points.js';
import type { View } from '../../engine/scene/view.js';
import type { RunSensors } from './sense-views.js';

/** Of points that no photo sees and the sensor gave no colour. */
const UNSEEN_GREY = 128;
/** The field that says whose a point is: 0 LiDAR, 1 radar. */
export const SOURCE_FIELD = 'sensor';

/** By the first photo whose camera says; null where none does. */
export function worldFromSensor(
  sensor: SensorKind,
  views: readonly Pick<View, 'name' | 'camera'>[],
  { cameraFromSensor }: RunSensors,
): RigidTransform | null {
  for (const { name, camera } of views) {
    const place = cameraFromSensor(sensor, name, camera);
    if (place !== null) return composeRigid(invertRigid(camera.cameraFromWorld), place);
  }
  return null;
}

/** [N, 3] mean sRGB of the photos that see each point; what the sensor itself says where none does. */
export function colorsFromPhotos(
  points: SensorPoints,
  views: readonly View[],
  cameraFromPoints: (view: View) => RigidTransform | null,
): Uint8Array {
  const sums = new Float64Array(points.count * 3);
  const seen = new Uint16Array(points.count);
  for (const view of views) {
    const { camera, image, mask } = view;
    const place = cameraFromPoints(view);
    if (place === null) continue;
    const camera2 = { cameraFromSensor: place, intrinsics: camera.intrinsics };
    const { anchors, pointIndex } = projectPoints(points, camera2, { mask });
    pointIndex.forEach((point, k) => {
      const [u, v] = [Math.floor(anchors.pixels[2 * k]!), Math.floor(anchors.pixels[2 * k + 1]!)];
      for (let c = 0; c < 3; c++)
        sums[3 * point + c] = sums[3 * point + c]! + 255 * image.data[3 * (v * image.width + u) + c]!;
      seen[point] = seen[point]! + 1;
    });
  }
  return Uint8Array.from(sums, (sum, i) => {
    const times = seen[Math.floor(i / 3)]!;
    return times > 0 ? Math.round(sum / times) : (points.colors?.[i] ?? UNSEEN_GREY);
  });
}

/**
 * The sensors' points in the scene's frame, a cloud each, coloured by the photos that see them; with a field `sensor` (0 LiDAR, 1 radar).
 *
 * @returns none for a sensor of which no photo says where it is.
 */
export function cloudsInScene(views: readonly View[], run: RunSensors): readonly SensorPoints[] {
  return (['lidar', 'radar'] as const).flatMap((sensor, kind): SensorPoints[] => {
    const points = run.sensors[sensor];
    const place = points === null ? null : worldFromSensor(sensor, views, run);
    if (points === null || place === null || points.count === 0) return [];
    const frame = { ...points.frame, upAxis: 'unknown' } as const;
    return [
      {
        ...transformSensorPoints(points, { ...place, scale: 1 }, frame),
        colors: colorsFromPhotos(points, views, ({ name, camera }) => run.cameraFromSensor(sensor, name, camera)),
        fields: new Map([...points.fields, [SOURCE_FIELD, new Float32Array(points.count).fill(kind)]]),
      },
    ];
  });
}
