/** Leaves: potted plants, flowers, ivy, grass, hedge and trees. Everything comes from fixed seeds. */
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { MaterialName } from './materials.js';
import { createRandom } from './noise.js';
import { add, cross, unit } from './scene-builder.js';
import type { SceneBuilder } from './scene-builder.js';

type Random = () => number;

export function buildPlants(scene: SceneBuilder): void {
  buildPottedPlant(scene);
  buildNearPlant(scene);
  buildFlowers(scene);
  buildIvy(scene);
  buildGrass(scene);
  buildHedge(scene);
  const trees: [number, number, number, number, MaterialName][] = [
    [0.9, 11.0, 3.6, 1.25, 'treeLeaf'],
    [3.1, 11.9, 4.5, 1.6, 'darkLeaf'],
    [5.9, 11.2, 3.7, 1.5, 'paleLeaf'],
    [-1.6, 11.8, 4.2, 1.5, 'treeLeaf'],
  ];
  trees.forEach(([x, y, height, radius, material], i) =>
    buildTree(scene, [x, y, -0.12], height, radius, material, 500 + i),
  );
}

function randomDirection(random: Random): Vec3 {
  const z = random() * 2 - 1;
  const angle = random() * 2 * Math.PI;
  const r = Math.sqrt(1 - z * z);
  return [r * Math.cos(angle), r * Math.sin(angle), z];
}

function scatterLeaflet(scene: SceneBuilder, at: Vec3, size: number, material: MaterialName, random: Random): void {
  const direction = randomDirection(random);
  direction[2] -= 0.4;
  const along = unit(direction);
  const across = unit(cross(along, randomDirection(random)));
  const length = size * (0.7 + 0.6 * random());
  scene.leaflet(at, add([0, 0, 0], along, length), add([0, 0, 0], across, length * 0.62), material, random());
}

/** Broad leaves on stalks in a large clay pot, at the end of the house wall. */
function buildPottedPlant(scene: SceneBuilder): void {
  const [x, y] = [0.02, 4.1];
  scene.turned(
    [x, y],
    0,
    [
      [0.13, 0.001],
      [0.19, 0.34],
      [0.215, 0.34],
      [0.215, 0.4],
      [0.19, 0.4],
      [0.18, 0.36],
      [0, 0.36],
    ],
    'clay',
  );
  const random = createRandom(901);
  for (let i = 0; i < 26; i++) {
    const angle = i * 2.39996 + random() * 0.4;
    const reach = 0.1 + 0.24 * random();
    const top: Vec3 = [
      x + reach * Math.cos(angle),
      y + reach * Math.sin(angle),
      0.62 + 0.75 * (i / 26) + 0.12 * random(),
    ];
    scene.wire(
      [[x + 0.05 * Math.cos(angle), y + 0.05 * Math.sin(angle), 0.36], add(top, [0, 0, -0.18]), top],
      0.006,
      'glossyLeaf',
    );
    scene.leaf(
      {
        base: top,
        direction: [Math.cos(angle), Math.sin(angle), 0.5 - 0.5 * random()],
        length: 0.26 + 0.14 * random(),
        width: 0.13 + 0.05 * random(),
        droop: 0.35 + 0.3 * random(),
        segments: 6,
      },
      'glossyLeaf',
      random(),
    );
  }
}

/** Narrow leaves in a basket on an iron stand: the nearest thing, cut by the picture's border in some photos. */
function buildNearPlant(scene: SceneBuilder): void {
  const [x, y] = [1.2, 1.95];
  for (const angle of [0.3, 2.4, 4.5]) {
    scene.rod(
      [x + 0.1 * Math.cos(angle), y + 0.1 * Math.sin(angle), 0.7],
      [x + 0.19 * Math.cos(angle), y + 0.19 * Math.sin(angle), 0.01],
      0.008,
      'iron',
    );
  }
  scene.turned(
    [x, y],
    0.7,
    [
      [0.001, 0],
      [0.12, 0.001],
      [0.15, 0.16],
      [0.14, 0.16],
      [0.13, 0.13],
      [0, 0.13],
    ],
    'wicker',
  );
  const random = createRandom(907);
  for (let i = 0; i < 46; i++) {
    const angle = i * 2.39996;
    const lift = 0.35 + 1.3 * random();
    scene.leaf(
      {
        base: [x + 0.05 * Math.cos(angle), y + 0.05 * Math.sin(angle), 0.82],
        direction: [Math.cos(angle), Math.sin(angle), lift],
        length: 0.24 + 0.2 * random(),
        width: 0.024 + 0.012 * random(),
        droop: 0.25 + 0.6 * random(),
        segments: 7,
      },
      i % 3 === 0 ? 'paleLeaf' : 'glossyLeaf',
      random(),
    );
  }
}

/** Twigs with blossoms in the vase on the table. */
function buildFlowers(scene: SceneBuilder): void {
  const random = createRandom(911);
  for (let i = 0; i < 9; i++) {
    const angle = i * 2.39996;
    const reach = 0.05 + 0.13 * random();
    const foot: Vec3 = [1.28 + 0.015 * Math.cos(angle), 2.92 + 0.015 * Math.sin(angle), 0.98];
    const tip: Vec3 = [1.28 + reach * Math.cos(angle), 2.92 + reach * Math.sin(angle), 1.14 + 0.2 * random()];
    const middle = add(add(foot, tip), [0, 0, 0.06]).map((value) => value / 2) as Vec3;
    scene.wire([foot, middle, tip], 0.0028, 'glossyLeaf');
    for (let petal = 0; petal < 7; petal++) {
      const turn = (petal / 7) * 2 * Math.PI;
      scene.leaf(
        {
          base: tip,
          direction: [Math.cos(turn), Math.sin(turn) - 0.3, 0.5],
          length: 0.034,
          width: 0.024,
          droop: 0.2,
          segments: 3,
        },
        'petal',
        random(),
      );
    }
    scene.sphere(tip, 0.008, 'peel', random());
    scene.leaf(
      { base: middle, direction: randomDirection(random), length: 0.06, width: 0.025, droop: 0.3, segments: 3 },
      'glossyLeaf',
      random(),
    );
  }
}

/** Ivy up the pergola's post and over one corner of the brick wall. */
function buildIvy(scene: SceneBuilder): void {
  const random = createRandom(919);
  for (let i = 0; i < 330; i++) {
    const z = 2.7 * random() ** 0.8;
    const spread = 0.09 + 0.07 * random();
    const angle = random() * 2 * Math.PI;
    scatterLeaflet(
      scene,
      [2.3 + spread * Math.cos(angle), 4.5 + spread * Math.sin(angle), z],
      0.075,
      'darkLeaf',
      random,
    );
  }
  for (let i = 0; i < 380; i++) {
    const along = random();
    const y = 2.0 + 2.5 * along;
    const z = 2.75 - 0.75 * random() * (0.4 + Math.abs(Math.sin(y * 2.6)));
    scatterLeaflet(scene, [-2.08 + 0.07 * random(), y, z], 0.085, i % 5 === 0 ? 'treeLeaf' : 'darkLeaf', random);
  }
}

function buildGrass(scene: SceneBuilder): void {
  const random = createRandom(929);
  for (let i = 0; i < 4200; i++) {
    const base: Vec3 = [-2 + 8.5 * random(), 6.45 + 2.85 * random(), -0.12];
    const angle = random() * 2 * Math.PI;
    const height = 0.07 + 0.1 * random();
    const lean = 0.07 * (random() - 0.5);
    const side: Vec3 = [0.011 * Math.cos(angle), 0.011 * Math.sin(angle), 0];
    const tip: Vec3 = [base[0] + lean, base[1] + 0.07 * (random() - 0.5), base[2] + height];
    scene.triangle(
      [add(base, side, -1), add(base, side), tip],
      [
        [0.1, -0.6],
        [0.1, 0.6],
        [1, 0],
      ],
      i % 4 === 0 ? 'paleLeaf' : 'treeLeaf',
      random(),
    );
  }
}

function buildHedge(scene: SceneBuilder): void {
  const random = createRandom(937);
  scene.box([2.5, 10.4, 0.75], [12, 0.5, 1.7], 'lawn', 0.5);
  for (let i = 0; i < 5200; i++) {
    const x = -3.2 + 11.4 * random();
    const top = 1.75 + 0.16 * Math.sin(x * 2.3) + 0.1 * Math.sin(x * 5.9);
    const onTop = random() < 0.3;
    const at: Vec3 = onTop
      ? [x, 10.0 + 0.8 * random(), top + 0.06 * random()]
      : [x, 9.98 + 0.16 * random(), 0.9 + (top - 0.9) * random()];
    scatterLeaflet(scene, at, 0.12, i % 7 === 0 ? 'paleLeaf' : 'darkLeaf', random);
  }
}

function buildTree(
  scene: SceneBuilder,
  foot: Vec3,
  height: number,
  radius: number,
  material: MaterialName,
  seed: number,
): void {
  const random = createRandom(seed);
  const crown: Vec3 = [foot[0], foot[1], foot[2] + height - radius * 0.8];
  scene.wire([foot, add(foot, [0.06, 0, height * 0.35]), add(crown, [0, 0, 0.2])], 0.09, 'bark');
  for (let clump = 0; clump < 30; clump++) {
    const direction = randomDirection(random);
    const distance = radius * (0.45 + 0.5 * random());
    const centre = add(crown, [direction[0], direction[1], direction[2] * 0.85], distance);
    scene.rod(add(crown, [0, 0, -radius * 0.5 * random()]), centre, 0.018, 'bark', random());
    for (let i = 0; i < 95; i++) {
      const offset = randomDirection(random);
      const at = add(centre, offset, radius * 0.33 * Math.cbrt(random()));
      scatterLeaflet(scene, at, 0.17, material, random);
    }
  }
}
