/** How much of each held-out photo the training photos see: what nobody photographed, nobody can reconstruct. */
import { transformPoint } from '../../engine/math/rigid-transform.js';
import { cameraCentre } from '../../engine/math/conventions.js';
import type { Camera } from '../../engine/scene/camera.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { BoundingTree } from './bounding-tree.js';
import type { SampleShot } from './cameras.js';
import type { Ray } from './intersect.js';
import { aimRay } from './render.js';

export interface Coverage {
  readonly name: string;
  /** Shares of pixels that at least one, at least two training photos see. */
  readonly once: number;
  readonly twice: number;
}

/** Whether a camera has a point in its picture with nothing before it (to a centimetre). */
function sees(tree: BoundingTree, camera: Camera, point: Vec3): boolean {
  const { fx, fy, cx, cy, width, height } = camera.intrinsics;
  const [x, y, z] = transformPoint(camera.cameraFromWorld, point);
  const u = (fx * x) / z + cx;
  const v = (fy * y) / z + cy;
  if (!(z > 0) || u < 0 || v < 0 || u >= width || v >= height) return false;
  const [ox, oy, oz] = cameraCentre(camera.cameraFromWorld);
  const length = Math.hypot(point[0] - ox, point[1] - oy, point[2] - oz);
  const ray: Ray = {
    ox,
    oy,
    oz,
    dx: (point[0] - ox) / length,
    dy: (point[1] - oy) / length,
    dz: (point[2] - oz) / length,
  };
  return !tree.isBlocked(ray, length - 0.01);
}

/** Coverage of every held-out shot, on every `step`-th pixel both ways. The sky counts by its direction. */
export function measureCoverage(tree: BoundingTree, shots: readonly SampleShot[], step: number): Coverage[] {
  const training = shots.filter((shot) => !shot.heldOut);
  const ray: Ray = { ox: 0, oy: 0, oz: 0, dx: 0, dy: 0, dz: 1 };
  return shots
    .filter((shot) => shot.heldOut)
    .map(({ name, camera }) => {
      let pixels = 0;
      let once = 0;
      let twice = 0;
      for (let row = 0; row < camera.intrinsics.height; row += step) {
        for (let column = 0; column < camera.intrinsics.width; column += step) {
          aimRay(camera, column + 0.5, row + 0.5, ray);
          const distance = Math.min(tree.findNearest(ray), 1000);
          const point: Vec3 = [ray.ox + ray.dx * distance, ray.oy + ray.dy * distance, ray.oz + ray.dz * distance];
          const witnesses = training.filter((shot) => sees(tree, shot.camera, point)).length;
          pixels++;
          if (witnesses >= 1) once++;
          if (witnesses >= 2) twice++;
        }
      }
      return { name, once: once / pixels, twice: twice / pixels };
    });
}
