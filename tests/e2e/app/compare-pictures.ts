/** Pictures as numbers: decoding, cutting out, and how far two of them are apart. */
import sharp from 'sharp';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [H, W, 3] 0..255. */
  readonly pixels: Uint8Array;
}

export async function decodePicture(bytes: Uint8Array): Promise<Picture> {
  const { data, info } = await sharp(bytes)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: new Uint8Array(data) };
}

/** The largest rectangle of that shape in the middle of a picture: where a letterboxed camera draws. */
export async function cutMiddle(bytes: Uint8Array, aspect: number): Promise<Buffer> {
  const { width, height } = await sharp(bytes).metadata();
  const cutWidth = Math.min(width, Math.round(height * aspect));
  const cutHeight = Math.min(height, Math.round(width / aspect));
  const left = Math.round((width - cutWidth) / 2);
  const top = Math.round((height - cutHeight) / 2);
  return sharp(bytes).extract({ left, top, width: cutWidth, height: cutHeight }).png().toBuffer();
}

/** Peak signal-to-noise ratio in dB over all pixels and channels; a rim of `borderPx` is left out. */
export function measurePsnr(a: Picture, b: Picture, borderPx = 0): number {
  if (a.width !== b.width || a.height !== b.height)
    throw new Error(`${a.width}×${a.height} and ${b.width}×${b.height} cannot be compared`);
  let sum = 0;
  let count = 0;
  for (let y = borderPx; y < a.height - borderPx; y++)
    for (let at = (y * a.width + borderPx) * 3; at < (y * a.width + a.width - borderPx) * 3; at++) {
      const difference = (a.pixels[at] as number) - (b.pixels[at] as number);
      sum += difference * difference;
      count++;
    }
  return 10 * Math.log10((255 * 255 * count) / sum);
}
