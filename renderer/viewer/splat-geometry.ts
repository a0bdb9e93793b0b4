/**
 * Squares for Gaussians, many to an instance: graphics cards fill their lanes badly with four vertices an instance, and software renderers
 * start every instance as a drawing of its own.
 */
import * as THREE from 'three';

/** Gaussians an instance; the vertex shader knows it too. */
export const BATCH = 128;
const CORNERS = [-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0];
const TRIANGLES = [0, 1, 2, 0, 2, 3];

/** Takes the place of Spark's geometry, which sets `instanceCount` to the number of Gaussians before it draws. */
export function createSplatGeometry(count: { value: number }): THREE.InstancedBufferGeometry {
  const geometry = new THREE.InstancedBufferGeometry();
  const positions = Array.from({ length: BATCH }, () => CORNERS).flat();
  const index = Array.from({ length: BATCH }, (_, i) => TRIANGLES.map((corner) => i * 4 + corner)).flat();
  geometry.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3));
  geometry.setIndex(index);
  Object.defineProperty(geometry, 'instanceCount', {
    get: () => Math.ceil(count.value / BATCH),
    set: (splats: number) => {
      count.value = Number.isFinite(splats) ? splats : 0;
    },
  });
  return geometry;
}
