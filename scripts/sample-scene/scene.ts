/** The sample scene: a terrace between a house wall and a garden, in the afternoon. World: metres, z up. */
import { BoundingTree } from './bounding-tree.js';
import { buildFurniture } from './furniture.js';
import { buildPlants } from './plants.js';
import { SceneBuilder } from './scene-builder.js';
import { buildTerrace } from './terrace.js';

/** Builds the whole scene; always the same. */
export function createSampleScene(): BoundingTree {
  const scene = new SceneBuilder();
  buildTerrace(scene);
  buildFurniture(scene);
  buildPlants(scene);
  return new BoundingTree(scene.pack());
}
