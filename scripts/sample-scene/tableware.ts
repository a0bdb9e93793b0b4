/** What stands on the table: a bowl of oranges, a vase, books, a mug, a candle. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { SceneBuilder } from './scene-builder.js';

/** Puts everything on a table whose top is at height `top`. */
export function buildTableware(scene: SceneBuilder, top: number): void {
  buildFruitBowl(scene, top);
  buildVase(scene, top);
  buildBooks(scene, top);
  buildMug(scene, top);
  buildCandle(scene, top);
}

function buildFruitBowl(scene: SceneBuilder, top: number): void {
  scene.turned(
    [0.42, 2.72],
    top,
    [
      [0.05, 0],
      [0.055, 0.015],
      [0.1, 0.04],
      [0.14, 0.095],
      [0.146, 0.1],
      [0.138, 0.1],
      [0.09, 0.045],
      [0, 0.035],
    ],
    'teal',
  );
  const oranges: Vec3[] = [
    [0.37, 2.68, 0.085],
    [0.46, 2.67, 0.087],
    [0.49, 2.75, 0.086],
    [0.4, 2.78, 0.085],
    [0.43, 2.72, 0.142],
  ];
  oranges.forEach(([x, y, z], i) => scene.sphere([x, y, top + z], 0.041, 'peel', (i * 0.23) % 1));
}

function buildVase(scene: SceneBuilder, top: number): void {
  scene.turned(
    [1.28, 2.92],
    top,
    [
      [0.045, 0],
      [0.07, 0.02],
      [0.088, 0.08],
      [0.082, 0.14],
      [0.05, 0.2],
      [0.034, 0.235],
      [0.042, 0.27],
      [0.036, 0.27],
      [0.03, 0.23],
    ],
    'pottery',
  );
}

function buildBooks(scene: SceneBuilder, top: number): void {
  const books = [
    ['bookInk', 0.24, 0.17, 0.036, 0.2],
    ['bookRed', 0.22, 0.155, 0.028, -0.15],
    ['bookGreen', 0.2, 0.14, 0.032, 0.32],
  ] as const;
  let height = top + 0.004;
  for (const [cover, length, depth, thickness, yaw] of books) {
    scene.box(
      [0.86, 2.86, height + thickness / 2],
      [length - 0.012, depth - 0.01, thickness - 0.008],
      'pages',
      yaw + 0.3,
      yaw,
    );
    for (const side of [0.002, thickness - 0.002]) {
      scene.box([0.86, 2.86, height + side], [length, depth, 0.004], cover, 0.2, yaw);
    }
    height += thickness + 0.0005;
  }
}

function buildMug(scene: SceneBuilder, top: number): void {
  scene.turned(
    [1.04, 2.56],
    top,
    [
      [0.036, 0.004],
      [0.04, 0.012],
      [0.041, 0.09],
      [0.037, 0.09],
      [0.035, 0.075],
      [0, 0.07],
    ],
    'pottery',
  );
  const handle: Vec3[] = [];
  for (let i = 0; i <= 8; i++) {
    const angle = -1.3 + (i / 8) * 2.6;
    handle.push([1.04 + 0.036 + 0.026 * Math.cos(angle), 2.548, top + 0.05 + 0.029 * Math.sin(angle)]);
  }
  scene.wire(handle, 0.0055, 'pottery');
}

/** A candlestick: a thing one or two pixels thick on the table. */
function buildCandle(scene: SceneBuilder, top: number): void {
  scene.turned(
    [0.62, 2.98],
    top,
    [
      [0.05, 0.002],
      [0.045, 0.008],
      [0.01, 0.014],
      [0.007, 0.02],
    ],
    'iron',
  );
  scene.rod([0.62, 2.98, top + 0.01], [0.62, 2.98, top + 0.2], 0.007, 'iron');
  scene.turned(
    [0.62, 2.98],
    top + 0.19,
    [
      [0.012, 0],
      [0.014, 0.02],
      [0.011, 0.02],
      [0.011, 0.15],
      [0, 0.155],
    ],
    'shade',
  );
}
