/** Table, chair, lamp, crate on a stool: most of the scene's thin structures and depth steps. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { createRandom } from './noise.js';
import type { SceneBuilder } from './scene-builder.js';
import { buildTableware } from './tableware.js';

const TABLE_TOP = 0.745;

/** From a piece of furniture's own right, back and up to the world, for one that stands at (x, y) turned by `yaw`. */
function placeAt(x: number, y: number, yaw: number): (right: number, back: number, z: number) => Vec3 {
  return (right, back, z) => [
    x + right * Math.cos(yaw) - back * Math.sin(yaw),
    y + right * Math.sin(yaw) + back * Math.cos(yaw),
    z,
  ];
}

export function buildFurniture(scene: SceneBuilder): void {
  buildTable(scene);
  buildTableware(scene, TABLE_TOP);
  buildChair(scene, [-0.42, 3.05], -0.5);
  buildLamp(scene, [-1.78, 4.15]);
  buildStool(scene, [-0.93, 2.15]);
  buildCrate(scene, [-0.93, 2.15]);
}

function buildTable(scene: SceneBuilder): void {
  const [x, y] = [0.82, 2.78];
  for (let i = 0; i < 5; i++) {
    scene.box([x, y - 0.308 + i * 0.154, TABLE_TOP - 0.015], [1.32, 0.15, 0.03], 'oak', (i * 0.37 + 0.1) % 1);
  }
  for (const sx of [-1, 1]) {
    for (const sy of [-1, 1])
      scene.box([x + sx * 0.57, y + sy * 0.3, 0.36], [0.06, 0.06, 0.71], 'oak', 0.5 + 0.2 * sx * sy);
  }
  for (const sy of [-1, 1]) scene.box([x, y + sy * 0.3, 0.665], [1.1, 0.025, 0.09], 'oak', 0.45);
  scene.rod([x - 0.57, y, 0.16], [x + 0.57, y, 0.16], 0.018, 'oak', 0.4);
  buildRunner(scene, x + 0.02, y);
}

/** The cloth across the table, hanging down in soft folds towards the viewer. */
function buildRunner(scene: SceneBuilder, centre: number, y: number): void {
  const width = 0.44;
  const front = y - 0.392;
  scene.quad([centre - width / 2, front, TABLE_TOP + 0.003], [width, 0, 0], [0, 0.784, 0], 'cloth');
  const columns = 22;
  const fold = (i: number, drop: number): Vec3 => {
    const s = i / columns;
    return [
      centre + width * (s - 0.5),
      front - drop * (0.03 + 0.035 * Math.sin(s * 17)),
      TABLE_TOP + 0.003 - drop * 0.3,
    ];
  };
  for (let i = 0; i < columns; i++) {
    for (const [top, bottom] of [
      [0, 0.5],
      [0.5, 1],
    ] as const) {
      const [u0, u1] = [(i * width) / columns, ((i + 1) * width) / columns];
      const [v0, v1] = [-top * 0.3, -bottom * 0.3];
      const corners = [fold(i, top), fold(i + 1, top), fold(i + 1, bottom), fold(i, bottom)] as const;
      scene.triangle(
        [corners[0], corners[1], corners[2]],
        [
          [u0, v0],
          [u1, v0],
          [u1, v1],
        ],
        'cloth',
      );
      scene.triangle(
        [corners[0], corners[2], corners[3]],
        [
          [u0, v0],
          [u1, v1],
          [u0, v1],
        ],
        'cloth',
      );
    }
  }
}

/** A spindle-back chair that faces along `yaw`. */
function buildChair(scene: SceneBuilder, [x, y]: readonly [number, number], yaw: number): void {
  const place = placeAt(x, y, yaw);
  scene.box(place(0, 0, 0.445), [0.44, 0.42, 0.03], 'painted', 0.8, yaw);
  scene.box(place(0, -0.01, 0.475), [0.38, 0.36, 0.035], 'cushion', 0.4, yaw);
  for (const side of [-1, 1]) {
    scene.rod(place(side * 0.18, -0.17, 0.44), place(side * 0.22, -0.22, 0.015), 0.017, 'painted', 0.3);
    scene.rod(place(side * 0.18, 0.17, 0.44), place(side * 0.22, 0.23, 0.015), 0.017, 'painted', 0.5);
    scene.rod(place(side * 0.2, -0.195, 0.2), place(side * 0.2, 0.2, 0.2), 0.011, 'painted', 0.6);
    scene.rod(place(side * 0.2, 0.19, 0.44), place(side * 0.225, 0.27, 1.0), 0.016, 'painted', 0.35);
  }
  scene.rod(place(-0.2, 0, 0.2), place(0.2, 0, 0.2), 0.011, 'painted', 0.6);
  for (let i = 0; i < 7; i++) {
    const s = (i - 3) / 3;
    scene.rod(
      place(s * 0.145, 0.19, 0.45),
      place(s * 0.165, 0.272 - 0.012 * (1 - s * s), 0.975),
      0.0085,
      'painted',
      (i * 0.31) % 1,
    );
  }
  for (let i = 0; i < 6; i++) {
    const rail = (k: number): Vec3 => {
      const s = k / 3 - 1;
      return place(s * 0.235, 0.275 - 0.012 * (1 - s * s), 1.0 + 0.035 * (1 - s * s));
    };
    scene.rod(rail(i), rail(i + 1), 0.024, 'painted', 0.45);
  }
}

function buildLamp(scene: SceneBuilder, [x, y]: readonly [number, number]): void {
  scene.turned(
    [x, y],
    0,
    [
      [0.15, 0.001],
      [0.15, 0.02],
      [0.03, 0.035],
      [0.012, 0.05],
    ],
    'iron',
  );
  scene.rod([x, y, 0.03], [x, y, 1.62], 0.0095, 'iron');
  scene.turned(
    [x, y],
    1.4,
    [
      [0.21, 0],
      [0.13, 0.27],
    ],
    'shade',
  );
  scene.sphere([x, y, 1.52], 0.04, 'bulb', 0.5);
  for (const angle of [0.4, 2.5, 4.6]) {
    scene.rod([x, y, 1.62], [x + 0.13 * Math.cos(angle), y + 0.13 * Math.sin(angle), 1.665], 0.003, 'iron');
  }
}

/** A three-legged stool under the crate. */
function buildStool(scene: SceneBuilder, [x, y]: readonly [number, number]): void {
  scene.turned(
    [x, y],
    0.5,
    [
      [0.001, 0],
      [0.21, 0.001],
      [0.215, 0.03],
      [0, 0.0305],
    ],
    'pine',
    0.4,
  );
  for (const angle of [0.5, 2.6, 4.7]) {
    scene.rod(
      [x + 0.13 * Math.cos(angle), y + 0.13 * Math.sin(angle), 0.5],
      [x + 0.22 * Math.cos(angle), y + 0.22 * Math.sin(angle), 0.015],
      0.018,
      'pine',
      0.2,
    );
  }
}

/** A crate of oranges near the viewer, its middle slat stencilled. */
function buildCrate(scene: SceneBuilder, [x, y]: readonly [number, number]): void {
  const yaw = 0.18;
  const place = placeAt(x, y, yaw);
  const [width, depth, base] = [0.44, 0.3, 0.533];
  for (let i = 0; i < 3; i++) {
    const z = base + 0.05 + i * 0.085;
    for (const side of [-1, 1])
      scene.box(place(0, (side * depth) / 2, z), [width, 0.009, 0.074], 'pine', (i * 0.3 + side * 0.13 + 0.2) % 1, yaw);
    for (const side of [-1, 1])
      scene.box(
        place((side * width) / 2, 0, z),
        [0.009, depth, 0.074],
        'pine',
        (i * 0.27 + side * 0.11 + 0.3) % 1,
        yaw,
      );
  }
  // The stencilled slat lies just before the middle one, so that its text has the sheet's own coordinates.
  const right = place(1, 0, 0).map((value, axis) => value - (place(0, 0, 0)[axis] as number)) as Vec3;
  scene.quad(
    place(-width / 2, -depth / 2 - 0.006, base + 0.1),
    [right[0] * width, right[1] * width, 0],
    [0, 0, 0.1],
    'crate',
    0.63,
  );
  const random = createRandom(77);
  for (let i = 0; i < 24; i++) {
    const column = (i % 6) - 2.5;
    const row = Math.floor(i / 6) - 1.5;
    scene.sphere(
      place(column * 0.068 + 0.01 * random(), row * 0.068 + 0.01 * random(), base + 0.25 + 0.03 * random()),
      0.036 + 0.003 * random(),
      'peel',
      random(),
    );
  }
}
