import sharp from 'sharp';

/** An image as the rasterizer gives it: values 0..1, interleaved [height, width, 3]. */
export interface FloatImage {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** 0..1 to 0..255, rounded; NaN is black. */
export function quantizeRgb(image: FloatImage): Uint8Array {
  const bytes = new Uint8Array(image.width * image.height * 3);
  for (let i = 0; i < bytes.length; i++) {
    const value = image.data[i] as number;
    bytes[i] = value > 0 ? Math.min(255, Math.round(value * 255)) : 0;
  }
  return bytes;
}

/** An 8-bit RGB PNG of an sRGB image. */
export async function encodeRgbPng(image: FloatImage): Promise<Uint8Array> {
  return encodeRgbBytesPng(quantizeRgb(image), image.width, image.height);
}

/** An 8-bit RGB PNG of bytes [height, width, 3]. */
export async function encodeRgbBytesPng(bytes: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  return sharp(bytes, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** A 16-bit grey PNG of levels [height, width]. */
export async function encodeGrey16Png(levels: Uint16Array, width: number, height: number): Promise<Uint8Array> {
  return sharp(levels, { raw: { width, height, channels: 1 } })
    .toColourspace('grey16')
    .png()
    .toBuffer();
}
