/** Cuts a photo into the squares that a network takes. */
import type { RgbImage } from '../../engine/scene/view.js';

/** A square of a photo and the part of it that no other square answers for; squares overlap so that nothing is judged at a cut. */
export interface Tile {
  /** Of the square, in the photo. */
  readonly left: number;
  readonly top: number;
  /** Of the part that counts, in the photo: left ≤ x < right. The parts of all tiles cover the photo, each pixel once. */
  readonly own: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number };
}

/** One side's pieces: where each begins, and from where to where it counts. */
interface Piece {
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

function cutSide(length: number, side: number, overlap: number): Piece[] {
  // Centred, when all of it fits in.
  if (length <= side) return [{ start: -((side - length) >> 1), from: 0, to: length }];
  const count = Math.ceil((length - overlap) / (side - overlap));
  const starts = Array.from({ length: count }, (_, k) => Math.round((k * (length - side)) / (count - 1)));
  const cut = (k: number): number => Math.round((starts[k - 1]! + side + starts[k]!) / 2);
  return starts.map((start, k) => ({ start, from: k === 0 ? 0 : cut(k), to: k === count - 1 ? length : cut(k + 1) }));
}

/** The fewest squares of `side` pixels that overlap by at least `overlap` and cover the photo, evenly spaced. */
export function layOutTiles(width: number, height: number, side: number, overlap: number): Tile[] {
  const columns = cutSide(width, side, overlap);
  return cutSide(height, side, overlap).flatMap((row) =>
    columns.map((column) => ({
      left: column.start,
      top: row.start,
      own: { left: column.from, right: column.to, top: row.from, bottom: row.to },
    })),
  );
}

/** Index within 0 … size − 1 of one beyond it, mirrored at the borders. */
function mirror(index: number, size: number): number {
  const period = 2 * size;
  const within = ((index % period) + period) % period;
  return within < size ? within : period - 1 - within;
}

/**
 * The square of `side` pixels at `left`, `top` as planes [3, side, side]. Beyond the photo lies its mirror image: edges of a frame would be
 * found as keypoints, and networks normalise by the whole square's mean and spread. A pixel that is not finite counts as black.
 */
export function cutSquare(image: RgbImage, left: number, top: number, side: number): Float32Array<ArrayBuffer> {
  const data = new Float32Array(3 * side * side);
  for (let y = 0; y < side; y++) {
    const row = mirror(top + y, image.height) * image.width;
    for (let x = 0; x < side; x++) {
      const from = 3 * (row + mirror(left + x, image.width));
      for (let c = 0; c < 3; c++) {
        const value = image.data[from + c]!;
        data[(c * side + y) * side + x] = Number.isFinite(value) ? value : 0;
      }
    }
  }
  return data;
}
