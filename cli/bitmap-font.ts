/** A five-by-seven pixel font, so that labels need no fonts on the machine. */

export const GLYPH_WIDTH = 5;
export const GLYPH_HEIGHT = 7;

const UNKNOWN_GLYPH = 'eh12404';

/** Seven rows of five pixels, each row a base-32 digit, leftmost pixel 16. */
const GLYPHS: Readonly<Record<string, string>> = {
  ' ': '0000000',
  '.': '00000cc',
  ',': '0000448',
  ':': '0cc0cc0',
  '-': '000e000',
  '+': '044v440',
  '=': '00v0v00',
  _: '000000v',
  '/': '01248g0',
  '%': 'op248j3',
  '(': '2488842',
  ')': '8422248',
  '?': UNKNOWN_GLYPH,
  '0': 'ehjlphe',
  '1': '4c4444e',
  '2': 'eh1248v',
  '3': 'v2421he',
  '4': '26aiv22',
  '5': 'vgu11he',
  '6': '68guhhe',
  '7': 'v124888',
  '8': 'ehhehhe',
  '9': 'ehhf12c',
  A: 'ehhvhhh',
  B: 'uhhuhhu',
  C: 'ehggghe',
  D: 'uhhhhhu',
  E: 'vgguggv',
  F: 'vgguggg',
  G: 'ehgnhhf',
  H: 'hhhvhhh',
  I: 'e44444e',
  J: '72222ic',
  K: 'hikokih',
  L: 'ggggggv',
  M: 'hrllhhh',
  N: 'hhpljhh',
  O: 'ehhhhhe',
  P: 'uhhuggg',
  Q: 'ehhhlid',
  R: 'uhhukih',
  S: 'fgge11u',
  T: 'v444444',
  U: 'hhhhhhe',
  V: 'hhhhha4',
  W: 'hhhllla',
  X: 'hha4ahh',
  Y: 'hhha444',
  Z: 'v1248gv',
};

/** Bytes [height, width, 3] to draw on. */
export interface ByteImage {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** Width in pixels of a line of text. */
export function measureText(text: string, scale: number): number {
  return Math.max(0, [...text].length * (GLYPH_WIDTH + 1) - 1) * scale;
}

/** Draws a line of text in capitals, its top-left corner at (left, top), cut at the image's border. */
export function drawText(
  image: ByteImage,
  text: string,
  place: { readonly left: number; readonly top: number; readonly scale: number },
  color: readonly [number, number, number],
): void {
  const { left, top, scale } = place;
  [...text.toUpperCase()].forEach((character, index) => {
    const rows = GLYPHS[character] ?? UNKNOWN_GLYPH;
    for (let y = 0; y < GLYPH_HEIGHT * scale; y++) {
      const bits = parseInt(rows[Math.floor(y / scale)] as string, 32);
      for (let x = 0; x < GLYPH_WIDTH * scale; x++) {
        if (((bits >> (GLYPH_WIDTH - 1 - Math.floor(x / scale))) & 1) === 0) continue;
        const column = left + index * (GLYPH_WIDTH + 1) * scale + x;
        if (column < 0 || column >= image.width || top + y < 0 || top + y >= image.height) continue;
        image.bytes.set(color, ((top + y) * image.width + column) * 3);
      }
    }
  });
}
