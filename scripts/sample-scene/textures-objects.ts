/** Procedural surfaces of the things and plants. Texture coordinates are metres unless a texture says otherwise. */
import { fractal2, hashUnit, noise2, smoothStep } from './noise.js';
import { blend, isPrinted, linearOf, paint, printCentred, scaleColour } from './textures.js';
import type { Colour, Texture } from './textures.js';

/** A leaf: u runs 0..1 along the midrib, v -1..1 across. Veins are paler, each leaf has its own tint. */
export function createLeaf(young: Colour, old: Colour): Texture {
  return (u, v, variant, out) => {
    paint(out, old, 0.7 + 0.6 * hashUnit(variant * 4096, 3, 1));
    blend(out, young, 0.8 * hashUnit(variant * 4096, 7, 2));
    const vein = Math.abs(((u * 7 - Math.abs(v) * 1.6) % 1) - 0.5);
    const midrib = 1 - smoothStep(0.04, 0.14, Math.abs(v));
    blend(out, linearOf(0xc9d98c), 0.45 * Math.max(midrib, smoothStep(0.4, 0.5, vein)));
    scaleColour(
      out,
      1 + 0.3 * fractal2(u * 14 + variant * 90, v * 6, 3, 0.8, 7) - 0.25 * smoothStep(0.6, 1, Math.abs(v)),
    );
  };
}

/** Soil, moss and cut grass seen from a few metres. */
export function createLawn(): Texture {
  const straw = linearOf(0xa59a55);
  return (u, v, _variant, out) => {
    const coarse = fractal2(u * 1.3, v * 1.3, 4, 0.6, 201);
    const fine = fractal2(u * 24, v * 24, 4, 0.85, 203);
    paint(out, linearOf(0x556b2c), (1 + 0.3 * coarse) * (1 + 0.55 * fine));
    blend(out, straw, 0.7 * smoothStep(0.15, 0.9, fine + coarse * 0.5));
  };
}

export function createBark(): Texture {
  return (u, v, variant, out) => {
    const ridges = fractal2(u * 40 + variant * 30, v * 9, 4, 0.7, 211);
    paint(out, linearOf(0x6b5644), 0.8 + 0.7 * ridges);
    blend(out, linearOf(0x7c8468), 0.4 * smoothStep(0.2, 0.8, noise2(u * 13, v * 7, 213)));
  };
}

/** Painted pottery: `glaze` with bands and brush strokes of `ink`; v is height. */
export function createPottery(glaze: Colour, ink: Colour, bandPitch: number): Texture {
  return (u, v, _variant, out) => {
    const phase = v / bandPitch - Math.floor(v / bandPitch);
    const strokes = Math.sin(u * 95 + 5 * Math.sin(v * 60));
    paint(out, glaze, 1 + 0.16 * fractal2(u * 60, v * 60, 3, 0.8, 221));
    if (phase < 0.16 || (phase > 0.4 && phase < 0.8 && strokes > 0.35)) blend(out, ink, 0.85);
  };
}

/** Unglazed clay with throwing rings and lime bloom. */
export function createClay(): Texture {
  return (u, v, _variant, out) => {
    const rings = noise2(0.3, v * 130, 231) * 0.12 + noise2(0.7, v * 31, 233) * 0.12;
    paint(out, linearOf(0xb5663f), 1 + rings + 0.3 * fractal2(u * 45, v * 45, 4, 0.8, 235));
    blend(out, linearOf(0xd9cbb8), 0.55 * smoothStep(0.15, 0.8, fractal2(u * 9, v * 7, 4, 0.65, 237)));
  };
}

export function createPeel(): Texture {
  return (u, v, variant, out) => {
    const pits = noise2(u * 190, v * 190, 241);
    paint(out, linearOf(0xe07a16), 1 + 0.22 * pits + 0.2 * fractal2(u * 25 + variant * 50, v * 25, 3, 0.7, 243));
    blend(out, linearOf(0xd8a02c), 0.5 * smoothStep(0, 0.8, noise2(u * 16 + variant * 80, v * 16, 245)));
  };
}

/** Dark iron with rust freckles. */
export function createIron(tint: Colour): Texture {
  return (u, v, _variant, out) => {
    paint(out, tint, 1 + 0.4 * fractal2(u * 60, v * 60, 3, 0.8, 251));
    blend(out, linearOf(0x8a4b26), 0.6 * smoothStep(0.35, 0.75, fractal2(u * 35, v * 22, 3, 0.7, 253)));
  };
}

/** The edges of a closed book's pages, one line a sheet. */
export function createPages(): Texture {
  return (_u, v, variant, out) => {
    paint(out, linearOf(0xe6dcc3), 0.8 + 0.35 * hashUnit(Math.floor(v * 900), variant * 64, 261));
  };
}

/** Enamel house sign of 0.3 × 0.22 m. */
export function createSign(): Texture {
  const white = linearOf(0xf1f0ea);
  const number = printCentred('27', 0.15, 0.175, 0.0185, white);
  return (u, v, _variant, out) => {
    paint(out, linearOf(0x1f4a87), 1 + 0.12 * fractal2(u * 60, v * 60, 3, 0.7, 271));
    const edge = Math.min(u, 0.3 - u, v, 0.22 - v);
    if ((edge > 0.01 && edge < 0.018) || isPrinted(number, u, v)) paint(out, white);
    blend(out, linearOf(0x7a3b1c), smoothStep(0.6, 0.75, noise2(u * 45, v * 45, 273)));
  };
}

/** Stencilled text on wooden slats. */
export function createStencil(wood: Texture, text: string, cell: number, left: number, top: number): Texture {
  const line = { text, left, top, cell, colour: linearOf(0x22201e) };
  return (u, v, variant, out) => {
    wood(u, v, variant, out);
    if (isPrinted(line, u, v)) blend(out, line.colour, 0.82 + 0.3 * noise2(u * 120, v * 120, 281));
  };
}

export function createPlain(tint: Colour, speckle: number): Texture {
  return (u, v, variant, out) =>
    paint(out, tint, 1 + speckle * fractal2(u * 70, v * 70, 3, 0.8, 291 + Math.floor(variant * 64)));
}
