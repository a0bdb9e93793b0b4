import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePhoto } from '../../host/photo-decoder.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';

const WIDTH = 4;
const HEIGHT = 3;

/** Every pixel another colour; row by row from the top left. */
function ramp(channels: 1 | 2 | 3 | 4, largest = 255): number[] {
  return Array.from({ length: WIDTH * HEIGHT * channels }, (_, i) => Math.round((largest * (i + 1)) / 50));
}

function rawImage(channels: 1 | 2 | 3 | 4): Sharp {
  return sharp(Uint8Array.from(ramp(channels)), { raw: { width: WIDTH, height: HEIGHT, channels } });
}

function deepImage(channels: 1 | 3 | 4): Sharp {
  const pixels = Uint16Array.from(ramp(channels, 65535));
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels } }).toColourspace(
    channels === 1 ? 'grey16' : 'rgb16',
  );
}

const close = (actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void => {
  expect(actual.length).toBe(expected.length);
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - (actual[i] as number))));
  expect(worst).toBeLessThanOrEqual(tolerance);
};

describe('decoding photos', () => {
  it.each(['png', 'webp', 'tiff'] as const)('gives the exact 8-bit colours of a lossless %s', async (format) => {
    const bytes = await rawImage(3)
      .toFormat(format, { lossless: true, compression: format === 'tiff' ? 'lzw' : undefined })
      .toBuffer();
    const { image, alpha, orientation } = await decodePhoto(bytes, `x.${format}`);
    expect([image.width, image.height, alpha, orientation]).toEqual([WIDTH, HEIGHT, null, 1]);
    close(
      image.data,
      ramp(3).map((v) => v / 255),
      1e-6,
    );
  });

  it('decodes JPEG close to the original', async () => {
    const flat = sharp({ create: { width: 16, height: 8, channels: 3, background: { r: 200, g: 100, b: 50 } } });
    const { image } = await decodePhoto(await flat.jpeg({ quality: 95 }).toBuffer());
    close(image.data, Array.from({ length: 128 }, () => [200 / 255, 100 / 255, 50 / 255]).flat(), 2 / 255);
  });

  it('spreads grey over three channels, 8 and 16 bits, and keeps the 16', async () => {
    const grey = await decodePhoto(await rawImage(1).toColourspace('b-w').png().toBuffer());
    close(
      grey.image.data,
      ramp(1).flatMap((v) => [v / 255, v / 255, v / 255]),
      1e-6,
    );
    const deepGrey = await decodePhoto(await deepImage(1).png().toBuffer());
    close(
      deepGrey.image.data,
      ramp(1, 65535).flatMap((v) => [v / 65535, v / 65535, v / 65535]),
      2 / 65535,
    );
    for (const format of ['png', 'tiff'] as const) {
      const deep = await decodePhoto(await deepImage(3).toFormat(format, { compression: 'lzw' }).toBuffer());
      close(
        deep.image.data,
        ramp(3, 65535).map((v) => v / 65535),
        1e-6,
      );
    }
  });

  it('returns alpha apart, colours unmultiplied', async () => {
    const expected = (largest: number, pixels: number[]) => ({
      rgb: pixels.filter((_, i) => i % 4 !== 3).map((v) => v / largest),
      alpha: pixels.filter((_, i) => i % 4 === 3).map((v) => v / largest),
    });
    const shallow = await decodePhoto(await rawImage(4).png().toBuffer());
    close(shallow.image.data, expected(255, ramp(4)).rgb, 1e-6);
    close(shallow.alpha ?? [], expected(255, ramp(4)).alpha, 1e-6);
    const deep = await decodePhoto(await deepImage(4).png().toBuffer());
    close(deep.image.data, expected(65535, ramp(4, 65535)).rgb, 1e-6);
    close(deep.alpha ?? [], expected(65535, ramp(4, 65535)).alpha, 1e-6);
    const greyAlpha = await decodePhoto(await rawImage(2).png().toBuffer());
    expect(greyAlpha.alpha?.length).toBe(WIDTH * HEIGHT);
  });

  it('keeps the values of 16-bit photos that carry an sRGB profile', async () => {
    const bytes = await deepImage(3).png().withIccProfile('srgb').toBuffer();
    const stored = await sharp(bytes, { ignoreIcc: true }).toColourspace('rgb16').raw({ depth: 'ushort' }).toBuffer();
    const values = new Uint16Array(stored.buffer, stored.byteOffset, stored.length / 2);
    expect((await sharp(bytes).metadata()).hasProfile).toBe(true);
    close(
      (await decodePhoto(bytes)).image.data,
      Array.from(values, (v) => v / 65535),
      1e-6,
    );
  });

  it('decodes palettes and CMYK', async () => {
    const palette = await decodePhoto(await rawImage(3).png({ palette: true, colours: 64 }).toBuffer());
    expect(palette.image.data.length).toBe(WIDTH * HEIGHT * 3);
    const cmyk = await decodePhoto(await rawImage(3).toColourspace('cmyk').jpeg().toBuffer());
    expect(cmyk.image.data.length).toBe(WIDTH * HEIGHT * 3);
  });

  it('applies each EXIF orientation exactly once', async () => {
    // Where the stored pixel (column x, row y) of a 4 × 3 picture is shown, by the EXIF specification's table.
    const shownAt: Record<number, (x: number, y: number) => [number, number]> = {
      1: (x, y) => [x, y],
      2: (x, y) => [WIDTH - 1 - x, y],
      3: (x, y) => [WIDTH - 1 - x, HEIGHT - 1 - y],
      4: (x, y) => [x, HEIGHT - 1 - y],
      5: (x, y) => [y, x],
      6: (x, y) => [HEIGHT - 1 - y, x],
      7: (x, y) => [HEIGHT - 1 - y, WIDTH - 1 - x],
      8: (x, y) => [y, WIDTH - 1 - x],
    };
    for (const [key, place] of Object.entries(shownAt)) {
      const stated = Number(key);
      const bytes = await rawImage(3).tiff({ compression: 'none' }).withMetadata({ orientation: stated }).toBuffer();
      const { image, orientation } = await decodePhoto(bytes, 'x.tif');
      expect([orientation, image.width, image.height]).toEqual([
        stated,
        ...(stated < 5 ? [WIDTH, HEIGHT] : [HEIGHT, WIDTH]),
      ]);
      for (let y = 0; y < HEIGHT; y++)
        for (let x = 0; x < WIDTH; x++) {
          const [u, v] = place(x, y);
          expect(image.data[(v * image.width + u) * 3]).toBeCloseTo((ramp(3)[(y * WIDTH + x) * 3] as number) / 255, 6);
        }
      const stored = await decodePhoto(bytes, 'x.tif', { applyOrientation: false });
      close(
        stored.image.data,
        ramp(3).map((v) => v / 255),
        1e-6,
      );
    }
  });

  it('reads from a path with spaces and 日本語, and says when it is not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vantage-photo-'));
    try {
      const path = join(folder, '写真 1.png');
      writeFileSync(path, await rawImage(3).png().toBuffer());
      expect((await decodePhoto(path)).image.width).toBe(WIDTH);
      expect((await expectImportError('not-found', () => decodePhoto(join(folder, 'none.png')))).file).toBe('none.png');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('files that are no usable photo', () => {
  it('are refused with what is wrong', async () => {
    const png = await rawImage(3).png().toBuffer();
    const noise = sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        background: 'grey',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    });
    const jpeg = await noise.jpeg().toBuffer();
    const text = (value: string): Uint8Array => new TextEncoder().encode(value);
    await expectImportError('truncated', () => decodePhoto(new Uint8Array(0)));
    await expectImportError('unsupported', () => decodePhoto(text('<svg xmlns="http://www.w3.org/2000/svg"/>')));
    await expectImportError('unsupported', () => decodePhoto(text('GIF89a......')));
    expect(
      (await expectImportError('unsupported', () => decodePhoto(text('\0\0\0\x18ftypheic\0\0')))).message,
    ).toContain('HEIC');
    for (const share of [0.3, 0.6, 0.9])
      expect((await expectAnyImportError(() => decodePhoto(jpeg.subarray(0, jpeg.length * share)))).code).toBe(
        'truncated',
      );
    await expectAnyImportError(() => decodePhoto(png.subarray(0, png.length - 20)));
    await expectAnyImportError(() => decodePhoto(png.subarray(0, 20)));
    const float = await sharp(Float32Array.from(ramp(3)), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .toColourspace('scrgb')
      .tiff({ compression: 'none' })
      .toBuffer();
    await expectImportError('unsupported', () => decodePhoto(float));
  });

  it('states too many pixels: refused before they are decoded', async () => {
    const png = await rawImage(3).png().toBuffer();
    const bomb = Buffer.from(png);
    bomb.writeUInt32BE(30000, 16);
    bomb.writeUInt32BE(30000, 20);
    // The checksum of the header no longer fits, which is not what is to be refused first.
    const header = bomb.subarray(12, 29);
    bomb.writeUInt32BE(crc32(header), 29);
    await expectImportError('too-large', () => decodePhoto(bomb));
  });

  const expectAnyImportError = async (action: () => Promise<unknown>) => {
    const error = await action().then(
      () => null,
      (thrown: unknown) => thrown as { name: string; code: string },
    );
    expect(error?.name).toBe('ImportError');
    return error as { name: string; code: string };
  };
});

/** ISO 3309, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
