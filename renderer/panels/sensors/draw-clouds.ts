/** From the sensors of a project to what the viewer draws of them: where their points lie, and what colours they have. */
import type { Sensor } from '../../../electron/ipc/contract.js';
import { rotationToUpAxis } from '../../../engine/math/conventions.js';
import type { Mat3, Vec3 } from '../../../engine/math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../../../engine/math/rigid-transform.js';
import type { LengthUnit, SensorPoints, UpAxis } from '../../../engine/scene/sensor-points.js';
import { transformSensorPoints } from '../../../engine/scene/transform-sensor-points.js';
import type { Colouring, ValueRange } from '../../viewer/cloud-colors.js';
import {
  COLOURINGS,
  colorsOfValues,
  heightsOf,
  isSigned,
  plainColors,
  rangeOf,
  speedField,
} from '../../viewer/cloud-colors.js';
import type { SceneFrame, ViewerCloud } from '../../viewer/viewer-contract.js';

export interface CloudPicture {
  readonly sensor: Sensor;
  readonly points: SensorPoints;
}

/** Points of a run and how far its depth lies from them. */
export interface ResidualPoints {
  /** [N, 3] in the scene's frame. */
  readonly positions: Float32Array;
  /** [N] depth less measurement, in the scene's unit. */
  readonly residuals: Float32Array;
}

export type LegendUnit = LengthUnit | 'scene' | 'none' | 'speed' | 'decibel';

export interface CloudLegend {
  readonly colouring: Colouring;
  readonly unit: LegendUnit;
  /** null: clouds whose heights cannot be compared, each coloured by itself. */
  readonly range: ValueRange | null;
}

export interface DrawnClouds {
  readonly clouds: readonly ViewerCloud[];
  readonly colouring: Colouring | null;
  readonly legend: CloudLegend | null;
  readonly available: readonly Colouring[];
}

export interface DrawRequest {
  readonly pictures: readonly CloudPicture[];
  readonly residuals: ResidualPoints | null;
  /** What the user chose; another one where that is not to be had. */
  readonly wanted: Colouring | null;
  readonly frame: SceneFrame;
  readonly isMetric: boolean;
}

/** What the file says; else what the user said. */
export function upAxisOf({ facts, chosenUpAxis }: Pick<Sensor, 'facts' | 'chosenUpAxis'>): UpAxis {
  const stated = facts?.upAxis ?? 'unknown';
  return stated === 'unknown' ? (chosenUpAxis ?? 'unknown') : stated;
}

export function unitOf({ facts, chosenUnit }: Pick<Sensor, 'facts' | 'chosenUnit'>): LengthUnit {
  const stated = facts?.unit ?? 'unknown';
  return stated === 'unknown' ? (chosenUnit ?? 'unknown') : stated;
}

export const UP_VECTORS: Readonly<Record<UpAxis, Vec3 | null>> = { y: [0, 1, 0], z: [0, 0, 1], unknown: null };

const placedPositions = new WeakMap<SensorPoints, { readonly key: string; readonly positions: Float32Array }>();

/**
 * Where a cloud is drawn: in the scene where it is known how it lies there; else in its own frame about its own origin, upright as the
 * scene is where its up axis is known. The same array as long as nothing of that changes.
 */
export function drawnPositions({ sensor, points }: CloudPicture, frame: SceneFrame): Float32Array {
  const up = UP_VECTORS[upAxisOf(sensor)];
  const key = JSON.stringify(sensor.placement?.worldFromSensor ?? [up, frame.up]);
  const known = placedPositions.get(points);
  if (known?.key === key) return known.positions;
  const positions = positionsIn(points, sensor, up, frame.up);
  placedPositions.set(points, { key, positions });
  return positions;
}

function positionsIn(points: SensorPoints, { placement }: Sensor, up: Vec3 | null, sceneUp: Vec3): Float32Array {
  const unknown = { unit: 'unknown', upAxis: 'unknown', crs: null } as const;
  if (placement !== null) {
    const { scale, rotation, translation } = placement.worldFromSensor;
    const transform = { scale, rotation: rotation as Mat3, translation };
    const placed = transformSensorPoints(points, transform, unknown);
    return placed.positions.map((value, i) => value + (placed.origin[i % 3] as number));
  }
  if (up === null) return points.positions;
  const upright = multiplyMat(transposeMat(rotationToUpAxis(sceneUp, 'z-up')), rotationToUpAxis(up, 'z-up'));
  const still = { ...points, origin: [0, 0, 0] as const };
  return transformSensorPoints(still, { scale: 1, rotation: upright, translation: [0, 0, 0] }, unknown).positions;
}

interface Values {
  readonly values: ArrayLike<number>;
  readonly unit: LegendUnit;
}

/** What one cloud is coloured by; null where it has nothing of that kind. */
function valuesOf(picture: CloudPicture, colouring: Colouring, request: DrawRequest): Values | null {
  const { points } = picture;
  if (colouring === 'height') return heights(picture, request);
  if (colouring === 'intensity' || colouring === 'rcs') {
    const field = points.fields.get(colouring);
    return field === undefined ? null : { values: field, unit: colouring === 'rcs' ? 'decibel' : 'none' };
  }
  if (colouring === 'velocity') {
    const name = speedField(points);
    const field = name === null ? undefined : points.fields.get(name);
    return field === undefined ? null : { values: field, unit: 'speed' };
  }
  return null;
}

function heights(picture: CloudPicture, { frame, isMetric }: DrawRequest): Values | null {
  const { sensor, points } = picture;
  const up = UP_VECTORS[upAxisOf(sensor)];
  if (sensor.placement !== null) {
    const metres = frame.metresPerUnit ?? (isMetric ? 1 : null);
    const values = heightsOf(drawnPositions(picture, frame), frame.up.map((v) => v * (metres ?? 1)) as Vec3);
    return { values, unit: metres === null ? 'scene' : 'metre' };
  }
  if (up === null) return null;
  const offset = up[0] * points.origin[0] + up[1] * points.origin[1] + up[2] * points.origin[2];
  return { values: heightsOf(points.positions, up, offset), unit: unitOf(sensor) };
}

export function availableColourings(request: DrawRequest): Colouring[] {
  const { pictures, residuals } = request;
  return COLOURINGS.filter((colouring) => {
    if (colouring === 'residual') return residuals !== null && residuals.residuals.length > 0;
    if (colouring === 'own') return pictures.some(({ points }) => points.colors !== null);
    if (colouring === 'height')
      return pictures.some(({ sensor }) => sensor.placement !== null || upAxisOf(sensor) !== 'unknown');
    return pictures.some((picture) => valuesOf(picture, colouring, request) !== null);
  });
}

/** All that is drawn of the sensors that are used. */
export function drawClouds(request: DrawRequest): DrawnClouds {
  const { pictures, residuals, wanted, frame, isMetric } = request;
  const available = availableColourings(request);
  const colouring = available.find((name) => name === wanted) ?? available[0] ?? null;
  if (colouring === 'residual' && residuals !== null) {
    const range = rangeOf([residuals.residuals], true);
    const colors =
      range === null ? plainColors(residuals.residuals.length) : colorsOfValues(residuals.residuals, range);
    const cloud = { id: 'residuals', positions: residuals.positions, colors, isPlaced: true };
    return { clouds: [cloud], colouring, available, legend: { colouring, unit: isMetric ? 'metre' : 'scene', range } };
  }
  const values = pictures.map((picture) => (colouring === null ? null : valuesOf(picture, colouring, request)));
  const legend = legendOf(pictures, values, colouring);
  const clouds = pictures.map((picture, i): ViewerCloud => {
    const positions = drawnPositions(picture, frame);
    const isPlaced = picture.sensor.placement !== null;
    return { id: picture.sensor.id, positions, colors: colorsFor(picture, values[i] ?? null, legend), isPlaced };
  });
  return { clouds, colouring, available, legend };
}

function colorsFor({ points }: CloudPicture, own: Values | null, legend: CloudLegend | null): Uint8Array {
  if (legend === null) return points.colors ?? plainColors(points.count);
  if (own === null) return plainColors(points.count);
  const range = legend.range ?? rangeOf([own.values], isSigned(legend.colouring));
  return range === null ? plainColors(points.count) : colorsOfValues(own.values, range);
}

/** null: nothing that colours would stand for. Heights of clouds in frames of their own have no common zero. */
function legendOf(
  pictures: readonly CloudPicture[],
  values: readonly (Values | null)[],
  colouring: Colouring | null,
): CloudLegend | null {
  if (colouring === null || colouring === 'own') return null;
  const present = values.flatMap((entry, i) => (entry === null ? [] : [{ ...entry, picture: pictures[i] }]));
  const units = new Set(present.map(({ unit }) => unit));
  const ownFrames = present.filter(({ picture }) => picture?.sensor.placement === null).length;
  const isComparable = colouring !== 'height' || (units.size === 1 && (ownFrames === 0 || present.length === 1));
  const range = isComparable
    ? rangeOf(
        present.map((entry) => entry.values),
        isSigned(colouring),
      )
    : null;
  return { colouring, unit: present[0]?.unit ?? 'none', range };
}
