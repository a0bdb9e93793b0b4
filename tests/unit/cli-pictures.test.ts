import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawText, measureText } from '../../cli/bitmap-font.js';
import { composeContactSheet } from '../../cli/contact-sheet.js';
import { colorizeDepth, divideByAlpha, quantizeDepth } from '../../host/depth-picture.js';
import { encodeGrey16Png, encodeRgbPng, quantizeRgb } from '../../host/png-writer.js';

describe('labels', () => {
  const draw = (text: string): string[] => {
    const image = { width: measureText(text, 1), height: 7, bytes: new Uint8Array(measureText(text, 1) * 7 * 3) };
    drawText(image, text, { left: 0, top: 0, scale: 1 }, [255, 0, 0]);
    return Array.from({ length: 7 }, (_, y) =>
      Array.from({ length: image.width }, (_, x) => (image.bytes[(y * image.width + x) * 3] === 255 ? '#' : '.')).join(
        '',
      ),
    );
  };

  it('read from left to right and top to bottom', () => {
    expect(draw('F7')).toEqual([
      '#####.#####',
      '#.........#',
      '#........#.',
      '####....#..',
      '#......#...',
      '#......#...',
      '#......#...',
    ]);
  });

  it('are cut at the border, and unknown letters are question marks', () => {
    expect(draw('é')).toEqual(draw('?'));
    const image = { width: 4, height: 4, bytes: new Uint8Array(48) };
    drawText(image, 'WWW', { left: -3, top: -2, scale: 3 }, [1, 2, 3]);
    expect(image.bytes.length).toBe(48);
  });
});

describe('contact sheet', () => {
  it('places tiles in rows under their neighbours, shrunk by averaging', () => {
    const grey = (width: number, height: number, level: number) => ({
      width,
      height,
      data: new Float32Array(width * height * 3).fill(level),
    });
    const sheet = composeContactSheet(
      [
        [
          { image: grey(40, 20, 1), label: '' },
          { image: grey(20, 10, 0.2), label: '' },
        ],
        [{ image: grey(20, 30, 0.6), label: '' }],
      ],
      20,
    );
    const at = (x: number, y: number): number => sheet.bytes[(y * sheet.width + x) * 3]!;
    expect(sheet.width).toBe(8 + 2 * 28);
    expect([at(8, 8), at(27, 17), at(36, 8), at(7, 7)]).toEqual([255, 255, 51, 24]);
    const secondRow = 8 + 10 + 24 + 8;
    expect([at(8, secondRow - 1), at(8, secondRow), at(8, secondRow + 29)]).toEqual([24, 153, 153]);
    expect(sheet.bytes.length).toBe(sheet.width * sheet.height * 3);
  });
});

describe('pictures of colour and depth', () => {
  it('clamps, rounds, and turns NaN black', async () => {
    const data = Float32Array.of(-1, 0.5, 2, NaN, 1, 0.002, 0, 0.25, 0.75);
    expect([...quantizeRgb({ width: 3, height: 1, data })]).toEqual([0, 128, 255, 0, 255, 1, 0, 64, 191]);
    const { data: decoded, info } = await sharp(await encodeRgbPng({ width: 3, height: 1, data }))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.channels]).toEqual([3, 3]);
    expect([...decoded]).toEqual([0, 128, 255, 0, 255, 1, 0, 64, 191]);
  });

  it('keeps 16 bits of depth', async () => {
    const depth = divideByAlpha(Float32Array.of(1, 2, 0.3, 0), Float32Array.of(0.5, 1, 0.4, 0));
    expect([...depth]).toEqual([2, 2, 0, 0]);
    const { levels, levelsPerUnit } = quantizeDepth(Float32Array.of(0, 1.2345, 6.5, 1e-9));
    expect(levelsPerUnit).toBe(10000);
    expect([...levels]).toEqual([0, 12345, 65000, 1]);
    const png = await encodeGrey16Png(levels, 2, 2);
    const { data } = await sharp(png)
      .toColourspace('grey16')
      .raw({ depth: 'ushort' })
      .toBuffer({ resolveWithObject: true });
    expect([...new Uint16Array(data.buffer, data.byteOffset, 4)]).toEqual([0, 12345, 65000, 1]);
  });

  it('colours near light, far dark and nothing black', () => {
    const bytes = colorizeDepth(Float32Array.of(1, 2, 4, 0));
    const sum = (i: number): number => bytes[i * 3]! + bytes[i * 3 + 1]! + bytes[i * 3 + 2]!;
    expect(sum(0)).toBeGreaterThan(sum(1));
    expect(sum(1)).toBeGreaterThan(sum(2));
    expect([sum(2) > 0, sum(3)]).toEqual([true, 0]);
    expect(colorizeDepth(new Float32Array(2))).toEqual(new Uint8Array(6));
  });
});
