/** The shapes of photos' cameras in the scene: where their lines and pictures lie, and which one a pointer touches. No three. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMatVec } from '../../engine/math/rigid-transform.js';
import type { Intrinsics } from '../../engine/scene/camera.js';
import { poseOfPhoto, projectPoint } from './view-geometry.js';
import { add, distance, mix } from './vector-math.js';
import type { ViewerPhoto, ViewPose } from './viewer-contract.js';

/** Centre of the camera, then the corners of its picture: top left, top right, bottom right, bottom left. */
export type FrustumPoints = readonly [Vec3, Vec3, Vec3, Vec3, Vec3];

const DASHES = 7;

export function frustumPoints(camera: ViewerPhoto['camera'], depth: number): FrustumPoints {
  const { rotation, position } = poseOfPhoto(camera);
  const corner = (u: number, v: number): Vec3 =>
    add(
      position,
      multiplyMatVec(rotation, [((u - camera.cx) / camera.fx) * depth, ((v - camera.cy) / camera.fy) * depth, depth]),
    );
  return [
    position,
    corner(0, 0),
    corner(camera.width, 0),
    corner(camera.width, camera.height),
    corner(0, camera.height),
  ];
}

/** Depth of the pictures in the frustums: a share of how far apart the cameras are, so that they do not run into each other. */
export function frustumDepth(photos: readonly ViewerPhoto[], sceneRadius: number): number {
  const centres = photos.slice(0, 200).map(({ camera }) => poseOfPhoto(camera).position);
  const nearest = centres
    .map((centre) => Math.min(...centres.filter((other) => other !== centre).map((other) => distance(centre, other))))
    .filter((value) => Number.isFinite(value) && value > 0)
    .sort((a, b) => a - b);
  const typical = nearest[nearest.length >> 1] ?? sceneRadius * 0.15;
  return Math.min(sceneRadius * 0.15, Math.max(sceneRadius * 0.02, typical * 0.4));
}

/** A frustum that the viewer stands in or right before would only be in the way: it is neither drawn nor clicked. */
export function isTooNear(camera: ViewerPhoto['camera'], depth: number, viewer: Readonly<Vec3>): boolean {
  return distance(poseOfPhoto(camera).position, viewer) < 4 * depth;
}

/** Pairs of ends, eight edges; dashed ones come in pieces, so that they differ in more than colour. */
export function frustumEdges(points: FrustumPoints, isDashed: boolean): Vec3[] {
  const [centre, a, b, c, d] = points;
  const edges: [Vec3, Vec3][] = [
    [centre, a],
    [centre, b],
    [centre, c],
    [centre, d],
    [a, b],
    [b, c],
    [c, d],
    [d, a],
  ];
  return edges.flatMap(([from, to]) => (isDashed ? dashes(from, to) : [from, to]));
}

function dashes(from: Vec3, to: Vec3): Vec3[] {
  const step = 1 / (2 * DASHES - 1);
  return Array.from({ length: DASHES }, (_, i) => [
    mix(from, to, 2 * i * step),
    mix(from, to, (2 * i + 1) * step),
  ]).flat();
}

/** The photo whose picture, or camera, lies under a place of the canvas; the nearest of several. */
export function photoAt(
  photos: readonly ViewerPhoto[],
  depth: number,
  view: { readonly pose: ViewPose; readonly camera: Intrinsics },
  x: number,
  y: number,
): ViewerPhoto | null {
  let best: { photo: ViewerPhoto; depth: number } | null = null;
  for (const photo of photos) {
    if (isTooNear(photo.camera, depth, view.pose.position)) continue;
    const points = frustumPoints(photo.camera, depth).map((point) => projectPoint(view.pose, view.camera, point));
    const [centre, ...corners] = points;
    const touchesCentre = centre !== null && centre !== undefined && Math.hypot(centre.x - x, centre.y - y) < 8;
    const visible = corners.filter((corner) => corner !== null);
    if (!touchesCentre && (visible.length < 4 || !isInQuad(visible, x, y))) continue;
    const near = Math.min(...[centre ?? null, ...visible].map((point) => point?.depth ?? Number.POSITIVE_INFINITY));
    if (best === null || near < best.depth) best = { photo, depth: near };
  }
  return best?.photo ?? null;
}

function isInQuad(corners: readonly { readonly x: number; readonly y: number }[], x: number, y: number): boolean {
  const sides = corners.map((corner, i) => {
    const next = corners[(i + 1) % corners.length] ?? corner;
    return Math.sign((next.x - corner.x) * (y - corner.y) - (next.y - corner.y) * (x - corner.x));
  });
  return sides.every((side) => side >= 0) || sides.every((side) => side <= 0);
}
