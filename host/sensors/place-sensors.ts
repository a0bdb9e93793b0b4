/** Where sensors and photos are in one world, in the sensors' unit. */
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import { IDENTITY, composeRigid, invertRigid } from '../../engine/math/rigid-transform.js';
import { cameraCentre } from '../../engine/math/conventions.js';
import type { Similarity } from '../../engine/poses/align-similarity.js';
import type { MeasuredScale } from '../../engine/poses/scale-of-cameras.js';
import { scaleOfCameras } from '../../engine/poses/scale-of-cameras.js';
import type { Camera } from '../../engine/scene/camera.js';
import { ImportError } from '../../engine/scene/errors.js';
import { localFromFile } from '../../engine/scene/local-origin.js';
import type { SensorKind, SensorPlacement, SensorRig } from '../../engine/scene/sensor-rig.js';
import { choosePlacement, describeBorrowed } from '../../engine/scene/sensor-rig.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import type { CaptureView } from '../../engine/scene/view.js';
import type { UnposedPhotos } from '../poses/unposed-capture.js';
import { SENSOR_NAMES } from '../depth/place-sensor.js';
import { namePhotos } from '../poses/photo-files.js';
import type { OpenedCapture } from '../run/capture-input.js';
import { withPhotos } from '../run/capture-input.js';
import { moveCapture } from './moved-capture.js';
import type { OpenedSensors } from './open-sensors.js';
import { placeByShape } from './place-by-shape.js';

/** A sensor as a photo's camera sees it; null where nothing says how. */
export type FindSensor = (sensor: SensorKind, photo: string, camera: Camera) => RigidTransform | null;

export interface PlacedSensors {
  /** In the sensors' unit: metres, where that is known. */
  readonly capture: OpenedCapture;
  readonly cameraFromSensor: FindSensor;
  /** From the world that the capture had; null: it stayed. */
  readonly worldFromCapture: Similarity | null;
  /** Found cameras and points in the capture's world, where a cloud has refined them: more than a similarity then lies between. */
  readonly placedModel?: SparseModel;
  /** One standard deviation of the capture's scale, as a share of it; null or absent where nothing tells. */
  readonly scaleUncertainty?: number | null;
  /** False: the capture is taken to be in the sensors' unit, for want of anything that tells. */
  readonly isScaleKnown: boolean;
  /** One sentence each. */
  readonly warnings: readonly string[];
}

/** What a project's file and the way through it leave of numbers. */
const SAME = 1e-6;

function kindsOf({ lidar, radar }: OpenedSensors): SensorKind[] {
  return [...(lidar ? (['lidar'] as const) : []), ...(radar ? (['radar'] as const) : [])];
}

/** The placement of a sensor for a photo of a scene: one for every photo is of one instant, so that only a lone photo takes it. */
function placementFor(rig: SensorRig, sensor: SensorKind, photo: string, isOnly: boolean): SensorPlacement | null {
  const found = choosePlacement(rig[sensor], { name: photo, isOnly });
  return found === null || (found.by === 'every' && !isOnly) ? null : found.placement;
}

/** One sentence for photos that go by what is stated of another. */
function describeOthers(capture: OpenedCapture, sensors: OpenedSensors): readonly string[] {
  const isOnly = capture.views.length === 1;
  const said = capture.views.flatMap(({ name }) =>
    kindsOf(sensors).flatMap((sensor) => {
      const found = choosePlacement(sensors.rig[sensor], { name, isOnly });
      return found?.by === 'other' ? [describeBorrowed(name, found.placement)] : [];
    }),
  );
  return [...new Set(said)];
}

/**
 * Photos of one instant whose calibration states lens and place of each: their world is the first sensor's frame, and no cameras need to be
 * found. null where the calibration does not say all of that.
 */
export function poseByRig({ files, imagePaths }: UnposedPhotos, sensors: OpenedSensors): OpenedCapture | null {
  const [first] = kindsOf(sensors);
  if (first === undefined) return null;
  const names = namePhotos(imagePaths);
  const views = imagePaths.map((imagePath, i): CaptureView | null => {
    const placement = placementFor(sensors.rig, first, names[i]!, imagePaths.length === 1);
    if (placement === null || placement.intrinsics === null) return null;
    const camera = { intrinsics: placement.intrinsics, cameraFromWorld: placement.cameraFromSensor };
    return { name: names[i]!, imagePath, maskPath: null, camera, distortion: null };
  });
  const posed = views.filter((view) => view !== null);
  if (posed.length < views.length) return null;
  return withPhotos({ format: 'calibration', views: posed, warnings: [] }, files);
}

function isSameTransform(a: RigidTransform, b: RigidTransform): boolean {
  const size = Math.max(1, ...b.translation.map(Math.abs));
  return (
    a.rotation.every((value, k) => Math.abs(value - b.rotation[k]!) < SAME) &&
    a.translation.every((value, k) => Math.abs(value - b.translation[k]!) < SAME * size)
  );
}

/**
 * Metres a unit of the capture's world, from how far apart cameras are here and there; null for fewer than two that tell. Cameras that are
 * where the calibration has them came from it, were it one alone: 1.
 */
export function scaleByRig(views: readonly CaptureView[], rig: SensorRig, sensor: SensorKind): MeasuredScale | null {
  const pairs = views.flatMap(({ name, camera }) => {
    const placement = placementFor(rig, sensor, name, views.length === 1);
    return placement === null ? [] : [{ here: camera.cameraFromWorld, there: placement.cameraFromSensor }];
  });
  if (pairs.length > 0 && pairs.every(({ here, there }) => isSameTransform(here, there)))
    return { scale: 1, uncertainty: null };
  return scaleOfCameras(pairs.map(({ here, there }) => ({ here: cameraCentre(here), there: cameraCentre(there) })));
}

/** Photos and sensors share nothing but the calibration: one that is for none of the photos is of no use. */
function assertPlaced(kinds: readonly SensorKind[], placed: ReadonlyMap<SensorKind, unknown>, capture: OpenedCapture) {
  const lost = kinds.find((sensor) => !placed.has(sensor));
  if (lost === undefined) return;
  throw new ImportError(
    'not-found',
    `The calibration of the ${SENSOR_NAMES[lost]} names none of the photos.`,
    capture.views[0]?.name ?? 'capture',
    '',
    'Say which photo the scan belongs to: "photo" in our own JSON (docs/calibration.md), or a camera’s name that stands in the photo’s.',
  );
}

interface InWorld {
  /** Sensors whose clouds are in the capture's frame, whatever the calibration says. */
  readonly kinds: readonly SensorKind[];
  /** What the capture is scaled by for them, and by nothing else. */
  readonly scale: number;
}

/** With a calibration beside a capture's own cameras: the scale from it, and the sensors from a photo that it names. */
function placeByRig(capture: OpenedCapture, sensors: OpenedSensors, own: InWorld | null = null): PlacedSensors {
  const { rig } = sensors;
  const isOnly = capture.views.length === 1;
  const kinds = kindsOf(sensors);
  const inWorld = own?.kinds ?? [];
  // Cameras that come from the calibration itself are in its unit.
  const isInUnit = own !== null || capture.format === 'calibration';
  const measured = isInUnit ? null : scaleByRig(capture.views, rig, kinds[0]!);
  const scale = own?.scale ?? (isInUnit ? 1 : (measured?.scale ?? null));
  const warnings =
    scale === null
      ? ['The calibration names one photo of the capture only: the capture is taken to be in the sensors’ unit.']
      : [];
  const worldFromCapture: Similarity | null =
    scale === null || scale === 1 ? null : { scale, rotation: IDENTITY.rotation, translation: [0, 0, 0] };
  const moved = worldFromCapture === null ? capture : moveCapture(capture, worldFromCapture);
  const worldFromFile = localFromFile(moved.origin);
  const worldFromSensor = new Map<SensorKind, RigidTransform>(inWorld.map((sensor) => [sensor, worldFromFile]));
  for (const sensor of kinds)
    for (const { name, camera } of moved.views) {
      const placement = placementFor(rig, sensor, name, isOnly);
      if (placement === null || worldFromSensor.has(sensor)) continue;
      worldFromSensor.set(sensor, composeRigid(invertRigid(camera.cameraFromWorld), placement.cameraFromSensor));
    }
  assertPlaced(kinds, worldFromSensor, capture);
  return {
    capture: moved,
    worldFromCapture,
    scaleUncertainty: measured?.uncertainty ?? null,
    isScaleKnown: scale !== null,
    warnings,
    cameraFromSensor: (sensor, photo, { cameraFromWorld }) => {
      const stated = inWorld.includes(sensor) ? null : placementFor(rig, sensor, photo, isOnly);
      const shared = worldFromSensor.get(sensor);
      return stated?.cameraFromSensor ?? (shared === undefined ? null : composeRigid(cameraFromWorld, shared));
    },
  };
}

export interface PlaceOptions {
  /** What cameras were found by, in this run; null where they were given. */
  readonly model: SparseModel | null;
  /** Whether the found world's z points up. */
  readonly isUpright: boolean;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** Cameras were found in this run, in a world of their own, and a cloud has no calibration: LiDAR by its shape, a radar from there by its own. */
function placeInFoundWorld(
  capture: OpenedCapture,
  sensors: OpenedSensors,
  model: SparseModel,
  options: PlaceOptions,
): PlacedSensors {
  if (sensors.lidar === null || sensors.rig.lidar.length > 0)
    throw new ImportError(
      'not-found',
      'Nothing says where the radar sits to the cameras.',
      'radar',
      '',
      'Give --calibration FILE (see docs/calibration.md).',
    );
  const byShape = placeByShape(capture, sensors.lidar, model, options);
  // A radar that nothing places is left out, and that is said: the LiDAR alone is a run.
  const placedByShape = { ...byShape, isScaleKnown: true };
  if (sensors.radar === null) return placedByShape;
  if (sensors.rig.radar.length === 0)
    return {
      ...placedByShape,
      warnings: [...byShape.warnings, 'Nothing says where the radar sits to the cameras: it is left out.'],
    };
  const placed = placeByRig(byShape.capture, sensors, { kinds: ['lidar'], scale: 1 });
  const { worldFromCapture, placedModel } = byShape;
  return { ...placed, worldFromCapture, placedModel, warnings: [...byShape.warnings, ...placed.warnings] };
}

/**
 * Brings photos with cameras and sensors into one world: by the calibration; else found cameras by the shape of the cloud; else a capture's
 * clouds are taken to be in its own frame and unit, which is said. One sensor may be in the capture's frame while the other has a calibration.
 *
 * @throws ImportError where the calibration is for other photos or other sensors, and where shape does not tell.
 */
export function placeSensors(capture: OpenedCapture, sensors: OpenedSensors, options: PlaceOptions): PlacedSensors {
  const { rig } = sensors;
  const kinds = kindsOf(sensors);
  const unplaced = kinds.filter((sensor) => rig[sensor].length === 0);
  const isCalibrated = rig.lidar.length + rig.radar.length > 0;
  if (unplaced.length === kinds.length && isCalibrated)
    throw new ImportError(
      'not-found',
      `The calibration says nothing of the ${kinds.map((sensor) => SENSOR_NAMES[sensor]).join(' and the ')}.`,
      'calibration',
      '',
      'Leave it out for clouds in the capture’s frame, or name the sensor in it (docs/calibration.md).',
    );
  if (unplaced.length > 0 && options.model !== null) return placeInFoundWorld(capture, sensors, options.model, options);
  const warnings = unplaced.map(
    (sensor) =>
      `The ${SENSOR_NAMES[sensor]} cloud has no calibration: it is taken to be in the capture’s own frame and unit.`,
  );
  const [own] = unplaced;
  // Clouds in feet were brought to metres: the capture that they lie in as well.
  const inWorld = own === undefined ? null : { kinds: unplaced, scale: sensors.metresPerUnit?.[own] ?? 1 };
  const placed = placeByRig(capture, sensors, inWorld);
  const others = describeOthers(capture, sensors);
  return { ...placed, warnings: [...rig.warnings, ...others, ...warnings, ...placed.warnings] };
}
