/** The building: floor, walls, print and sign, pergola, lights on a wire, garden wall. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { SceneBuilder } from './scene-builder.js';

export const BACK_WALL_Y = 4.6;
export const SIDE_WALL_X = -2.1;
const WALL_TOP = 3.4;
/** Lower left corner of the poster on the back wall, and its size. */
export const POSTER = { left: -1.5, bottom: 1.18, width: 0.9, height: 1.2, y: BACK_WALL_Y - 0.012 } as const;

export function buildTerrace(scene: SceneBuilder): void {
  scene.quad([-3, -1.5, 0], [8.5, 0, 0], [0, 7.7, 0], 'tiles');
  scene.box([1.25, 6.28, -0.055], [8.5, 0.3, 0.13], 'stone', 0.3);
  scene.quad([SIDE_WALL_X, -1.5, 0], [0, BACK_WALL_Y + 1.5, 0], [0, 0, WALL_TOP], 'houseBrick');
  scene.quad([SIDE_WALL_X, BACK_WALL_Y, 0], [1.9, 0, 0], [0, 0, WALL_TOP], 'plaster');
  scene.box([-0.18, BACK_WALL_Y + 0.1, WALL_TOP / 2], [0.13, 0.3, WALL_TOP], 'painted', 0.4);
  scene.box([-1.2, BACK_WALL_Y - 0.012, 0.05], [1.9, 0.024, 0.1], 'painted', 0.7);
  buildPoster(scene);
  scene.quad([SIDE_WALL_X + 0.012, 3.25, 1.62], [0, 0.3, 0], [0, 0, 0.22], 'sign');
  buildPergola(scene);
  scene.quad([-9, 6.2, -0.12], [22, 0, 0], [0, 40, 0], 'lawn');
  scene.quad([-4, 9.4, -0.12], [13, 0, 0], [0, 0, 1.2], 'gardenBrick');
  for (let i = 0; i < 26; i++) scene.box([-3.75 + i * 0.5, 9.45, 1.11], [0.49, 0.34, 0.07], 'stone', (i * 0.381) % 1);
}

function buildPoster(scene: SceneBuilder): void {
  const { left, bottom, width, height, y } = POSTER;
  scene.quad([left, y, bottom], [width, 0, 0], [0, 0, height], 'poster');
  const centreX = left + width / 2;
  const centreZ = bottom + height / 2;
  for (const side of [-1, 1]) {
    scene.box(
      [centreX + side * (width / 2 + 0.014), y, centreZ],
      [0.028, 0.03, height + 0.056],
      'oak',
      0.3 + side * 0.2,
    );
    scene.box([centreX, y, centreZ + side * (height / 2 + 0.014)], [width, 0.03, 0.028], 'oak', 0.6 + side * 0.1);
  }
}

function buildPergola(scene: SceneBuilder): void {
  scene.box([2.3, 4.5, 1.33], [0.12, 0.12, 2.66], 'painted', 0.2);
  scene.box([0.2, 4.5, 2.73], [4.7, 0.1, 0.15], 'painted', 0.55);
  // A brace from post to beam, and the wire with its bulbs.
  scene.rod([2.24, 4.5, 2.1], [1.75, 4.5, 2.66], 0.032, 'oak', 0.4);
  const points: Vec3[] = [];
  for (let i = 0; i <= 22; i++) {
    const s = i / 22;
    points.push([SIDE_WALL_X + 4.4 * s, 3.3 + 1.15 * s, 2.5 + 0.08 * s - 0.9 * s * (1 - s)]);
  }
  scene.wire(points, 0.006, 'iron');
  for (let i = 2; i < 22; i += 3) {
    const [x, y, z] = points[i] as Vec3;
    scene.rod([x, y, z], [x, y, z - 0.05], 0.014, 'iron');
    scene.sphere([x, y, z - 0.095], 0.042, 'bulb', i / 22);
  }
}
