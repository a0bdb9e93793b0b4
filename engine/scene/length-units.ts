/** Lengths of clouds in metres. */
import type { RigidTransform } from '../math/rigid-transform.js';
import { IDENTITY } from '../math/rigid-transform.js';
import { scale } from '../math/vectors.js';
import type { LengthUnit, SensorPoints } from './sensor-points.js';
import { transformSensorPoints } from './transform-sensor-points.js';

/** Metres a unit: the international foot, and the US survey foot of 1200/3937 m; null: nobody knows. */
const METRES_PER_UNIT: Readonly<Record<LengthUnit, number | null>> = {
  metre: 1,
  foot: 0.3048,
  'us-survey-foot': 1200 / 3937,
  unknown: null,
};

/** Metres a unit; null where the unit is not known. */
export function metresPerUnit(unit: LengthUnit): number | null {
  return METRES_PER_UNIT[unit];
}

/** A cloud in metres, where its unit is known; else as it is. Speeds are metres a second already. */
export function cloudInMetres(points: SensorPoints): SensorPoints {
  const metres = metresPerUnit(points.frame.unit);
  if (metres === null || metres === 1) return points;
  return transformSensorPoints(points, { ...IDENTITY, scale: metres }, { ...points.frame, unit: 'metre' });
}

/** `transform` where lengths are counted in other units: `translation` times `factor`. */
export function scaleRigid({ rotation, translation }: RigidTransform, factor: number): RigidTransform {
  return { rotation, translation: scale(translation, factor) };
}
