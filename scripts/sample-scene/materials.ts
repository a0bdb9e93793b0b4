/** Every material of the scene by name: its texture, its relief, and how it answers light. */
import * as objects from './textures-objects.js';
import * as building from './textures.js';
import type { Colour, Texture } from './textures.js';
import { linearOf } from './textures.js';

export interface Material {
  readonly texture: Texture;
  /** Average albedo, used for light that has bounced: its texture would only add noise. */
  readonly mean: Colour;
  /** Relief in metres over (u, v), or null. */
  readonly height: ((u: number, v: number) => number) | null;
  /** Reflectance at normal incidence of the glossy coat; 0 is matt. */
  readonly gloss: number;
  /** GGX α of the coat. */
  readonly roughness: number;
  /** Share of the diffuse light that leaves on the other side (leaves, thin cloth). */
  readonly transmission: number;
}

/** Samples a texture's average over a patch. */
function averageOf(texture: Texture): Colour {
  const sum = [0, 0, 0];
  const out = new Float64Array(3);
  const side = 24;
  for (let i = 0; i < side * side; i++) {
    texture(((i % side) + 0.5) / side, (Math.floor(i / side) + 0.5) / side, (i * 0.618034) % 1, out);
    for (let c = 0; c < 3; c++) sum[c] = (sum[c] as number) + Math.min(0.95, Math.max(0, out[c] as number));
  }
  return sum.map((value) => value / (side * side)) as unknown as Colour;
}

function define(texture: Texture, rest: Partial<Omit<Material, 'texture' | 'mean'>> = {}): Material {
  return { texture, mean: averageOf(texture), height: null, gloss: 0, roughness: 0.4, transmission: 0, ...rest };
}

const oak = building.createWood(linearOf(0xc79a62), linearOf(0x6d4426));
const painted = building.createWood(linearOf(0x8fa39a), linearOf(0x55665f));
const pine = building.createWood(linearOf(0xd8b988), linearOf(0x9a6b3c));

export const MATERIALS = {
  tiles: define(building.createTiles(linearOf(0xb06a48), linearOf(0x8d8376)), {
    height: building.tileHeight,
    gloss: 0.03,
    roughness: 0.35,
  }),
  houseBrick: define(building.createBrick(linearOf(0xa5573f), linearOf(0xb9ab98)), { height: building.brickHeight }),
  gardenBrick: define(building.createBrick(linearOf(0xb58a66), linearOf(0xa39a8b)), { height: building.brickHeight }),
  plaster: define(building.createPlaster(linearOf(0xe2d3b4), linearOf(0xa9bcb4), 0.42), {
    height: building.plasterHeight,
  }),
  stone: define(objects.createPlain(linearOf(0xb4ab9c), 0.4)),
  oak: define(oak, { gloss: 0.035, roughness: 0.22 }),
  painted: define(painted, { gloss: 0.03, roughness: 0.3 }),
  pine: define(pine),
  crate: define(objects.createStencil(pine, 'CITRUS', 0.0092, 0.06, 0.083)),
  cloth: define(building.createCheck(linearOf(0xe8e2d2), linearOf(0x3f5f86), linearOf(0xb6452f), 0.004)),
  cushion: define(building.createCheck(linearOf(0xc9a13a), linearOf(0x8c3b2b), linearOf(0xeee3c4), 0.0032)),
  shade: define(building.createWeave(linearOf(0xe9dcbf), 0.006, 0.14), { transmission: 0.35 }),
  wicker: define(building.createWeave(linearOf(0xb08a52), 0.014, 0.6)),
  poster: define(building.createPoster(), { gloss: 0.02, roughness: 0.4 }),
  sign: define(objects.createSign(), { gloss: 0.045, roughness: 0.2 }),
  glossyLeaf: define(objects.createLeaf(linearOf(0x6fa53a), linearOf(0x2f6a2a)), {
    transmission: 0.28,
    gloss: 0.03,
    roughness: 0.3,
  }),
  treeLeaf: define(objects.createLeaf(linearOf(0x8fae3f), linearOf(0x42682a)), { transmission: 0.35 }),
  paleLeaf: define(objects.createLeaf(linearOf(0xb9bf57), linearOf(0x6f8a3a)), { transmission: 0.35 }),
  darkLeaf: define(objects.createLeaf(linearOf(0x4e7a35), linearOf(0x24482a)), {
    transmission: 0.2,
    gloss: 0.03,
    roughness: 0.35,
  }),
  petal: define(objects.createLeaf(linearOf(0xe9707c), linearOf(0xc22f45)), { transmission: 0.3 }),
  lawn: define(objects.createLawn()),
  bark: define(objects.createBark()),
  pottery: define(objects.createPottery(linearOf(0xe7e6dd), linearOf(0x27508c), 0.07), {
    gloss: 0.05,
    roughness: 0.12,
  }),
  teal: define(objects.createPottery(linearOf(0x3f8f8a), linearOf(0x1d4a52), 0.033), { gloss: 0.05, roughness: 0.15 }),
  clay: define(objects.createClay()),
  peel: define(objects.createPeel(), { gloss: 0.04, roughness: 0.3 }),
  iron: define(objects.createIron(linearOf(0x3a3a3c)), { gloss: 0.08, roughness: 0.3 }),
  bookRed: define(building.createWeave(linearOf(0x96352c), 0.003, 0.3)),
  bookGreen: define(building.createWeave(linearOf(0x33614a), 0.003, 0.3)),
  bookInk: define(building.createWeave(linearOf(0x2d3a63), 0.003, 0.3)),
  pages: define(objects.createPages()),
  bulb: define(objects.createPlain(linearOf(0xf2e6c4), 0.1), { gloss: 0.06, roughness: 0.1, transmission: 0.3 }),
} as const satisfies Readonly<Record<string, Material>>;

export type MaterialName = keyof typeof MATERIALS;
const NAMES = Object.keys(MATERIALS) as MaterialName[];
export const MATERIAL_LIST: readonly Material[] = NAMES.map((name) => MATERIALS[name]);

/** Index of a material in {@link MATERIAL_LIST}, as primitives store it. */
export function materialIndex(name: MaterialName): number {
  return NAMES.indexOf(name);
}
