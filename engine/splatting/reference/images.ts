import type { ImageGradients, RenderedView } from '../contract.js';

/** {@link RenderedView} in float64; the same type holds derivatives with respect to each number. */
export interface Images {
  readonly width: number;
  readonly height: number;
  /** [H, W, 3] */
  readonly color: Float64Array;
  /** [H, W] */
  readonly depth: Float64Array;
  /** [H, W] */
  readonly alpha: Float64Array;
}

/** All-zero images: where derivatives are summed. */
export function zeroImages(width: number, height: number): Images {
  const pixels = width * height;
  return {
    width,
    height,
    color: new Float64Array(pixels * 3),
    depth: new Float64Array(pixels),
    alpha: new Float64Array(pixels),
  };
}

/** Rounded to float32. */
export function renderedViewOf(images: Images): RenderedView {
  return {
    width: images.width,
    height: images.height,
    color: Float32Array.from(images.color),
    depth: Float32Array.from(images.depth),
    alpha: Float32Array.from(images.alpha),
  };
}

/** A float64 copy of derivatives as the contract hands them in; exact. */
export function imagesOfGradients(width: number, height: number, gradients: ImageGradients): Images {
  return {
    width,
    height,
    color: Float64Array.from(gradients.gradColor),
    depth: Float64Array.from(gradients.gradDepth),
    alpha: Float64Array.from(gradients.gradAlpha),
  };
}
