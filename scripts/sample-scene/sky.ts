/** Light from outside the scene: the sun as a small disc, the sky with clouds, and hills too far away to have parallax. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { fractal2, smoothStep } from './noise.js';
import { unit } from './scene-builder.js';
import { blend, linearOf, paint } from './textures.js';

/** Towards the sun. */
export const SUN_DIRECTION: Readonly<Vec3> = unit([0.46, -0.66, 0.66]);
/** Radius of the sun's disc seen from here, as a tangent: a little hazy, for soft shadows. */
export const SUN_RADIUS = 0.014;
/** Irradiance of a surface that faces the sun, and the sky's mean radiance, in the same units. */
export const SUN_IRRADIANCE: Readonly<Vec3> = [11.2, 9.8, 7.9];
const ZENITH: Readonly<Vec3> = [0.52, 0.78, 1.3];
const HORIZON: Readonly<Vec3> = [1.35, 1.5, 1.7];
const GROUND: Readonly<Vec3> = [0.5, 0.45, 0.36];

/** Radiance from a direction that leaves the scene; `detailed` adds clouds and hills (for what the camera sees). */
export function skyRadiance(dx: number, dy: number, dz: number, detailed: boolean, out: Float64Array): void {
  if (dz < 0 && !detailed) {
    paint(out, GROUND);
    return;
  }
  paint(out, HORIZON);
  blend(out, ZENITH, Math.min(1, Math.max(0, dz)) ** 0.55);
  if (!detailed) return;
  const azimuth = Math.atan2(dx, dy);
  const elevation = Math.asin(Math.max(-1, Math.min(1, dz)));
  const cloud = fractal2(azimuth * 5.5, elevation * 13, 6, 0.6, 401);
  blend(out, [2.5, 2.45, 2.4], 0.9 * smoothStep(-0.1, 0.6, cloud));
  const ridge = 0.1 + 0.045 * Math.sin(azimuth * 5 + 1) + 0.012 * fractal2(azimuth * 30, 0, 4, 0.6, 403);
  if (elevation > ridge) return;
  paint(out, linearOf(0x7c93a0), 1.5 + 0.35 * fractal2(azimuth * 80, elevation * 120, 4, 0.75, 405));
  const near = 0.055 + 0.025 * Math.sin(azimuth * 7 - 0.6) + 0.01 * fractal2(azimuth * 60, 0, 4, 0.7, 407);
  if (elevation < near)
    paint(out, linearOf(0x5f7a52), 1.3 + 0.8 * fractal2(azimuth * 120, elevation * 160, 4, 0.8, 409));
}
