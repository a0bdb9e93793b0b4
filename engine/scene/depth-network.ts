/** A monocular depth network as the pipeline sees it; native-models/ implements it, hosts hand it in. */
import type { RgbImage } from './view.js';

/**
 * What a network's numbers r mean; the alignment with the scene's depth z works in the space named here.
 * - metric-depth: z ≈ a r, r in metres;
 * - inverse-depth: 1/z ≈ a r + b, larger is nearer;
 * - affine-invariant-depth: z ≈ a r + b, larger is farther.
 */
export type DepthOutputKind = 'metric-depth' | 'inverse-depth' | 'affine-invariant-depth';

/** A monocular depth network, handed in by the host. */
export interface DepthNetwork {
  readonly name: string;
  readonly outputKind: DepthOutputKind;
  /** Depth-like numbers at the photo's size [H, W], see {@link DepthOutputKind}. */
  estimate(image: RgbImage, signal?: AbortSignal): Promise<Float32Array>;
}
