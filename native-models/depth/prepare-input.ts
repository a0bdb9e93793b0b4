/** Turns a photo into a network's input tensor. */
import type { RgbImage } from '../../engine/scene/view.js';
import type { DepthNetworkSettings, InputSizeRule } from '../manifest.js';
import { resampleImage } from './resample-image.js';

export interface NetworkInput {
  readonly width: number;
  readonly height: number;
  /** [1, 3, height, width] normalised. */
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * The size at which a network sees a photo. 'fixed' ignores the aspect (such networks were trained on squeezed photos); 'multiple-of' brings
 * the short side to about `shortSide` and rounds each side to the nearest multiple, at least one, the long side at most `maxLongSide`.
 */
export function chooseInputSize(
  rule: InputSizeRule,
  photo: { readonly width: number; readonly height: number },
): { width: number; height: number } {
  if (rule.kind === 'fixed') return { width: rule.width, height: rule.height };
  const short = Math.min(photo.width, photo.height);
  const long = Math.max(photo.width, photo.height);
  const scale = Math.min(rule.shortSide / short, rule.maxLongSide / long);
  const most = Math.max(1, Math.floor(rule.maxLongSide / rule.multiple));
  const round = (side: number): number =>
    rule.multiple * Math.min(most, Math.max(1, Math.round((side * scale) / rule.multiple)));
  return { width: round(photo.width), height: round(photo.height) };
}

/**
 * Resizes (antialiased), clamps to 0..1 (bicubic overshoots), normalises `(value − mean) / std` per channel, and splits into planes.
 *
 * @param image [H, W, 3] sRGB 0..1; NaN becomes 0, so that one broken pixel cannot poison a whole view.
 */
export function prepareNetworkInput(image: RgbImage, settings: DepthNetworkSettings): NetworkInput {
  const { width, height } = chooseInputSize(settings.input, image);
  const finite = image.data.every(Number.isFinite) ? image.data : image.data.map((v) => (Number.isFinite(v) ? v : 0));
  const size = { width: image.width, height: image.height, channels: 3 };
  const resized = resampleImage(finite, size, { width, height }, settings.resizeKernel);
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    const mean = settings.mean[c] as number;
    const std = settings.std[c] as number;
    for (let i = 0; i < plane; i++) {
      const value = Math.min(1, Math.max(0, resized[i * 3 + c] as number));
      data[c * plane + i] = (value - mean) / std;
    }
  }
  return { width, height, data };
}
