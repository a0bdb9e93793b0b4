/** What is drawn beside the Gaussians: points, grid, a tool's box, the camera path, the photos' frustums. */
import * as THREE from 'three';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMatVec } from '../../engine/math/rigid-transform.js';
import type { PointCloud } from '../../engine/scene/point-cloud.js';
import { CloudLayer } from './cloud-layer.js';
import { disposeObject, FrustumLayer, lines } from './frustum-layer.js';
import type { Ball } from './scene-bounds.js';
import { add, cross, distance, dot, normalize, perpendicular, scale } from './vector-math.js';
import type { ViewPose } from './viewer-contract.js';

const BOX_COLOR = 0xffffff;
const PATH_COLOR = 0x35d0ba;
const MARKER_COLOR = 0xffd23f;
const GRID_COLOR = 0x5b6472;
const GRID_CELLS = 20;
const MARKER_PX = 7;

type Slot = 'points' | 'grid' | 'box' | 'path' | 'markers';

export interface ToolBox {
  readonly min: Vec3;
  readonly max: Vec3;
  /** worldFromBox about the scene's origin. */
  readonly rotation?: Mat3;
}

export class OverlayLayer {
  readonly scene = new THREE.Scene();
  /** What nothing hides: measured points lie on surfaces, half of a cross would sink into them. */
  readonly onTop = new THREE.Scene();
  readonly frustums: FrustumLayer;
  readonly clouds = new CloudLayer();
  private keys: { readonly position: Vec3; readonly nearest: number; readonly drawn: THREE.Object3D }[] = [];
  private readonly slots = new Map<Slot, THREE.Object3D>();

  constructor(onChange: () => void) {
    this.frustums = new FrustumLayer(onChange);
    this.scene.add(this.frustums.group, this.clouds.group);
  }

  setVisible(what: 'frustums' | 'clouds' | Slot, visible: boolean): void {
    const object = what === 'frustums' || what === 'clouds' ? this[what].group : this.slots.get(what);
    if (object !== undefined) object.visible = visible;
  }

  setPoints(points: PointCloud | null): void {
    if (points === null || points.count === 0) {
      this.put('points', null);
      return;
    }
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute('position', new THREE.BufferAttribute(points.positions, 3));
    geometry.setAttribute('color', new THREE.BufferAttribute(points.colors, 3, true));
    const material = new THREE.PointsMaterial({ size: 2, sizeAttenuation: false, vertexColors: true });
    const object = new THREE.Points(geometry, material);
    object.frustumCulled = false;
    this.put('points', object);
  }

  /** Squares of `cell` world units on the floor below the scene. */
  setGrid(up: Vec3, bounds: Ball, floor: number, cell: number): void {
    const normal = normalize(up);
    const right = perpendicular(normal);
    const ahead = cross(normal, right);
    const middle = add(bounds.centre, scale(normal, floor - dot(normal, bounds.centre)));
    const positions: number[] = [];
    const half = (GRID_CELLS / 2) * cell;
    for (let i = -GRID_CELLS / 2; i <= GRID_CELLS / 2; i++) {
      for (const [along, across] of [
        [right, ahead],
        [ahead, right],
      ] as const) {
        const line = add(middle, scale(across, i * cell));
        positions.push(...add(line, scale(along, -half)), ...add(line, scale(along, half)));
      }
    }
    const visible = this.slots.get('grid')?.visible ?? false;
    this.put('grid', lines(positions, GRID_COLOR));
    this.setVisible('grid', visible);
  }

  setBox(box: ToolBox | null): void {
    if (box === null) {
      this.put('box', null);
      return;
    }
    const edges = boxEdges(box.min, box.max);
    const { rotation } = box;
    const inScene = rotation === undefined ? edges : edges.map((end) => multiplyMatVec(rotation, end));
    this.put('box', lines(inScene.flat(), BOX_COLOR));
  }

  /** Crosses and dots at points of the scene, and lines from one to the next, drawn over everything. */
  setMarkers(points: readonly Vec3[], size: number): void {
    if (points.length === 0) {
      this.put('markers', null);
      return;
    }
    const crosses = points.flatMap((point) =>
      [0, 1, 2].flatMap((axis) =>
        [-size, size].flatMap((offset) => point.map((value, i) => value + (i === axis ? offset : 0))),
      ),
    );
    const joins = points.slice(1).flatMap((to, i) => [...(points[i] as Vec3), ...to]);
    const object = new THREE.Group();
    // Dark around bright: seen on any ground.
    object.add(dots(points, MARKER_PX + 4, 0x000000), lines([...crosses, ...joins], MARKER_COLOR));
    object.add(dots(points, MARKER_PX, MARKER_COLOR));
    object.children.forEach((child, order) => {
      child.renderOrder = order;
      const { material } = child as { readonly material?: THREE.Material };
      if (material !== undefined) material.depthTest = false;
    });
    this.put('markers', object);
  }

  setPath(
    path: { readonly positions: readonly Vec3[]; readonly keys: readonly ViewPose[] } | null,
    size: number,
  ): void {
    if (path === null) {
      this.keys = [];
      this.put('path', null);
      return;
    }
    const ends = path.positions.slice(1).flatMap((to, i) => [...(path.positions[i] as Vec3), ...to]);
    const object = new THREE.Group();
    object.add(lines(ends, PATH_COLOR));
    this.keys = path.keys.map((key) => {
      const drawn = lines(keyEdges(key, size).flat(), PATH_COLOR);
      object.add(drawn);
      return { position: key.position, nearest: 4 * size, drawn };
    });
    this.put('path', object);
  }

  /** Hides what one stands right before, and in. */
  follow(viewer: Readonly<Vec3>): void {
    this.frustums.follow(viewer);
    for (const { position, nearest, drawn } of this.keys) drawn.visible = distance(position, viewer) > nearest;
  }

  dispose(): void {
    for (const slot of [...this.slots.keys()]) this.put(slot, null);
    this.frustums.dispose();
    this.clouds.dispose();
  }

  private put(slot: Slot, object: THREE.Object3D | null): void {
    const old = this.slots.get(slot);
    const scene = slot === 'markers' ? this.onTop : this.scene;
    if (old !== undefined) {
      scene.remove(old);
      [old, ...old.children].forEach(disposeObject);
      this.slots.delete(slot);
    }
    if (object === null) return;
    this.slots.set(slot, object);
    scene.add(object);
  }
}

function dots(points: readonly Vec3[], size: number, color: number): THREE.Points {
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute('position', new THREE.Float32BufferAttribute(points.flat(), 3));
  const object = new THREE.Points(geometry, new THREE.PointsMaterial({ size, sizeAttenuation: false, color }));
  object.frustumCulled = false;
  return object;
}

/** Twelve edges as pairs of ends. */
function boxEdges(min: Vec3, max: Vec3): Vec3[] {
  const corner = (bits: number): Vec3 => [
    bits & 1 ? max[0] : min[0],
    bits & 2 ? max[1] : min[1],
    bits & 4 ? max[2] : min[2],
  ];
  const ends: Vec3[] = [];
  for (let from = 0; from < 8; from++) {
    for (const bit of [1, 2, 4]) if ((from & bit) === 0) ends.push(corner(from), corner(from | bit));
  }
  return ends;
}

/** A small pyramid where a key of the path stands. */
function keyEdges(key: ViewPose, size: number): Vec3[] {
  const half = Math.tan(key.fovYRad / 2) * size;
  const at = (x: number, y: number): Vec3 => add(key.position, multiplyMatVec(key.rotation, [x, y, size]));
  const corners = [at(-half * 1.5, -half), at(half * 1.5, -half), at(half * 1.5, half), at(-half * 1.5, half)];
  return corners.flatMap((corner, i) => [key.position, corner, corner, corners[(i + 1) % 4] as Vec3]);
}
