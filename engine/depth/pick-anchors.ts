/** Some of a set of anchors. */
import type { DepthAnchors } from '../scene/depth-anchors.js';
import type { ProjectedPoints } from './project-points.js';

/** The anchors at the given places, in that order. */
export function pickAnchors(anchors: DepthAnchors, chosen: ArrayLike<number>): DepthAnchors {
  const indices = Array.from(chosen);
  const pixels = new Float32Array(2 * indices.length);
  indices.forEach((k, i) => {
    pixels[2 * i] = anchors.pixels[2 * k] as number;
    pixels[2 * i + 1] = anchors.pixels[2 * k + 1] as number;
  });
  return {
    count: indices.length,
    pixels,
    depth: Float32Array.from(indices, (k) => anchors.depth[k] as number),
    sigmaLogDepth: Float32Array.from(indices, (k) => anchors.sigmaLogDepth[k] as number),
    source: anchors.source,
  };
}

/** Holds out every n-th point of the cloud: which points are held out does not depend on the camera. 0: none. */
export function holdOutAnchors(
  { anchors, pointIndex }: ProjectedPoints,
  every: number,
): { readonly kept: DepthAnchors; readonly heldOut: DepthAnchors } {
  const isHeldOut = (k: number): boolean => every > 0 && (pointIndex[k] as number) % every === 0;
  const all = Array.from(pointIndex.keys());
  return {
    kept: pickAnchors(
      anchors,
      all.filter((k) => !isHeldOut(k)),
    ),
    heldOut: pickAnchors(anchors, all.filter(isHeldOut)),
  };
}

/** [N] the depth map's values at the anchors' pixels. */
export function depthAtAnchors(depth: Float32Array, width: number, { count, pixels }: DepthAnchors): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, k) => depth[Math.floor(pixels[2 * k + 1] as number) * width + Math.floor(pixels[2 * k] as number)] as number,
  );
}
