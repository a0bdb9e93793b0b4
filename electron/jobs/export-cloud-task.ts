/** The project's clouds as one file, in the frame of the scene; those without colours of their own in the colours of its photos. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { SensorPoints } from '../../engine/scene/sensor-points.js';
import type { PointTransform } from '../../engine/scene/transform-sensor-points.js';
import type { View } from '../../engine/scene/view.js';
import { fuseClouds } from '../../host/clouds/fuse-clouds.js';
import { VANTAGE_VERSION } from '../../host/machine.js';
import { colorsFromPhotos } from '../../host/sensors/fuse-cloud.js';
import type { PhotoSource, TaskOf, TaskResult } from '../ipc/job-contract.js';
import { openPickedPhotos } from './picked-capture.js';
import type { TaskContext } from './serve-tasks.js';

type Placement = NonNullable<TaskOf<'export-cloud'>['clouds'][number]['worldFromSensor']>;

/** Each point takes a moment in each photo, and photos overlap. */
const MOST_PHOTOS = 24;
/** Points lie further apart than the pixels of such a photo. */
const LONG_SIDE_PX = 640;
/** Of the whole work, before the clouds are read. */
const PHOTOS_SHARE = 0.2;

function transformOf({ scale, rotation, translation }: Placement): PointTransform {
  return { scale, rotation: [...rotation] as PointTransform['rotation'], translation: [...translation] as Vec3 };
}

/** Some photos from all over the list; those that cannot be read lend no colours. */
async function loadPhotos(photos: readonly PhotoSource[], { tell, signal }: TaskContext): Promise<View[]> {
  const step = Math.max(1, photos.length / MOST_PHOTOS);
  const chosen = photos.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
  const loaded: View[] = [];
  for (const [i, photo] of chosen.entries()) {
    try {
      const capture = openPickedPhotos([photo]);
      loaded.push(...(await capture.load(capture.views, { longSide: LONG_SIDE_PX }, { signal })).views);
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
    }
    tell({ type: 'fraction', fraction: (PHOTOS_SHARE * (i + 1)) / chosen.length });
  }
  return loaded;
}

/** @throws ImportError for clouds that cannot be read; the signal's reason. */
export async function exportCloudTask(
  { clouds, photos, isMetric, outputFile }: TaskOf<'export-cloud'>,
  context: TaskContext,
): Promise<TaskResult<'export-cloud'>> {
  const placed = clouds.map(({ worldFromSensor, ...cloud }) => ({
    ...cloud,
    worldFromSensor: worldFromSensor === null ? null : transformOf(worldFromSensor),
  }));
  const isAnyPlaced = placed.some(({ worldFromSensor }) => worldFromSensor !== null);
  const views = isAnyPlaced ? await loadPhotos(photos, context) : [];
  const colorsOf = (points: SensorPoints): Uint8Array =>
    colorsFromPhotos(points, views, ({ camera }) => camera.cameraFromWorld);
  return fuseClouds(
    placed,
    {
      outputFile,
      // Which axis is up in a scene is the viewer's to say, and seldom one of its axes.
      frame: { unit: isMetric ? 'metre' : 'unknown', upAxis: 'unknown', crs: null },
      generator: `Vantage ${VANTAGE_VERSION}`,
      ...(views.length === 0 ? {} : { colorsOf }),
    },
    {
      signal: context.signal,
      onProgress: (fraction) =>
        context.tell({ type: 'fraction', fraction: PHOTOS_SHARE + (1 - PHOTOS_SHARE) * fraction }),
    },
  );
}
