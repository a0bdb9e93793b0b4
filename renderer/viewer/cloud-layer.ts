/** Points that sensors measured, drawn in the scene. */
import * as THREE from 'three';
import { disposeObject } from './frustum-layer.js';
import { boundsOfPoints } from './scene-bounds.js';
import type { ViewerCloud } from './viewer-contract.js';

/** On the screen, in pixels of the canvas. */
const [MIN_PX, MAX_PX] = [1.6, 7];
/** Points lie on surfaces that Gaussians cover: a hundredth nearer, they are seen. */
const LIFT = 0.99;

interface Drawn {
  readonly cloud: ViewerCloud;
  readonly object: THREE.Points<THREE.BufferGeometry, THREE.PointsMaterial>;
}

export class CloudLayer {
  readonly group = new THREE.Group();
  private drawn: Drawn[] = [];

  /** What stays the same stays on the GPU; new colours of the same points are sent alone. */
  setClouds(clouds: readonly ViewerCloud[]): void {
    const before = new Map(this.drawn.map((entry) => [entry.cloud.id, entry]));
    this.drawn = clouds.map((cloud) => {
      const known = before.get(cloud.id);
      if (known === undefined || known.cloud.positions !== cloud.positions) return { cloud, object: pointsOf(cloud) };
      before.delete(cloud.id);
      if (known.cloud.colors !== cloud.colors) recolor(known.object, cloud);
      return { cloud, object: known.object };
    });
    for (const { object } of before.values()) disposeObject(object);
    this.group.clear();
    for (const { object } of this.drawn) this.group.add(object);
  }

  dispose(): void {
    for (const { object } of this.drawn) disposeObject(object);
    this.drawn = [];
    this.group.clear();
  }
}

/** A copy: it is written over when the points are coloured otherwise. */
function colorsOf({ colors }: ViewerCloud): THREE.BufferAttribute {
  return new THREE.BufferAttribute(colors.slice(), 3, true);
}

/** Into the buffer that is there: one that is exchanged stays on the GPU for as long as the geometry lives. */
function recolor({ geometry }: Drawn['object'], { colors }: ViewerCloud): void {
  const attribute = geometry.getAttribute('color') as THREE.BufferAttribute;
  attribute.copyArray(colors);
  attribute.needsUpdate = true;
}

/** About as wide as points lie apart, were they spread over a plane as large as the cloud. */
function spacingOf({ positions }: ViewerCloud): number {
  const ball = boundsOfPoints(positions);
  return ball === null ? 1 : (ball.radius * Math.SQRT2) / Math.sqrt(Math.max(1, positions.length / 3));
}

function pointsOf(cloud: ViewerCloud): Drawn['object'] {
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute('position', new THREE.BufferAttribute(cloud.positions, 3));
  geometry.setAttribute('color', colorsOf(cloud));
  const material = new THREE.PointsMaterial({
    size: spacingOf(cloud),
    sizeAttenuation: true,
    vertexColors: true,
  });
  material.onBeforeCompile = (shader) => {
    shader.vertexShader = shader.vertexShader
      .replace(
        '#include <project_vertex>',
        `#include <project_vertex>\n\tgl_Position = projectionMatrix * vec4( mvPosition.xyz * ${LIFT}, 1.0 );`,
      )
      .replace(
        '#include <logdepthbuf_vertex>',
        `gl_PointSize = clamp( gl_PointSize, ${MIN_PX.toFixed(1)}, ${MAX_PX.toFixed(1)} );\n\t#include <logdepthbuf_vertex>`,
      );
  };
  const object = new THREE.Points(geometry, material);
  // Their ball would be measured over all points for nothing: they are in sight, or the viewer has left.
  object.frustumCulled = false;
  return object;
}
