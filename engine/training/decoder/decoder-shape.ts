/** Sizes of the implicit convolutional decoder: levels, channels, and what they cost. */

export interface DecoderShape {
  /** Views: the batch. */
  readonly viewCount: number;
  /** Output size [height, width] in decoder pixels. */
  readonly height: number;
  readonly width: number;
  /** One output channel per depth segment. */
  readonly segmentCount: number;
  /** g: level channels are g · (16, 16, 16, 8, 8, 8, 4, 4 …). The paper: 10, 15, 18 for 2, 3, 4 views (opacity 6, 10, 12). */
  readonly widthMultiplier: number;
}

/** One convolution: its input is resized to [height, width], padded, and convolved by a kernel × kernel filter. */
export interface DecoderLayer {
  readonly height: number;
  readonly width: number;
  readonly channelsIn: number;
  readonly channelsOut: number;
  readonly kernel: 1 | 3;
  /** Two channels of pixel coordinates are appended to the output. */
  readonly appendsCoordinates: boolean;
  /** The last layer: no resize, no activation. */
  readonly last: boolean;
}

/** sin and cos at 10 frequencies. */
export const ENCODING_LENGTH = 20;
const CHANNELS = [16, 16, 16, 8, 8, 8];
const LATER_CHANNELS = 4;

/**
 * The decoder's layers, coarse to fine. Level k of L = floor(log2(longer side)) has floor(size / 2^(L − k)) pixels, at least
 * one: for 504×378 that is 3×2, 7×5, 15×11 … 504×378, as in CoherentGS (which gets there by ×2 and odd paddings).
 */
export function planDecoderLayers(shape: DecoderShape): DecoderLayer[] {
  const levels = Math.max(1, Math.floor(Math.log2(Math.max(shape.width, shape.height))));
  const layers: DecoderLayer[] = [];
  let channelsIn = ENCODING_LENGTH;
  for (let k = 1; k <= levels; k++) {
    const channelsOut = Math.max(1, Math.round(shape.widthMultiplier * (CHANNELS[k - 1] ?? LATER_CHANNELS)));
    layers.push({
      height: Math.max(1, Math.floor(shape.height / 2 ** (levels - k))),
      width: Math.max(1, Math.floor(shape.width / 2 ** (levels - k))),
      channelsIn,
      channelsOut,
      kernel: k === 1 ? 1 : 3,
      appendsCoordinates: k === 1,
      last: false,
    });
    channelsIn = channelsOut + (k === 1 ? 2 : 0);
  }
  const { height, width, segmentCount } = shape;
  layers.push({
    height,
    width,
    channelsIn,
    channelsOut: segmentCount,
    kernel: 3,
    appendsCoordinates: false,
    last: true,
  });
  return layers;
}

/** Number of weights and biases. */
export function countParameters(layers: readonly DecoderLayer[]): number {
  return layers.reduce((sum, l) => sum + (l.kernel ** 2 * l.channelsIn + 1) * l.channelsOut, 0);
}

/** Multiply–adds of one view's forward pass. */
export function countMultiplyAdds(layers: readonly DecoderLayer[]): number {
  return layers.reduce((sum, l) => sum + l.height * l.width * l.kernel ** 2 * l.channelsIn * l.channelsOut, 0);
}

/**
 * Positional encoding of the view index t = n / (N − 1): sin(2^k t), cos(2^k t), k = 0..9 (no π, t itself left out), as in
 * CoherentGS.
 *
 * @returns [viewCount, 20]
 */
export function encodeViews(viewCount: number): Float32Array {
  const encoding = new Float32Array(viewCount * ENCODING_LENGTH);
  for (let n = 0; n < viewCount; n++) {
    const t = viewCount === 1 ? 0 : n / (viewCount - 1);
    for (let k = 0; k < ENCODING_LENGTH / 2; k++) {
      encoding[n * ENCODING_LENGTH + 2 * k] = Math.sin(2 ** k * t);
      encoding[n * ENCODING_LENGTH + 2 * k + 1] = Math.cos(2 ** k * t);
    }
  }
  return encoding;
}
