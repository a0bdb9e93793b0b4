/**
 * Procedural surfaces of the building: wood, brick, tiles, plaster, cloth, print. Texture coordinates u, v are metres on
 * the surface; every texture has detail from a few millimetres to decimetres, as real surfaces do and stereo needs.
 */
import { GLYPH_HEIGHT, hasInk, textColumns } from './lettering.js';
import { fractal2, hashUnit, noise2, smoothStep } from './noise.js';

export type Colour = readonly [number, number, number];

/** Writes a linear-light albedo into `out`. `variant` in 0..1 tells things of one material apart. */
export type Texture = (u: number, v: number, variant: number, out: Float64Array) => void;

/** Linear light of an sRGB colour written 0xRRGGBB. */
export function linearOf(hex: number): Colour {
  const channel = (shift: number): number => {
    const s = ((hex >> shift) & 255) / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  };
  return [channel(16), channel(8), channel(0)];
}

export function paint(out: Float64Array, colour: Colour, gain = 1): void {
  out[0] = colour[0] * gain;
  out[1] = colour[1] * gain;
  out[2] = colour[2] * gain;
}

/** Moves `out` towards a colour by `amount`. */
export function blend(out: Float64Array, colour: Colour, amount: number): void {
  for (let c = 0; c < 3; c++) {
    out[c] = (out[c] as number) + (colour[c as 0 | 1 | 2] - (out[c] as number)) * amount;
  }
}

export function scaleColour(out: Float64Array, gain: number): void {
  out[0] = (out[0] as number) * gain;
  out[1] = (out[1] as number) * gain;
  out[2] = (out[2] as number) * gain;
}

/** Planks of wood, the grain along u: year rings stretched lengthwise, pores, a few knots. */
export function createWood(light: Colour, dark: Colour): Texture {
  return (u, v, variant, out) => {
    const shift = variant * 37;
    const warp = fractal2(u * 2.1 + shift, v * 9, 2, 0.5, 11) * 0.035;
    const rings = 0.5 + 0.5 * Math.sin((v + warp + shift) * 210 + 3 * noise2(u * 3 + shift, v * 21, 5));
    const pores = fractal2(u * 28 + shift, v * 420, 3, 0.75, 23);
    const patches = fractal2(u * 9 + shift, v * 45, 3, 0.7, 29);
    const knot = smoothStep(0.72, 0.9, noise2(u * 3.4 + shift * 3, v * 11 + shift, 41));
    paint(out, light);
    blend(out, dark, Math.min(1, 0.15 + 0.4 * rings * rings + 0.25 * Math.max(0, pores) + 0.6 * knot));
    scaleColour(out, (0.82 + 0.36 * variant) * (1 + 0.3 * pores + 0.22 * patches));
  };
}

const BRICK = { length: 0.215, height: 0.065, joint: 0.011 };

/** Distance into the brick from its joint, in metres (negative inside the joint), and which brick it is. */
function locateBrick(u: number, v: number): { inside: number; column: number; row: number } {
  const row = Math.floor(v / (BRICK.height + BRICK.joint));
  const pitch = BRICK.length + BRICK.joint;
  const shifted = u + ((row & 1) * pitch) / 2 + 0.012 * noise2(row * 3.1, 0, 3);
  const column = Math.floor(shifted / pitch);
  const x = shifted - column * pitch;
  const y = v - row * (BRICK.height + BRICK.joint);
  const wobble = 0.0025 * noise2(u * 60, v * 60, 71);
  return { inside: Math.min(x, BRICK.length - x, y, BRICK.height - y) + wobble, column, row };
}

export function createBrick(tint: Colour, mortar: Colour): Texture {
  const burnt = linearOf(0x5a3a33);
  return (u, v, _variant, out) => {
    const { inside, column, row } = locateBrick(u, v);
    const fine = fractal2(u * 55, v * 55, 4, 0.8, 17);
    const coarse = fractal2(u * 1.7, v * 1.7, 3, 0.6, 19);
    const own = hashUnit(column, row, 77);
    paint(out, tint, 0.62 + 0.7 * own);
    blend(out, burnt, 0.7 * smoothStep(0.72, 0.95, hashUnit(column, row, 78)));
    blend(out, mortar, 0.35 * smoothStep(0.25, 0.8, fractal2(u * 14, v * 14, 3, 0.6, 91)));
    scaleColour(out, 1 + 0.42 * fine);
    const joint = 1 - smoothStep(-0.0005, 0.003, inside);
    if (joint > 0)
      blend(out, [mortar[0] * (1 + 0.4 * fine), mortar[1] * (1 + 0.4 * fine), mortar[2] * (1 + 0.4 * fine)], joint);
    scaleColour(out, 1 + 0.25 * coarse);
  };
}

/** Height of the brickwork in metres: joints lie back. */
export function brickHeight(u: number, v: number): number {
  return 0.004 * smoothStep(-0.002, 0.005, locateBrick(u, v).inside) + 0.0012 * fractal2(u * 70, v * 70, 2, 0.6, 17);
}

const TILE = { size: 0.245, joint: 0.009 };

export function createTiles(tint: Colour, grout: Colour): Texture {
  const pale = linearOf(0xd9b48c);
  return (u, v, _variant, out) => {
    const column = Math.floor(u / TILE.size);
    const row = Math.floor(v / TILE.size);
    const x = u - column * TILE.size;
    const y = v - row * TILE.size;
    const inside = Math.min(x, TILE.size - x, y, TILE.size - y) - TILE.joint / 2 + 0.002 * noise2(u * 70, v * 70, 5);
    const own = hashUnit(column, row, 301);
    const fine = fractal2(u * 48 + own * 9, v * 48, 4, 0.8, 33);
    const stain = fractal2(u * 3.1, v * 3.1, 4, 0.6, 35);
    paint(out, tint, 0.66 + 0.6 * own);
    blend(out, pale, 0.55 * smoothStep(0.1, 0.9, fractal2(u * 11 + own * 50, v * 11, 4, 0.65, 37)));
    scaleColour(out, (1 + 0.36 * fine) * (1 + 0.26 * stain));
    const joint = 1 - smoothStep(-0.001, 0.002, inside);
    if (joint > 0)
      blend(out, [grout[0] * (1 + 0.5 * fine), grout[1] * (1 + 0.5 * fine), grout[2] * (1 + 0.5 * fine)], joint);
  };
}

export function tileHeight(u: number, v: number): number {
  const x = u - Math.floor(u / TILE.size) * TILE.size;
  const y = v - Math.floor(v / TILE.size) * TILE.size;
  const inside = Math.min(x, TILE.size - x, y, TILE.size - y) - TILE.joint / 2;
  return 0.003 * smoothStep(-0.002, 0.006, inside) + 0.001 * fractal2(u * 40, v * 40, 2, 0.6, 33);
}

/** Rough-cast plaster with speckles, stains and cracks; below `bandTop` a freshly painted band that is almost plain. */
export function createPlaster(tint: Colour, band: Colour, bandTop: number): Texture {
  const earth = linearOf(0x8a6f52);
  return (u, v, _variant, out) => {
    const grain = fractal2(u * 62, v * 62, 4, 0.85, 51);
    if (v < bandTop + 0.004 * noise2(u * 30, 0, 9)) {
      paint(out, band, 1 + 0.03 * grain);
      return;
    }
    const blotch = fractal2(u * 2.3, v * 2.3, 5, 0.62, 53);
    paint(out, tint, (1 + 0.24 * grain) * (1 + 0.22 * blotch));
    blend(out, earth, 0.5 * smoothStep(0.3, 1, blotch + 0.35 * fractal2(u * 19, v * 19, 3, 0.7, 57)));
    blend(
      out,
      linearOf(0x5d5348),
      0.75 * smoothStep(0.5, 0.75, noise2(u * 43, v * 43, 59)) * hashUnit(Math.floor(u * 8), Math.floor(v * 8), 60),
    );
    const crack = Math.abs(noise2(u * 1.9 + 0.3 * grain, v * 1.4 + blotch * 0.25, 61));
    blend(
      out,
      linearOf(0x4a4038),
      0.7 * (1 - smoothStep(0.004, 0.014, crack)) * smoothStep(-0.1, 0.3, noise2(u * 1.1, v * 1.1, 63)),
    );
  };
}

export function plasterHeight(u: number, v: number): number {
  return 0.0016 * fractal2(u * 46, v * 46, 3, 0.7, 51);
}

/** Woven check: threads of `pitch` metres, stripes of three colours both ways. */
export function createCheck(ground: Colour, stripe: Colour, accent: Colour, pitch: number): Texture {
  const bandOf = (x: number): number => {
    const phase = x / (pitch * 24) - Math.floor(x / (pitch * 24));
    return phase < 0.32 ? 1 : phase > 0.6 && phase < 0.68 ? 2 : 0;
  };
  return (u, v, _variant, out) => {
    const column = Math.floor(u / pitch);
    const row = Math.floor(v / pitch);
    const warpOnTop = ((column + row) & 1) === 0;
    const band = warpOnTop ? bandOf(column * pitch) : bandOf(row * pitch + 0.02);
    const across = warpOnTop ? u / pitch - column : v / pitch - row;
    const thread = 0.72 + 0.4 * Math.sin(Math.PI * across) + 0.3 * (hashUnit(column, row, 15) - 0.5);
    paint(
      out,
      band === 1 ? stripe : band === 2 ? accent : ground,
      thread * (1 + 0.25 * fractal2(u * 26, v * 26, 3, 0.7, 13)),
    );
  };
}

/** Plain weave with slubs: lampshades, book cloth, wicker at a larger pitch. */
export function createWeave(tint: Colour, pitch: number, contrast: number): Texture {
  return (u, v, variant, out) => {
    const column = Math.floor(u / pitch);
    const row = Math.floor(v / pitch);
    const across = ((column + row) & 1) === 0 ? u / pitch - column : v / pitch - row;
    const slub = fractal2(u * 40, v * 40 + variant * 9, 3, 0.7, 83);
    paint(
      out,
      tint,
      1 + contrast * (Math.sin(Math.PI * across) - 0.6 + 0.8 * (hashUnit(column, row, 85) - 0.5) + 0.5 * slub),
    );
  };
}

interface PrintedLine {
  readonly text: string;
  /** Left edge and top of the letters in metres from the sheet's lower left corner. */
  readonly left: number;
  readonly top: number;
  /** Size of one bitmap cell. */
  readonly cell: number;
  readonly colour: Colour;
}

/** A line of text centred at `centre`. */
export function printCentred(text: string, centre: number, top: number, cell: number, colour: Colour): PrintedLine {
  return { text, left: centre - (textColumns(text) * cell) / 2, top, cell, colour };
}

/** Whether (u, v) is ink of a printed line; v runs upwards. */
export function isPrinted(line: PrintedLine, u: number, v: number): boolean {
  return (
    v <= line.top &&
    v > line.top - GLYPH_HEIGHT * line.cell &&
    hasInk(line.text, (u - line.left) / line.cell, (line.top - v) / line.cell)
  );
}

/** Travel poster of 0.9 × 1.2 m: title, a landscape in four inks, a caption. Neither left-right nor up-down symmetric. */
export function createPoster(): Texture {
  const ink = linearOf(0x1d2b3a);
  const red = linearOf(0xb8322a);
  const lines = [
    printCentred('VANTAGE', 0.45, 1.135, 0.0195, red),
    printCentred('FIVE PHOTOS', 0.45, 0.25, 0.0105, ink),
    { text: 'LOOK AROUND', left: 0.06, top: 0.15, cell: 0.0074, colour: ink },
    { text: 'NO 27', left: 0.62, top: 0.15, cell: 0.0074, colour: red },
  ];
  return (u, v, _variant, out) => {
    const grain = fractal2(u * 90, v * 90, 2, 0.9, 97);
    paint(out, linearOf(0xe9dfc6));
    if (u > 0.06 && u < 0.84 && v > 0.3 && v < 0.96) {
      const ridge = 0.55 + 0.13 * Math.sin(u * 9) + 0.05 * noise2(u * 22, 0, 3);
      const hill = 0.46 + 0.06 * Math.sin(u * 13 + 1.7) + 0.015 * noise2(u * 60, 0, 4);
      paint(out, linearOf(0x8fc1c9), 0.8 + 0.3 * v);
      if (Math.hypot(u - 0.66, v - 0.82) < 0.075) paint(out, linearOf(0xf0b53a));
      if (v < ridge)
        paint(out, linearOf(0x5c7f8f), 0.75 + 0.5 * smoothStep(0.3, 0.7, v) + 0.25 * noise2(u * 40, v * 40, 7));
      if (v < hill) paint(out, linearOf(0x6d8b3c), 0.75 + 0.5 * noise2(u * 35 + 9, v * 90, 8));
      if (v < hill - 0.06 && Math.sin(u * 160 + v * 90) > 0.2) paint(out, linearOf(0xc9a646));
    }
    if (u < 0.025 || u > 0.875 || v < 0.025 || v > 1.175) paint(out, red);
    for (const line of lines) if (isPrinted(line, u, v)) paint(out, line.colour);
    scaleColour(out, 1 + 0.09 * grain);
  };
}
