import type { FloatImage } from '../host/png-writer.js';
import { quantizeRgb } from '../host/png-writer.js';
import type { ByteImage } from './bitmap-font.js';
import { drawText, GLYPH_HEIGHT } from './bitmap-font.js';

export interface ContactTile {
  readonly image: FloatImage;
  readonly label: string;
}

const GAP_PX = 8;
const LABEL_SCALE = 2;
const LABEL_HEIGHT_PX = GLYPH_HEIGHT * LABEL_SCALE + 10;
const PAPER = 24;
const INK: readonly [number, number, number] = [226, 226, 226];

/** Mean of the source pixels under each target pixel, for shrinking by any factor; never enlarges. */
function shrink(image: FloatImage, width: number): FloatImage {
  if (image.width <= width) return image;
  const height = Math.max(1, Math.round((image.height * width) / image.width));
  const data = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const top = Math.floor((y * image.height) / height);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * image.height) / height));
    for (let x = 0; x < width; x++) {
      const left = Math.floor((x * image.width) / width);
      const right = Math.max(left + 1, Math.floor(((x + 1) * image.width) / width));
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let v = top; v < bottom; v++)
          for (let u = left; u < right; u++) sum += image.data[(v * image.width + u) * 3 + c] as number;
        data[(y * width + x) * 3 + c] = sum / ((bottom - top) * (right - left));
      }
    }
  }
  return { width, height, data };
}

/** Lays tiles out in rows, each with its label underneath, on dark paper. */
export function composeContactSheet(rows: readonly (readonly ContactTile[])[], tileWidth: number): ByteImage {
  const shrunk = rows.map((row) => row.map((tile) => ({ ...tile, image: shrink(tile.image, tileWidth) })));
  const rowHeights = shrunk.map((row) => Math.max(0, ...row.map((tile) => tile.image.height)) + LABEL_HEIGHT_PX);
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const width = GAP_PX + columns * (tileWidth + GAP_PX);
  const height = GAP_PX + rowHeights.reduce((sum, rowHeight) => sum + rowHeight + GAP_PX, 0);
  const sheet: ByteImage = { width, height, bytes: new Uint8Array(width * height * 3).fill(PAPER) };
  let top = GAP_PX;
  shrunk.forEach((row, r) => {
    row.forEach(({ image, label }, column) => {
      const left = GAP_PX + column * (tileWidth + GAP_PX);
      const bytes = quantizeRgb(image);
      for (let y = 0; y < image.height; y++)
        sheet.bytes.set(bytes.subarray(y * image.width * 3, (y + 1) * image.width * 3), ((top + y) * width + left) * 3);
      drawText(sheet, label, { left, top: top + image.height + 5, scale: LABEL_SCALE }, INK);
    });
    top += (rowHeights[r] as number) + GAP_PX;
  });
  return sheet;
}
