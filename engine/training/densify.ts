/** Adds Gaussians where the residual asks for them and removes those that no photo needs. */
import { createRandom } from '../math/random.js';
import type { Splats } from '../scene/splats.js';
import { selectSplats } from '../scene/splats.js';
import type { SceneEdit, SceneHandle, SplattingBackend } from '../splatting/contract.js';
import { rotationOfQuaternion } from '../math/conventions.js';

export interface DensifyOptions {
  /** Share of all Gaussians to split. */
  readonly share: number;
  readonly maxGaussians: number;
  /** Gaussians more transparent than this go. */
  readonly pruneOpacity: number;
  readonly seed: number;
}

/** Length of each half of a split Gaussian relative to the whole (Kerbl et al. 2023 divide by 1.6 on all axes; here only the longest shrinks). */
const SPLIT_SHRINK = 0.9 / 1.6;

/**
 * Splits the Gaussians that carry most of the colour error into two along their longest axis, and prunes transparent ones.
 * The error of a Gaussian is Σ weight · |residual| over the photos since the last call (Rota Bulò et al. 2024's criterion).
 *
 * @returns the edit that was made. The halves are free even where the whole was tied to a ray: they lie beside it.
 */
export async function splitByResidual(
  backend: SplattingBackend,
  scene: SceneHandle,
  options: DensifyOptions,
): Promise<SceneEdit & { readonly append: Splats }> {
  const [statistics, splats] = [await backend.readStatistics(scene), await backend.readSplats(scene)];
  const opacity = (i: number): number => 1 / (1 + Math.exp(-splats.rawOpacities[i]!));
  const survivors: number[] = [];
  for (let i = 0; i < splats.count; i++) if (opacity(i) >= options.pruneOpacity) survivors.push(i);
  const room = Math.max(0, options.maxGaussians - survivors.length);
  const splitCount = Math.min(room, Math.round(options.share * survivors.length));
  const byError = [...survivors].sort((a, b) => statistics.errorWeights[b]! - statistics.errorWeights[a]! || a - b);
  const parents = byError.slice(0, splitCount);
  const isParent = new Uint8Array(splats.count);
  for (const parent of parents) isParent[parent] = 1;
  const append = splitInTwo(splats, parents, options.seed);
  const keep = Uint32Array.from(survivors.filter((i) => isParent[i] === 0));
  const edit = { keep, append };
  await backend.editScene(scene, edit);
  return edit;
}

function splitInTwo(splats: Splats, parents: readonly number[], seed: number): Splats {
  const halves = selectSplats(
    splats,
    parents.flatMap((parent) => [parent, parent]),
  );
  const random = createRandom(seed);
  let distance = 0;
  for (let h = 0; h < halves.count; h++) {
    const scales = [0, 1, 2].map((axis) => Math.exp(halves.logScales[h * 3 + axis]!)) as [number, number, number];
    const longest = scales.indexOf(Math.max(...scales));
    const quat = [...halves.quats.subarray(h * 4, h * 4 + 4)] as [number, number, number, number];
    const rotation = rotationOfQuaternion(quat);
    const sign = h % 2 === 0 ? 1 : -1;
    // Both halves of a pair lie equally far from their parent.
    if (h % 2 === 0) distance = 0.5 + 0.2 * random.next();
    const offset = sign * scales[longest]! * distance;
    for (let c = 0; c < 3; c++)
      halves.means[h * 3 + c] = halves.means[h * 3 + c]! + offset * rotation[3 * c + longest]!;
    halves.logScales[h * 3 + longest] = halves.logScales[h * 3 + longest]! + Math.log(SPLIT_SHRINK);
  }
  return halves;
}
