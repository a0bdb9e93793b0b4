/** Where radar returns lie in a photo, and how uncertain that is. */
import { symmetricEigen } from '../math/dense-algebra.js';
import type { Mat3, RigidTransform, Vec3 } from '../math/rigid-transform.js';
import { multiplyMatVec, transformPoint } from '../math/rigid-transform.js';
import { cross, dot, unit } from '../math/vectors.js';
import type { Intrinsics } from '../scene/camera.js';
import type { SensorPoints } from '../scene/sensor-points.js';
import { returnPosition } from './radar-returns.js';

/** Standard deviations of one return in the sensor's own coordinates. */
export interface RadarSigmas {
  /** In the cloud's unit. */
  readonly range: number;
  readonly azimuthRad: number;
  readonly elevationRad: number;
}

/** Typical of 4D radars for vehicles: range is good, elevation bad. Sides of ZF's, Continental's and Arbe's data sheets, rounded. */
export const RADAR_SIGMAS: RadarSigmas = {
  range: 0.2,
  azimuthRad: (1 * Math.PI) / 180,
  elevationRad: (1.75 * Math.PI) / 180,
};

/** What is known of how the sensor stands in the world. */
export interface RadarStance {
  /** Up in the sensor's frame, any length. */
  readonly up: Readonly<Vec3>;
  /** Height of the ground along `up` in the sensor's frame (negative: below the sensor); null when unknown. */
  readonly groundHeight: number | null;
}

export interface RadarGeometry {
  readonly cameraFromSensor: RigidTransform;
  readonly intrinsics: Intrinsics;
  readonly stance: RadarStance;
  readonly sigmas: RadarSigmas;
}

/** Returns before the camera, also those whose most likely pixel is outside the photo. */
export interface RadarPixels {
  readonly count: number;
  /** [N] index of the return in the cloud. */
  readonly indices: Uint32Array;
  /** [N, 2] px, the most likely place. */
  readonly pixels: Float64Array;
  /** [N, 4] px: the two half axes (1 σ) of the ellipse of likely places, the longer one first. */
  readonly halfAxes: Float64Array;
  /** [N] z along the camera's axis, in the cloud's unit. */
  readonly depth: Float64Array;
  /** [N] σ of log z. */
  readonly sigmaLogDepth: Float64Array;
}

/** What returns come from stands on the ground and is about this high above it, in metres: feet, wheels, hedges, heads, walls' lower parts. */
const OBJECT_HEIGHT = 0.8;
const OBJECT_HEIGHT_SIGMA = 0.8;
const NEAREST_DEPTH = 0.1;

interface Placed {
  readonly place: Vec3;
  /** Row-major covariance in the sensor's frame. */
  readonly covariance: Mat3;
}

/**
 * A return's place and covariance `σ_r² d dᵀ + (r σ_az)² a aᵀ + (r σ_el)² e eᵀ`; where the ground is known, the badly measured height is
 * drawn to that of things that stand on it (a product of two normal distributions).
 */
function placeReturn(measured: Vec3, { stance, sigmas }: RadarGeometry): Placed {
  const up = unit(stance.up);
  const range = Math.hypot(...measured);
  const ahead = unit(measured);
  // Straight up there is no azimuth; any side serves.
  const sideways = cross(up, ahead);
  const aside = Math.hypot(...sideways) > 1e-6 ? unit(sideways) : unit(cross(up, [up[1], up[2], up[0]]));
  const above = cross(ahead, aside);
  let [place, heightSigma] = [measured, range * sigmas.elevationRad];
  if (stance.groundHeight !== null && heightSigma > 0) {
    const measuredHeight = dot(measured, up);
    const [w1, w2] = [1 / heightSigma ** 2, 1 / OBJECT_HEIGHT_SIGMA ** 2];
    const height = (w1 * measuredHeight + w2 * (stance.groundHeight + OBJECT_HEIGHT)) / (w1 + w2);
    place = measured.map((v, k) => v + (height - measuredHeight) * up[k]!) as Vec3;
    heightSigma = 1 / Math.sqrt(w1 + w2);
  }
  const spread = [sigmas.range, range * sigmas.azimuthRad, heightSigma];
  const covariance = Array.from({ length: 9 }, (_, at) =>
    [ahead, aside, above].reduce((sum, v, k) => sum + spread[k]! ** 2 * v[Math.floor(at / 3)]! * v[at % 3]!, 0),
  ) as Mat3;
  return { place, covariance };
}

/** Covariance of (u, v, log z) from that of the place in the sensor's frame, by the projection's Jacobian. */
function projectCovariance(covariance: Mat3, geometry: RadarGeometry, [x, y, z]: Vec3): Mat3 {
  const { intrinsics, cameraFromSensor } = geometry;
  const r = cameraFromSensor.rotation;
  const inCamera: readonly Vec3[] = [
    [intrinsics.fx / z, 0, (-intrinsics.fx * x) / (z * z)],
    [0, intrinsics.fy / z, (-intrinsics.fy * y) / (z * z)],
    [0, 0, 1 / z],
  ];
  const rows = inCamera.map((row) => [0, 1, 2].map((k) => row[0] * r[k]! + row[1] * r[3 + k]! + row[2] * r[6 + k]!));
  return Array.from({ length: 9 }, (_, at) =>
    dot(rows[Math.floor(at / 3)] as Vec3, multiplyMatVec(covariance, rows[at % 3] as Vec3)),
  ) as Mat3;
}

/**
 * Projects returns into a photo, with the uncertainty of each: pixel ellipse and σ of log depth from σ of range, azimuth and elevation, to
 * first order. Returns that are no place, or nearer than 0.1 to the camera's plane, are left out; so is what `use` leaves out.
 *
 * @param use whether return i is wanted.
 */
export function projectRadar(points: SensorPoints, geometry: RadarGeometry, use: (i: number) => boolean): RadarPixels {
  const { fx, fy, cx, cy } = geometry.intrinsics;
  const indices: number[] = [];
  const [pixels, halfAxes, depth, sigmaLogDepth]: number[][] = [[], [], [], []];
  for (let i = 0; i < points.count; i++) {
    const measured = returnPosition(points, i);
    if (!use(i) || !(Math.hypot(...measured) > 0 && measured.every(Number.isFinite))) continue;
    const { place, covariance } = placeReturn(measured, geometry);
    const inCamera = transformPoint(geometry.cameraFromSensor, place);
    const [x, y, z] = inCamera;
    if (!(z > NEAREST_DEPTH)) continue;
    const [uu, uv, ulogz, vu, vv, vlogz, , , logz] = projectCovariance(covariance, geometry, inCamera);
    const { values, vectors } = symmetricEigen(Float64Array.of(uu, uv, vu, vv), 2);
    if (![...values, ulogz, vlogz, logz].every(Number.isFinite)) continue;
    const [minor, major] = [Math.sqrt(Math.max(0, values[0]!)), Math.sqrt(Math.max(0, values[1]!))];
    indices.push(i);
    pixels!.push((fx * x) / z + cx, (fy * y) / z + cy);
    halfAxes!.push(vectors[2]! * major, vectors[3]! * major, vectors[0]! * minor, vectors[1]! * minor);
    depth!.push(z);
    sigmaLogDepth!.push(Math.sqrt(logz));
  }
  return {
    count: indices.length,
    indices: Uint32Array.from(indices),
    pixels: Float64Array.from(pixels!),
    halfAxes: Float64Array.from(halfAxes!),
    depth: Float64Array.from(depth!),
    sigmaLogDepth: Float64Array.from(sigmaLogDepth!),
  };
}
