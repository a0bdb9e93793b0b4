/** Which Gaussians two photos' matching pixels say are one surface point: what the flow loss draws together. */
import type { StereoDepth } from '../correspondence/contract.js';
import { deriveDenseMatches } from '../correspondence/dense-matches.js';
import type { View } from '../scene/view.js';
import type { FlowPairs } from '../splatting/contract.js';

/**
 * @param owners per view [H, W], the Gaussian that stands for a pixel, or −1.
 * @returns one pair for each match whose two pixels have different Gaussians, weight 1.
 */
export function pairCorrespondingGaussians(
  views: readonly View[],
  stereo: readonly StereoDepth[],
  owners: readonly Int32Array[],
): FlowPairs {
  const first: number[] = [];
  const second: number[] = [];
  for (let i = 0; i < views.length; i++)
    for (let j = i + 1; j < views.length; j++) {
      const { mask, secondPx } = deriveDenseMatches(views, stereo, i, j);
      const { width, height } = views[j]!.image;
      for (let pixel = 0; pixel < mask.length; pixel++) {
        const owner = owners[i]![pixel]!;
        if (mask[pixel] === 0 || owner < 0) continue;
        const column = Math.floor(secondPx[pixel * 2]!);
        const row = Math.floor(secondPx[pixel * 2 + 1]!);
        if (column < 0 || row < 0 || column >= width || row >= height) continue;
        const other = owners[j]![row * width + column]!;
        if (other < 0 || other === owner) continue;
        first.push(owner);
        second.push(other);
      }
    }
  return {
    first: Uint32Array.from(first),
    second: Uint32Array.from(second),
    weights: new Float32Array(first.length).fill(1),
  };
}
