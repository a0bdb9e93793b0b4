/**
 * Pictures as the planes that video encoders work on: BT.709's Y′CbCr in limited range (Y 16..235, C 16..240), chroma halved both ways.
 * Converted here, and said so in the file, because encoders that are handed RGB differ in which matrix they take, and players then
 * show other colours than the viewer.
 */
import type { Picture } from './encode-png.js';

/** ITU-R BT.709-6, items 3.2 to 3.5. */
const KR = 0.2126;
const KG = 0.7152;
const KB = 0.0722;
const Y_SCALE = 219 / 255;
const CB_SCALE = 224 / 255 / (2 * (1 - KB));
const CR_SCALE = 224 / 255 / (2 * (1 - KR));

export const VIDEO_COLOR_SPACE = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', fullRange: false } as const;

/** Width and height must be even. What is transparent shows black. */
export function rgbaToI420({ width, height, data }: Picture): Uint8Array<ArrayBuffer> {
  const pixels = width * height;
  const halfWidth = width / 2;
  const out = new Uint8Array(pixels + pixels / 2);
  const cbAt = pixels;
  const crAt = pixels + pixels / 4;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      let [r, g, b] = [0, 0, 0];
      for (let corner = 0; corner < 4; corner++) {
        const at = (y + (corner >> 1)) * width + x + (corner & 1);
        const i = at * 4;
        const a = data[i + 3]! / 255;
        const [pr, pg, pb] = [data[i]! * a, data[i + 1]! * a, data[i + 2]! * a];
        out[at] = 16.5 + Y_SCALE * (KR * pr + KG * pg + KB * pb);
        r += pr / 4;
        g += pg / 4;
        b += pb / 4;
      }
      const luma = KR * r + KG * g + KB * b;
      const c = (y / 2) * halfWidth + x / 2;
      out[cbAt + c] = 128.5 + CB_SCALE * (b - luma);
      out[crAt + c] = 128.5 + CR_SCALE * (r - luma);
    }
  }
  return out;
}
