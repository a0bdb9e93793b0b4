/** The photos in the scene: frustums as lines, thumbnails as pictures in them. */
import * as THREE from 'three';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { frustumEdges, frustumPoints, isTooNear } from './frustum-geometry.js';
import type { ViewerPhoto } from './viewer-contract.js';

const TRAIN_COLOR = 0x4da3ff;
const HELD_OUT_COLOR = 0xffb347;
const ACTIVE_COLOR = 0xffffff;
/** More pictures than this would take more memory than the scene. */
const MAX_PICTURES = 400;

export class FrustumLayer {
  readonly group = new THREE.Group();
  private readonly textures = new Map<string, THREE.Texture>();
  private highlighted: string | null = null;
  private depth = 1;
  private photos: readonly ViewerPhoto[] = [];

  constructor(private readonly onChange: () => void) {}

  update(photos: readonly ViewerPhoto[], depth: number): void {
    this.photos = photos;
    this.depth = depth;
    this.forgetTextures(new Set(photos.map(({ thumbnailUrl }) => thumbnailUrl)));
    this.rebuild();
  }

  highlight(photoId: string | null): void {
    if (photoId === this.highlighted) return;
    this.highlighted = photoId;
    this.rebuild();
    this.onChange();
  }

  dispose(): void {
    this.clear();
    this.forgetTextures(new Set());
  }

  /** Hides what is too near to the viewer. */
  follow(viewer: Readonly<Vec3>): void {
    this.photos.forEach(({ camera }, i) => {
      const object = this.group.children[i];
      if (object !== undefined) object.visible = !isTooNear(camera, this.depth, viewer);
    });
  }

  private rebuild(): void {
    this.clear();
    this.photos.forEach((photo, i) => {
      const points = frustumPoints(photo.camera, this.depth);
      const color = photo.id === this.highlighted ? ACTIVE_COLOR : photo.isHeldOut ? HELD_OUT_COLOR : TRAIN_COLOR;
      const object = new THREE.Group();
      object.add(lines(frustumEdges(points, photo.isHeldOut).flat(), color));
      if (photo.thumbnailUrl !== null && i < MAX_PICTURES)
        object.add(this.picture(photo.thumbnailUrl, points.slice(1)));
      this.group.add(object);
    });
  }

  private picture(url: string, corners: readonly (readonly number[])[]): THREE.Mesh {
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute('position', new THREE.Float32BufferAttribute(corners.flat(), 3));
    geometry.setAttribute('uv', new THREE.Float32BufferAttribute([0, 1, 1, 1, 1, 0, 0, 0], 2));
    geometry.setIndex([0, 1, 2, 0, 2, 3]);
    const material = new THREE.MeshBasicMaterial({ map: this.texture(url), side: THREE.DoubleSide });
    return new THREE.Mesh(geometry, material);
  }

  private texture(url: string): THREE.Texture {
    const known = this.textures.get(url);
    if (known !== undefined) return known;
    const texture = new THREE.TextureLoader().load(url, this.onChange);
    texture.generateMipmaps = true;
    texture.minFilter = THREE.LinearMipmapLinearFilter;
    this.textures.set(url, texture);
    return texture;
  }

  private forgetTextures(kept: ReadonlySet<string | null>): void {
    for (const [url, texture] of this.textures) {
      if (kept.has(url)) continue;
      texture.dispose();
      this.textures.delete(url);
    }
  }

  private clear(): void {
    for (const child of [...this.group.children]) {
      this.group.remove(child);
      child.children.forEach(disposeObject);
    }
  }
}

/** Line segments from pairs of ends, three numbers each. */
export function lines(positions: readonly number[], color: number): THREE.LineSegments {
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3));
  const segments = new THREE.LineSegments(geometry, new THREE.LineBasicMaterial({ color }));
  segments.frustumCulled = false;
  return segments;
}

/** Textures stay: they are shared. */
export function disposeObject(object: THREE.Object3D): void {
  const { geometry, material } = object as Partial<THREE.Mesh>;
  geometry?.dispose();
  if (material !== undefined && !Array.isArray(material)) material.dispose();
}
