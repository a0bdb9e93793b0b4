/** From a photo as the lens took it to a pinhole photo at working size. */
import type { Distortion, Intrinsics } from './camera.js';
import { scaleIntrinsics } from './camera.js';
import { ShapeError } from './errors.js';
import type { StageContext } from './stage.js';
import { yieldToHost } from './stage.js';
import type { RgbImage } from './view.js';

/** A photo and, where it has any, how much each of its pixels counts. */
export interface WeightedPhoto {
  readonly image: RgbImage;
  /** [height, width] 0..1: alpha times mask; null when every pixel counts fully. */
  readonly weights: Float32Array | null;
}

/** A pinhole photo. */
export interface PinholePhoto {
  readonly intrinsics: Intrinsics;
  readonly image: RgbImage;
  /** [height, width], 1 where the pixel counts and is covered by the photo; null when all are 1. */
  readonly mask: Uint8Array | null;
}

export interface UndistortOptions {
  /** The photo's own intrinsics: width and height are the photo's. */
  readonly intrinsics: Intrinsics;
  readonly distortion: Distortion | null;
  /** Size of the result. */
  readonly width: number;
  readonly height: number;
}

/** Below half its weight a pixel does not count. */
const MIN_WEIGHT = 0.5;
/** Rounding in the sums of areas. */
const AREA_TOLERANCE = 1e-6;
/** Rounding in the round trip through normalised coordinates must not uncover the outermost pixels. */
const EDGE_TOLERANCE_PX = 1e-6;
const PIXELS_PER_SLICE = 1 << 17;
/** Steps from the axis to the farthest corner in the search for the radius where a lens model turns back. */
const FOLD_SEARCH_STEPS = 512;

/**
 * OpenCV's lens model on normalised coordinates (x = X/Z, y = Y/Z), with r² = x² + y²:
 *
 *     s  = (1 + k1 r² + k2 r⁴ + k3 r⁶) / (1 + k4 r² + k5 r⁴ + k6 r⁶)
 *     x' = x s + 2 p1 x y + p2 (r² + 2 x²)
 *     y' = y s + p1 (r² + 2 y²) + 2 p2 x y
 *
 * NaN and poles of the fraction give NaN or infinity.
 * Source: OpenCV, calib3d, "Detailed description"; COLMAP's OPENCV and FULL_OPENCV are the same.
 */
export function distortPoint(distortion: Distortion, x: number, y: number): [number, number] {
  const { k1, k2, p1, p2, k3, k4, k5, k6 } = distortion;
  const r2 = x * x + y * y;
  const scale = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)));
  return [x * scale + 2 * p1 * x * y + p2 * (r2 + 2 * x * x), y * scale + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y];
}

/**
 * The squared radius up to which the radial part r s(r) grows. Beyond it the model turns back and would show parts of the
 * photo a second time; no lens does that, the polynomial was only fitted further in.
 */
function foldRadiusSquared(distortion: Distortion, maxRadius: number): number {
  const radial = { ...distortion, p1: 0, p2: 0 };
  let last = 0;
  for (let i = 1; i <= FOLD_SEARCH_STEPS; i++) {
    const radius = (i / FOLD_SEARCH_STEPS) * maxRadius;
    const distorted = distortPoint(radial, radius, 0)[0];
    if (!(distorted > last)) return (((i - 1) / FOLD_SEARCH_STEPS) * maxRadius) ** 2;
    last = distorted;
  }
  return Infinity;
}

/** One row of the pinhole picture at full resolution. */
interface Row {
  /** [width, 3] */
  readonly rgb: Float64Array;
  /** [width, 3] colours times weights. */
  readonly weightedRgb: Float64Array;
  /** [width] */
  readonly weight: Float64Array;
  /** [width] 1 where the photo covers the pixel. */
  readonly covered: Float64Array;
}

function createRow(width: number): Row {
  return {
    rgb: new Float64Array(width * 3),
    weightedRgb: new Float64Array(width * 3),
    weight: new Float64Array(width),
    covered: new Float64Array(width),
  };
}

/** Samples the photo along rows of the pinhole picture that `grid` describes. */
class RowSampler {
  private readonly row: Row;
  private readonly foldR2: number;
  private rowIndex = -1;

  constructor(
    private readonly photo: WeightedPhoto,
    private readonly options: UndistortOptions,
    private readonly grid: Intrinsics,
  ) {
    const { width, height, fx, fy, cx, cy } = grid;
    this.row = createRow(width);
    const cornerRadius = Math.hypot(Math.max(cx, width - cx) / fx, Math.max(cy, height - cy) / fy);
    this.foldR2 = options.distortion === null ? Infinity : foldRadiusSquared(options.distortion, cornerRadius);
  }

  /** The row at `y`; the same object every time. */
  at(y: number): Row {
    if (y === this.rowIndex) return this.row;
    this.rowIndex = y;
    const { fx, fy, cx, cy, width } = this.grid;
    const { intrinsics: own, distortion } = this.options;
    const ny = (y + 0.5 - cy) / fy;
    for (let x = 0; x < width; x++) {
      const nx = (x + 0.5 - cx) / fx;
      if (distortion === null) this.sample(x, own.fx * nx + own.cx, own.fy * ny + own.cy);
      else if (nx * nx + ny * ny > this.foldR2) this.sample(x, NaN, NaN);
      else {
        const distorted = distortPoint(distortion, nx, ny);
        this.sample(x, own.fx * distorted[0] + own.cx, own.fy * distorted[1] + own.cy);
      }
    }
    return this.row;
  }

  /**
   * Bilinear at (u, v) in pixels of the photo. Outside, the nearest edge is continued, so that nothing that looks at
   * neighbouring pixels sees a black border. NaN is not covered.
   */
  private sample(x: number, u: number, v: number): void {
    const { rgb, weightedRgb, weight, covered } = this.row;
    const { image, weights } = this.photo;
    const { width, height, data } = image;
    covered[x] =
      u >= -EDGE_TOLERANCE_PX &&
      u <= width + EDGE_TOLERANCE_PX &&
      v >= -EDGE_TOLERANCE_PX &&
      v <= height + EDGE_TOLERANCE_PX
        ? 1
        : 0;
    const column = Math.min(Math.max(u - 0.5 || 0, 0), width - 1);
    const line = Math.min(Math.max(v - 0.5 || 0, 0), height - 1);
    const x0 = Math.floor(column);
    const y0 = Math.floor(line);
    const rightShare = column - x0;
    const lowerShare = line - y0;
    const i00 = y0 * width + x0;
    const i01 = x0 + 1 < width ? i00 + 1 : i00;
    const down = y0 + 1 < height ? width : 0;
    const [i10, i11] = [i00 + down, i01 + down];
    const b00 = (1 - rightShare) * (1 - lowerShare);
    const b01 = rightShare * (1 - lowerShare);
    const b10 = (1 - rightShare) * lowerShare;
    const b11 = rightShare * lowerShare;
    for (let c = 0; c < 3; c++)
      rgb[x * 3 + c] =
        b00 * data[i00 * 3 + c]! + b01 * data[i01 * 3 + c]! + b10 * data[i10 * 3 + c]! + b11 * data[i11 * 3 + c]!;
    if (weights === null) return;
    const w00 = b00 * weights[i00]!;
    const w01 = b01 * weights[i01]!;
    const w10 = b10 * weights[i10]!;
    const w11 = b11 * weights[i11]!;
    weight[x] = w00 + w01 + w10 + w11;
    for (let c = 0; c < 3; c++)
      weightedRgb[x * 3 + c] =
        w00 * data[i00 * 3 + c]! + w01 * data[i01 * 3 + c]! + w10 * data[i10 * 3 + c]! + w11 * data[i11 * 3 + c]!;
  }
}

/** Averages full-resolution rows over the area of each pixel of the result. */
class AreaAverager {
  private readonly sums: Row;
  /** [width of the rows] the result's column that a pixel begins in, and the share of the pixel that lies in it. */
  private readonly firstColumn: Int32Array;
  private readonly firstShare: Float64Array;

  constructor(
    rowWidth: number,
    private readonly width: number,
    private readonly areaPx: number,
    private readonly hasWeights: boolean,
  ) {
    // One column more than the result: the last pixel's rounding spills there.
    this.sums = createRow(width + 1);
    const ratio = rowWidth / width;
    this.firstColumn = Int32Array.from({ length: rowWidth }, (_, x) => Math.min(width - 1, Math.floor(x / ratio)));
    this.firstShare = Float64Array.from({ length: rowWidth }, (_, x) =>
      Math.min(1, ((this.firstColumn[x] as number) + 1) * ratio - x),
    );
  }

  add(row: Row, heightShare: number): void {
    const { firstColumn, firstShare, sums } = this;
    for (let x = 0; x < firstColumn.length; x++) {
      const column = firstColumn[x]!;
      const share = firstShare[x]! * heightShare;
      const rest = heightShare - share;
      this.spread(row, x, column, share);
      if (rest > 0) this.spread(row, x, column + 1, rest);
      sums.covered[column]! += share * row.covered[x]!;
      sums.covered[column + 1]! += rest * row.covered[x]!;
    }
  }

  private spread(row: Row, x: number, column: number, share: number): void {
    const { rgb, weightedRgb, weight } = this.sums;
    rgb[column * 3]! += share * row.rgb[x * 3]!;
    rgb[column * 3 + 1]! += share * row.rgb[x * 3 + 1]!;
    rgb[column * 3 + 2]! += share * row.rgb[x * 3 + 2]!;
    if (!this.hasWeights) return;
    weight[column]! += share * row.weight[x]!;
    weightedRgb[column * 3]! += share * row.weightedRgb[x * 3]!;
    weightedRgb[column * 3 + 1]! += share * row.weightedRgb[x * 3 + 1]!;
    weightedRgb[column * 3 + 2]! += share * row.weightedRgb[x * 3 + 2]!;
  }

  /**
   * Writes the sums as row `y` of the result and clears them. A pixel that counts takes its colour from what counts in it, so
   * that nothing transparent bleeds in; one that does not keeps the photo's plain average.
   */
  finishRow(y: number, data: Float32Array, mask: Uint8Array): void {
    const { rgb, weightedRgb, weight, covered } = this.sums;
    for (let x = 0; x < this.width; x++) {
      const counts = !this.hasWeights || weight[x]! >= MIN_WEIGHT * this.areaPx;
      const isWeighted = this.hasWeights && counts;
      const total = isWeighted ? weight[x]! : this.areaPx;
      for (let c = 0; c < 3; c++)
        data[(y * this.width + x) * 3 + c] = (isWeighted ? weightedRgb : rgb)[x * 3 + c]! / total;
      mask[y * this.width + x] = counts && covered[x]! >= this.areaPx * (1 - AREA_TOLERANCE) ? 1 : 0;
    }
    for (const sums of Object.values(this.sums) as Float64Array[]) sums.fill(0);
  }
}

function checkShapes(photo: WeightedPhoto, options: UndistortOptions): void {
  const { image, weights } = photo;
  const pixels = image.width * image.height;
  if (image.data.length !== pixels * 3)
    throw new ShapeError(`the photo holds ${image.data.length} numbers, not ${pixels * 3}`);
  if (weights !== null && weights.length !== pixels)
    throw new ShapeError(`${weights.length} weights for ${pixels} pixels`);
  if (options.intrinsics.width !== image.width || options.intrinsics.height !== image.height)
    throw new ShapeError("the intrinsics' size is not the photo's");
  if (!(options.width >= 1 && options.height >= 1)) throw new ShapeError('the result has no pixels');
}

/**
 * Turns a photo into what a pinhole camera with the same fx, fy, cx, cy (scaled to the result's size) would have taken: each
 * pixel's ray (x, y, 1) is distorted by {@link distortPoint} and looked up bilinearly at full resolution, then the picture is
 * averaged over each result pixel's area. Where the result is larger than the photo it is looked up at the result's size.
 *
 * Pixels that reach past the photo's edge (or past the radius where the lens model turns back) are masked 0 and show the
 * nearest edge's colour; so are pixels whose mean weight is below one half. NaN in the photo spreads to the pixels that touch it.
 *
 * @returns the result with `intrinsics` of its size; `mask` is null when every pixel counts.
 * @throws ShapeError when arrays and sizes disagree; the signal's reason when aborted, within some 10^5 pixels.
 */
export async function undistortPhoto(
  photo: WeightedPhoto,
  options: UndistortOptions,
  context: StageContext,
): Promise<PinholePhoto> {
  checkShapes(photo, options);
  const { width, height } = options;
  const intrinsics = scaleIntrinsics(options.intrinsics, width, height);
  const grid = scaleIntrinsics(
    options.intrinsics,
    Math.max(width, photo.image.width),
    Math.max(height, photo.image.height),
  );
  const isUntouched =
    options.distortion === null &&
    photo.weights === null &&
    width === photo.image.width &&
    height === photo.image.height;
  if (isUntouched) return { intrinsics, image: photo.image, mask: null };

  const ratioY = grid.height / height;
  const sampler = new RowSampler(photo, options, grid);
  const averager = new AreaAverager(grid.width, width, (grid.width / width) * ratioY, photo.weights !== null);
  const data = new Float32Array(width * height * 3);
  const mask = new Uint8Array(width * height);
  const rowsPerSlice = Math.max(1, Math.round(PIXELS_PER_SLICE / (grid.width * ratioY)));
  for (let y = 0; y < height; y++) {
    if (y % rowsPerSlice === 0) {
      await yieldToHost(context);
      context.onProgress?.(y / height);
    }
    const [top, bottom] = [y * ratioY, Math.min((y + 1) * ratioY, grid.height)];
    for (let line = Math.floor(top); line < bottom; line++)
      averager.add(sampler.at(line), Math.min(bottom, line + 1) - Math.max(top, line));
    averager.finishRow(y, data, mask);
  }
  return { intrinsics, image: { width, height, data }, mask: mask.includes(0) ? mask : null };
}
