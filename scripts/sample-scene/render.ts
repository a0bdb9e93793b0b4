/** One photo: rays through every pixel, their mean radiance, and the tone curve. Depth without light for ground truth. */
import { cameraCentre } from '../../engine/math/conventions.js';
import type { Camera } from '../../engine/scene/camera.js';
import type { BoundingTree } from './bounding-tree.js';
import type { Ray } from './intersect.js';
import { hashInts } from './noise.js';
import { PixelSampler } from './sampler.js';
import { PathTracer } from './shade.js';

const EXPOSURE = 0.3;

/** Points `ray` from the camera through position (uPx, vPx) of its image; returns z per unit of ray distance. */
export function aimRay(camera: Camera, uPx: number, vPx: number, ray: Ray): number {
  const { fx, fy, cx, cy } = camera.intrinsics;
  const x = (uPx - cx) / fx;
  const y = (vPx - cy) / fy;
  const length = Math.sqrt(x * x + y * y + 1);
  const r = camera.cameraFromWorld.rotation;
  [ray.ox, ray.oy, ray.oz] = cameraCentre(camera.cameraFromWorld);
  ray.dx = (r[0] * x + r[3] * y + r[6]) / length;
  ray.dy = (r[1] * x + r[4] * y + r[7]) / length;
  ray.dz = (r[2] * x + r[5] * y + r[8]) / length;
  return 1 / length;
}

/** sRGB byte of linear radiance: exposure, a soft shoulder above 0.6, the sRGB transfer curve. */
export function developTone(radiance: number): number {
  let x = radiance * EXPOSURE;
  if (x > 0.6) x = 0.6 + 0.4 * (1 - Math.exp(-(x - 0.6) / 0.4));
  const encoded = x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055;
  return Math.max(0, Math.min(255, Math.round(encoded * 255)));
}

/** Offset in -1..1 with a triangular density: a pixel's filter reaches a little into its neighbours, as a lens's does. */
function tent(random: number): number {
  return random < 0.5 ? Math.sqrt(2 * random) - 1 : 1 - Math.sqrt(2 - 2 * random);
}

/** Renders [height, width, 3] sRGB bytes; the same samples and seed give the same bytes. `onRow` hears of every row. */
export function renderPhoto(
  tree: BoundingTree,
  camera: Camera,
  samples: number,
  seed: number,
  onRow: (row: number) => void,
): Uint8Array {
  const { width, height } = camera.intrinsics;
  const pixels = new Uint8Array(width * height * 3);
  const tracer = new PathTracer(tree);
  const sampler = new PixelSampler();
  const ray: Ray = { ox: 0, oy: 0, oz: 0, dx: 0, dy: 0, dz: 1 };
  const sum = new Float64Array(3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      sum.fill(0);
      const pixelSeed = hashInts(column, row, seed);
      for (let sample = 0; sample < samples; sample++) {
        sampler.start(pixelSeed, sample);
        sampler.next();
        aimRay(camera, column + 0.5 + 0.8 * tent(sampler.first), row + 0.5 + 0.8 * tent(sampler.second), ray);
        tracer.trace(ray, sampler, sum);
      }
      const at = (row * width + column) * 3;
      for (let c = 0; c < 3; c++) pixels[at + c] = developTone((sum[c] as number) / samples);
    }
    onRow(row);
  }
  return pixels;
}

/** [height, width] depth (z) through the pixel centres in metres, 0 for the sky. */
export function renderDepth(tree: BoundingTree, camera: Camera): Float32Array {
  const { width, height } = camera.intrinsics;
  const depth = new Float32Array(width * height);
  const ray: Ray = { ox: 0, oy: 0, oz: 0, dx: 0, dy: 0, dz: 1 };
  for (let i = 0; i < depth.length; i++) {
    const zPerDistance = aimRay(camera, (i % width) + 0.5, Math.floor(i / width) + 0.5, ray);
    const distance = tree.findNearest(ray);
    depth[i] = distance === Infinity ? 0 : distance * zPerDistance;
  }
  return depth;
}
