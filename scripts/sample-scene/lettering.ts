/** A 5×7 bitmap alphabet drawn for this project: enough to print posters, signs and test scenes. */

export const GLYPH_WIDTH = 5;
export const GLYPH_HEIGHT = 7;
/** Columns from one letter's left edge to the next one's. */
export const GLYPH_ADVANCE = GLYPH_WIDTH + 1;

/** Seven rows a letter, top to bottom; 1 is ink. */
const GLYPHS: Readonly<Record<string, string>> = {
  A: '01110 10001 10001 11111 10001 10001 10001',
  B: '11110 10001 10001 11110 10001 10001 11110',
  C: '01110 10001 10000 10000 10000 10001 01110',
  D: '11110 10001 10001 10001 10001 10001 11110',
  E: '11111 10000 10000 11110 10000 10000 11111',
  F: '11111 10000 10000 11110 10000 10000 10000',
  G: '01110 10001 10000 10111 10001 10001 01111',
  H: '10001 10001 10001 11111 10001 10001 10001',
  I: '01110 00100 00100 00100 00100 00100 01110',
  J: '00111 00010 00010 00010 00010 10010 01100',
  K: '10001 10010 10100 11000 10100 10010 10001',
  L: '10000 10000 10000 10000 10000 10000 11111',
  M: '10001 11011 10101 10101 10001 10001 10001',
  N: '10001 11001 10101 10011 10001 10001 10001',
  O: '01110 10001 10001 10001 10001 10001 01110',
  P: '11110 10001 10001 11110 10000 10000 10000',
  Q: '01110 10001 10001 10001 10101 10010 01101',
  R: '11110 10001 10001 11110 10100 10010 10001',
  S: '01111 10000 10000 01110 00001 00001 11110',
  T: '11111 00100 00100 00100 00100 00100 00100',
  U: '10001 10001 10001 10001 10001 10001 01110',
  V: '10001 10001 10001 10001 10001 01010 00100',
  W: '10001 10001 10001 10101 10101 11011 10001',
  X: '10001 10001 01010 00100 01010 10001 10001',
  Y: '10001 10001 01010 00100 00100 00100 00100',
  Z: '11111 00001 00010 00100 01000 10000 11111',
  '0': '01110 10001 10011 10101 11001 10001 01110',
  '1': '00100 01100 00100 00100 00100 00100 01110',
  '2': '01110 10001 00001 00010 00100 01000 11111',
  '3': '11111 00010 00100 00010 00001 10001 01110',
  '4': '00010 00110 01010 10010 11111 00010 00010',
  '5': '11111 10000 11110 00001 00001 10001 01110',
  '6': '00110 01000 10000 11110 10001 10001 01110',
  '7': '11111 00001 00010 00100 01000 01000 01000',
  '8': '01110 10001 10001 01110 10001 10001 01110',
  '9': '01110 10001 10001 01111 00001 00010 01100',
};

/** Width of a line of text in cells, without the gap after its last letter. */
export function textColumns(text: string): number {
  return Math.max(0, text.length * GLYPH_ADVANCE - 1);
}

/** Whether the cell at (column, row) of a line of text is ink; row 0 is the top. Outside, and for unknown letters, it is not. */
export function hasInk(text: string, column: number, row: number): boolean {
  const x = Math.floor(column);
  const y = Math.floor(row);
  if (x < 0 || y < 0 || y >= GLYPH_HEIGHT) return false;
  const glyph = GLYPHS[text[Math.floor(x / GLYPH_ADVANCE)] ?? ' '];
  const within = x % GLYPH_ADVANCE;
  if (glyph === undefined || within >= GLYPH_WIDTH) return false;
  return glyph.charCodeAt(y * GLYPH_ADVANCE + within) === 49;
}
