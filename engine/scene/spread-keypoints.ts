/** Chooses among too many keypoints so that the whole photo keeps some. */

/** Keypoints that a cell of the grid would hold if all were spread evenly. */
const PER_CELL = 4;
/** Of those kept, the share that is chosen by strength alone: all spread, weak ones of plain walls take the room of good ones. */
const BY_STRENGTH = 0.8;

/**
 * Indices of at most `count` keypoints. The first four fifths are the strongest of all. For the others a grid counts how many stronger ones each
 * keypoint has in its cell: those with fewest come first, stronger before weaker. So a corner full of leaves cannot take all, and a plain
 * wall keeps the little it has.
 *
 * @param points [N, 2] pixels, inside the photo. @param scores [N], larger is stronger; NaN counts as weakest.
 * @returns ascending indices; all of them when N ≤ count.
 */
export function spreadKeypoints(
  points: Float32Array,
  scores: Float32Array,
  size: { readonly width: number; readonly height: number },
  count: number,
): Uint32Array {
  const total = scores.length;
  const order = Uint32Array.from({ length: total }, (_, i) => i);
  if (total <= count) return order;
  const strength = (i: number): number => (Number.isNaN(scores[i]!) ? -Infinity : scores[i]!);
  const byStrength = (a: number, b: number): number =>
    strength(a) === strength(b) ? a - b : strength(b) - strength(a);
  order.sort(byStrength);
  const cellPx = Math.sqrt((size.width * size.height * PER_CELL) / Math.max(1, count));
  const columns = Math.max(1, Math.ceil(size.width / cellPx));
  const inCell = new Map<number, number>();
  const strongerInCell = new Uint32Array(total);
  for (const i of order) {
    const cell = Math.floor(points[2 * i + 1]! / cellPx) * columns + Math.floor(points[2 * i]! / cellPx);
    const before = inCell.get(cell) ?? 0;
    strongerInCell[i] = before;
    inCell.set(cell, before + 1);
  }
  const strongest = Math.floor(count * BY_STRENGTH);
  order.subarray(strongest).sort((a, b) => strongerInCell[a]! - strongerInCell[b]! || byStrength(a, b));
  return order.slice(0, count).sort();
}
