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

/** What the level before found: half the size, so that a tile here is half a tile there. */
export interface CoarseDepth {
  readonly width: number;
  readonly height: number;
  /** [height, width] 1 / world unit, 0 where unknown. */
  readonly inverseDepth: Float32Array;
  /** [height, width] how many other views confirm it. */
  readonly confirmations: Uint8Array;
}

/**
 * Bands at a level of `width` × `height` from the level before.
 * A tile's band is the union of what its own and its eight neighbours' pixels found, without depths that hardly any of them
 * has, widened by a margin: both sides of a depth step are in it. A tile without any known depth gets all planes.
 */
export function bandsFromCoarse(
  coarse: CoarseDepth,
  width: number,
  height: number,
  planes: PlaneSet,
  rules: BandRules,
): TileBands {
  const all = coverAllPlanes(width, height, planes);
  const { tilesX, tilesY, first, planes: counts } = all;
  // A bin is one plane of the coarse level, two of this one.
  const bins = Math.ceil(planes.count / 2) + 1;
  const found = { all: new Uint16Array(tilesX * tilesY * bins), confirmed: new Uint16Array(tilesX * tilesY * bins) };
  fillHistograms(found, coarse, planes, tilesX, bins);
  const near = { all: new Uint32Array(bins), confirmed: new Uint32Array(bins) };
  for (let ty = 0; ty < tilesY; ty++) {
    for (let tx = 0; tx < tilesX; tx++) {
      near.all.fill(0);
      near.confirmed.fill(0);
      for (let ny = Math.max(0, ty - 1); ny <= Math.min(tilesY - 1, ty + 1); ny++) {
        for (let nx = Math.max(0, tx - 1); nx <= Math.min(tilesX - 1, tx + 1); nx++) {
          const base = (ny * tilesX + nx) * bins;
          for (let bin = 0; bin < bins; bin++) {
            near.all[bin] = (near.all[bin] as number) + (found.all[base + bin] as number);
            near.confirmed[bin] = (near.confirmed[bin] as number) + (found.confirmed[base + bin] as number);
          }
        }
      }
      const range = supportedBins(near.all, near.confirmed, rules);
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

/** Counts of depths by tile and bin; depths beyond the planes count at their ends. */
function fillHistograms(
  found: { readonly all: Uint16Array; readonly confirmed: Uint16Array },
  coarse: CoarseDepth,
  planes: PlaneSet,
  tilesX: number,
  bins: number,
): void {
  const half = TILE_SIZE / 2;
  for (let y = 0; y < coarse.height; y++) {
    const tileRow = Math.floor(y / half) * tilesX;
    for (let x = 0; x < coarse.width; x++) {
      const inverseDepth = coarse.inverseDepth[y * coarse.width + x] as number;
      if (!(inverseDepth > 0)) continue;
      const bin = Math.round((inverseDepth - planes.first) / planes.step / 2);
      const at = (tileRow + Math.floor(x / half)) * bins + Math.min(bins - 1, Math.max(0, bin));
      found.all[at] = (found.all[at] as number) + 1;
      if ((coarse.confirmations[y * coarse.width + x] as number) > 0)
        found.confirmed[at] = (found.confirmed[at] as number) + 1;
    }
  }
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
