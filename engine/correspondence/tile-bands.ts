/** Which planes each tile of a finer level has to look at, from the level before. */
import type { PlaneSet } from './plane-geometry.js';

export const TILE_SIZE = 16;

/** Per tile, row-major: the planes `first[i] .. first[i] + planes[i] − 1`; `planes` are multiples of 8. */
export interface TileBands {
  readonly tilesX: number;
  readonly tilesY: number;
  readonly first: Int32Array;
  readonly planes: Int32Array;
}

/** Every tile looks at every plane. */
export function coverAllPlanes(width: number, height: number, planes: PlaneSet): TileBands {
  const tilesX = Math.ceil(width / TILE_SIZE);
  const tilesY = Math.ceil(height / TILE_SIZE);
  const tiles = tilesX * tilesY;
  return { tilesX, tilesY, first: new Int32Array(tiles), planes: new Int32Array(tiles).fill(planes.count) };
}

export interface BandRules {
  /** Planes added on both sides of the depths that were found. */
  readonly marginPlanes: number;
  /** Depths that fewer than this share of a neighbourhood's pixels have are taken for noise … */
  readonly minShare: number;
  /** … unless another view confirms them, when this share suffices. */
  readonly minConfirmedShare: number;
}

/**
 * Bands at a level of `width` × `height` from the inverse depths of the level before (half the size; 0 where unknown).
 * A tile's band is the union of what its own and its eight neighbours' pixels found, without depths that hardly any of them
 * has, widened by a margin: both sides of a depth step are in it. A tile without any known depth gets all planes.
 *
 * @param coarse inverse depths [coarseHeight, coarseWidth].
 * @param confirmed [coarseHeight, coarseWidth] views that confirm them.
 */
export function bandsFromCoarse(
  coarse: Float32Array,
  confirmed: Uint8Array,
  coarseWidth: number,
  coarseHeight: number,
  width: number,
  height: number,
  planes: PlaneSet,
  rules: BandRules,
): TileBands {
  const all = coverAllPlanes(width, height, planes);
  const { tilesX, tilesY, first, planes: counts } = all;
  // A bin is one plane of the coarse level, two of this one.
  const bins = Math.ceil(planes.count / 2) + 1;
  const tileHistograms = new Uint16Array(tilesX * tilesY * bins);
  const tileConfirmed = new Uint16Array(tilesX * tilesY * bins);
  const half = TILE_SIZE / 2;
  for (let y = 0; y < coarseHeight; y++) {
    const tileRow = Math.floor(y / half) * tilesX;
    for (let x = 0; x < coarseWidth; x++) {
      const inverseDepth = coarse[y * coarseWidth + x] as number;
      if (!(inverseDepth > 0)) continue;
      const bin = Math.round((inverseDepth - planes.first) / planes.step / 2);
      const at = (tileRow + Math.floor(x / half)) * bins + Math.min(bins - 1, Math.max(0, bin));
      tileHistograms[at] = (tileHistograms[at] as number) + 1;
      if ((confirmed[y * coarseWidth + x] as number) > 0) tileConfirmed[at] = (tileConfirmed[at] as number) + 1;
    }
  }
  const found = new Uint32Array(bins);
  const foundConfirmed = new Uint32Array(bins);
  for (let ty = 0; ty < tilesY; ty++) {
    for (let tx = 0; tx < tilesX; tx++) {
      found.fill(0);
      foundConfirmed.fill(0);
      for (let ny = Math.max(0, ty - 1); ny <= Math.min(tilesY - 1, ty + 1); ny++) {
        for (let nx = Math.max(0, tx - 1); nx <= Math.min(tilesX - 1, tx + 1); nx++) {
          const base = (ny * tilesX + nx) * bins;
          for (let bin = 0; bin < bins; bin++) {
            found[bin] = (found[bin] as number) + (tileHistograms[base + bin] as number);
            foundConfirmed[bin] = (foundConfirmed[bin] as number) + (tileConfirmed[base + bin] as number);
          }
        }
      }
      const range = supportedBins(found, foundConfirmed, rules);
      if (range === null) continue;
      const low = Math.max(0, range[0] * 2 - rules.marginPlanes);
      const high = Math.min(planes.count - 1, range[1] * 2 + rules.marginPlanes);
      const count = Math.min(planes.count, Math.ceil((high - low + 1) / 8) * 8);
      const spare = count - (high - low + 1);
      const tile = ty * tilesX + tx;
      first[tile] = Math.max(0, Math.min(planes.count - count, low - Math.floor(spare / 2)));
      counts[tile] = count;
    }
  }
  return all;
}

/** First and last bin that enough pixels share (a bin and its neighbours count together); null when none does. */
function supportedBins(found: Uint32Array, confirmed: Uint32Array, rules: BandRules): [number, number] | null {
  let total = 0;
  for (let bin = 0; bin < found.length; bin++) total += found[bin] as number;
  if (total === 0) return null;
  const around = (counts: Uint32Array, bin: number): number =>
    (counts[bin - 1] ?? 0) + (counts[bin] as number) + (counts[bin + 1] ?? 0);
  let low = -1;
  let high = -1;
  for (let bin = 0; bin < found.length; bin++) {
    if (found[bin] === 0) continue;
    const supported =
      around(found, bin) >= rules.minShare * total ||
      ((confirmed[bin] as number) > 0 && around(confirmed, bin) >= rules.minConfirmedShare * total);
    if (!supported) continue;
    if (low < 0) low = bin;
    high = bin;
  }
  return low < 0 ? null : [low, high];
}
