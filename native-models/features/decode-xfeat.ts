/** Reads keypoints and descriptors from XFeat's maps, which have a cell for every 8 × 8 pixels of its input. */

/** Pixels along a cell's side; 65 logits are 64 places and "none of them". */
export const XFEAT_CELL = 8;
const PLACES = XFEAT_CELL * XFEAT_CELL;
export const XFEAT_LENGTH = 64;
/** Potje et al. 2024 and their code: a keypoint's heat is above 0.05 and the largest of 5 × 5 pixels. */
const MIN_HEAT = 0.05;
const SUPPRESSION_RADIUS = 2;

/** What the network answers for an input of `columns` × `rows` cells. */
export interface XFeatMaps {
  readonly columns: number;
  readonly rows: number;
  /** [64, rows, columns] */
  readonly descriptors: Float32Array;
  /** [65, rows, columns] */
  readonly logits: Float32Array;
  /** [rows, columns] 0..1 */
  readonly reliability: Float32Array;
}

/** Where in the network's input keypoints are taken: left ≤ x < right, top ≤ y < bottom. */
export interface TakenArea {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface DecodedKeypoints {
  /** [N, 2] input pixels, centres at +0.5 */
  readonly points: Float32Array;
  /** [N] heat times reliability */
  readonly scores: Float32Array;
}

/** Probability of a keypoint at every pixel: softmax over each cell's 65 logits, [rows · 8, columns · 8]. */
export function heatFromLogits({ columns, rows, logits }: XFeatMaps): Float32Array {
  const cells = columns * rows;
  const width = columns * XFEAT_CELL;
  const heat = new Float32Array(cells * PLACES);
  const exponentials = new Float64Array(PLACES + 1);
  for (let cell = 0; cell < cells; cell++) {
    let largest = -Infinity;
    for (let k = 0; k <= PLACES; k++) largest = Math.max(largest, logits[k * cells + cell]!);
    let sum = 0;
    for (let k = 0; k <= PLACES; k++) {
      exponentials[k] = Math.exp(logits[k * cells + cell]! - largest);
      sum += exponentials[k]!;
    }
    const corner = Math.floor(cell / columns) * XFEAT_CELL * width + (cell % columns) * XFEAT_CELL;
    for (let k = 0; k < PLACES; k++) heat[corner + (k >> 3) * width + (k & 7)] = exponentials[k]! / sum;
  }
  return heat;
}

/** Whether no pixel within the radius is hotter; of equal ones the first counts. */
function isPeak(heat: Float32Array, width: number, at: number): boolean {
  const value = heat[at]!;
  for (let dy = -SUPPRESSION_RADIUS; dy <= SUPPRESSION_RADIUS; dy++) {
    for (let dx = -SUPPRESSION_RADIUS; dx <= SUPPRESSION_RADIUS; dx++) {
      const other = heat[at + dy * width + dx]!;
      if (other > value || (other === value && (dy < 0 || (dy === 0 && dx < 0)))) return false;
    }
  }
  return true;
}

/** Centre of the heat around a peak: finer than the pixel that the network names. */
function centreOfHeat(heat: Float32Array, width: number, x: number, y: number): [number, number] {
  let sum = 0;
  let sumX = 0;
  let sumY = 0;
  for (let dy = -SUPPRESSION_RADIUS; dy <= SUPPRESSION_RADIUS; dy++) {
    for (let dx = -SUPPRESSION_RADIUS; dx <= SUPPRESSION_RADIUS; dx++) {
      const weight = heat[(y + dy) * width + x + dx]!;
      sum += weight;
      sumX += weight * dx;
      sumY += weight * dy;
    }
  }
  return [x + 0.5 + sumX / sum, y + 0.5 + sumY / sum];
}

/** Four weights of Keys' cubic (1981, a = −0.75, as the authors' interpolation) for the fraction t, 0 ≤ t < 1. */
function cubicWeights(t: number): [number, number, number, number] {
  const a = -0.75;
  const far = (d: number): number => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  const near = (d: number): number => ((a + 2) * d - (a + 3)) * d * d + 1;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

/**
 * Peaks of the heat within `area`: above 0.05, the largest of 5 × 5 pixels, at the centre of the heat of those. None lies within two
 * pixels of the input's border.
 */
export function decodeKeypoints(maps: XFeatMaps, area: TakenArea): DecodedKeypoints {
  const width = maps.columns * XFEAT_CELL;
  const height = maps.rows * XFEAT_CELL;
  const heat = heatFromLogits(maps);
  const points: number[] = [];
  const scores: number[] = [];
  for (let y = Math.max(SUPPRESSION_RADIUS, area.top); y < Math.min(height - SUPPRESSION_RADIUS, area.bottom); y++) {
    for (let x = Math.max(SUPPRESSION_RADIUS, area.left); x < Math.min(width - SUPPRESSION_RADIUS, area.right); x++) {
      const at = y * width + x;
      if (!(heat[at]! > MIN_HEAT) || !isPeak(heat, width, at)) continue;
      const [u, v] = centreOfHeat(heat, width, x, y);
      points.push(u, v);
      scores.push(heat[at]! * sampleReliability(maps, u, v));
    }
  }
  return { points: Float32Array.from(points), scores: Float32Array.from(scores) };
}

/** Index of a cell, those beyond the border being the border's. */
function cellAt({ columns, rows }: XFeatMaps, column: number, row: number): number {
  return Math.max(0, Math.min(rows - 1, row)) * columns + Math.max(0, Math.min(columns - 1, column));
}

function sampleReliability(maps: XFeatMaps, u: number, v: number): number {
  const x = u / XFEAT_CELL - 0.5;
  const y = v / XFEAT_CELL - 0.5;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const at = (column: number, row: number): number => maps.reliability[cellAt(maps, column, row)]!;
  const upper = at(left, top) + (x - left) * (at(left + 1, top) - at(left, top));
  const lower = at(left, top + 1) + (x - left) * (at(left + 1, top + 1) - at(left, top + 1));
  return upper + (y - top) * (lower - upper);
}

/** Makes every cell's descriptor a unit vector, in place. */
export function normaliseCells({ columns, rows, descriptors }: XFeatMaps): void {
  const cells = columns * rows;
  for (let cell = 0; cell < cells; cell++) {
    let sum = 0;
    for (let k = 0; k < XFEAT_LENGTH; k++) sum += descriptors[k * cells + cell]! ** 2;
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let k = 0; k < XFEAT_LENGTH; k++) descriptors[k * cells + cell]! *= scale;
  }
}

/** The descriptor at a point, between the cells by cubics, as a unit vector: 64 numbers to `out`. Cells are normalised before. */
export function sampleDescriptor(maps: XFeatMaps, u: number, v: number, out: Float32Array): void {
  const cells = maps.columns * maps.rows;
  const x = u / XFEAT_CELL - 0.5;
  const y = v / XFEAT_CELL - 0.5;
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [weightsX, weightsY] = [cubicWeights(x - left), cubicWeights(y - top)];
  out.fill(0);
  for (let j = 0; j < 4; j++) {
    for (let i = 0; i < 4; i++) {
      const weight = weightsX[i]! * weightsY[j]!;
      const cell = cellAt(maps, left - 1 + i, top - 1 + j);
      for (let k = 0; k < XFEAT_LENGTH; k++) out[k] = out[k]! + weight * maps.descriptors[k * cells + cell]!;
    }
  }
  let sum = 0;
  for (let k = 0; k < XFEAT_LENGTH; k++) sum += out[k]! ** 2;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  for (let k = 0; k < XFEAT_LENGTH; k++) out[k]! *= scale;
}
