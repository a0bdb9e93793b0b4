import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readExif } from '../../engine/formats/read-exif.js';
import { createRandom } from '../../engine/math/random.js';
import { estimateFocal } from '../../engine/poses/focal-prior.js';
import { findSensorWidthMm } from '../../engine/poses/sensor-widths.js';
import type { PhotoExif } from '../../engine/scene/photo-exif.js';
import { readPhotoExif } from '../../host/features/photo-exif.js';

const NOTHING: PhotoExif = {
  make: null,
  model: null,
  focalMm: null,
  focal35Mm: null,
  focalPlanePxPerMm: null,
  digitalZoom: null,
  widthPx: null,
  heightPx: null,
};
const LANDSCAPE = { width: 4000, height: 3000 };
const PORTRAIT = { width: 3000, height: 4000 };

describe('the focal length that EXIF promises', () => {
  it('goes by the diagonal of film: 43.2666 mm', () => {
    // 26 mm · 5000 px / 43.2666 mm
    const prior = estimateFocal(LANDSCAPE, { ...NOTHING, focal35Mm: 26 });
    expect(prior.focalPx).toBeCloseTo(3004.63, 1);
    expect(prior).toMatchObject({ source: 'exif-35mm', sigmaLog: 0.05 });
    expect(estimateFocal(PORTRAIT, { ...NOTHING, focal35Mm: 26 }).focalPx).toBeCloseTo(3004.63, 1);
    // A 50 mm lens on film itself, 3 : 2, sees 36 mm across 6000 px: 50 / 36 · 6000.
    expect(estimateFocal({ width: 6000, height: 4000 }, { ...NOTHING, focal35Mm: 50 }).focalPx).toBeCloseTo(8333.33, 1);
  });

  it('scales with a smaller copy of the photo', () => {
    const exif = { ...NOTHING, focal35Mm: 26, widthPx: 4000, heightPx: 3000 };
    expect(estimateFocal({ width: 1000, height: 750 }, exif).focalPx).toBeCloseTo(3004.63 / 4, 1);
    const plane = { ...NOTHING, focalMm: 50, focalPlanePxPerMm: 100, widthPx: 4000, heightPx: 3000 };
    // 50 mm · 100 px / mm at 4000 px, a quarter of it at 1000.
    expect(estimateFocal({ width: 1000, height: 750 }, plane)).toMatchObject({
      focalPx: 1250,
      source: 'exif-focal-plane',
      sigmaLog: 0.04,
    });
  });

  it('knows sensors of common cameras', () => {
    const exif = { ...NOTHING, make: 'NIKON CORPORATION', model: 'NIKON D3000', focalMm: 18 };
    // 18 mm / 23.5 mm · 3872 px
    const prior = estimateFocal({ width: 3872, height: 2592 }, exif);
    expect(prior.focalPx).toBeCloseTo(2965.79, 1);
    expect(prior.source).toBe('sensor-table');
    expect(estimateFocal({ width: 2592, height: 3872 }, exif).focalPx).toBeCloseTo(2965.79, 1);
  });

  it.each([
    ['Canon', 'Canon EOS 5D Mark III', 36],
    ['Canon', 'Canon EOS R', 36],
    ['Canon', 'Canon EOS R10', 22.3],
    ['Canon', 'Canon EOS 350D DIGITAL', 22.3],
    ['NIKON CORPORATION', 'NIKON D3', 35.9],
    ['NIKON CORPORATION', 'NIKON Z 6_2', 35.9],
    ['NIKON CORPORATION', 'NIKON Z 50', 23.5],
    ['SONY', 'ILCE-7M3', 35.7],
    ['SONY', 'ILCE-6000', 23.5],
    ['SONY', 'DSC-RX100M3', 13.2],
    ['OLYMPUS CORPORATION', 'E-M10MarkII', 17.3],
    ['DJI', 'FC6310', 13.2],
    ['GoPro', 'HERO8 Black', 6.17],
    ['Apple', 'iPhone 12', null],
    ['Canon', 'Canon PowerShot G1 X', null],
    [null, null, null],
  ])('%s, %s: %s mm', (make, model, width) => {
    expect(findSensorWidthMm(make, model)).toBe(width);
  });

  it('is a wide guess where the camera says nothing, or nonsense', () => {
    const guess = { focalPx: 4800, sigmaLog: 0.4, source: 'guess' };
    expect(estimateFocal(LANDSCAPE, null)).toEqual(guess);
    expect(estimateFocal(PORTRAIT, NOTHING)).toEqual(guess);
    expect(estimateFocal(LANDSCAPE, { ...NOTHING, focalMm: 4.2, make: 'Unheard', model: 'Of' })).toEqual(guess);
    expect(estimateFocal(LANDSCAPE, { ...NOTHING, focal35Mm: 1 })).toEqual(guess);
    expect(estimateFocal(LANDSCAPE, { ...NOTHING, focal35Mm: 65535 })).toEqual(guess);
    // Nonsense in the first place does not hide sense in the second: 18 / 23.5 · 4000.
    const exif = { ...NOTHING, focal35Mm: 1, focalMm: 18, make: 'NIKON', model: 'NIKON D40' };
    expect(estimateFocal(LANDSCAPE, exif).focalPx).toBeCloseTo(3063.83, 1);
  });

  it('is less sure of photos that were cropped or zoomed into', () => {
    const exif = { ...NOTHING, focal35Mm: 26, widthPx: 4000, heightPx: 3000 };
    expect(estimateFocal({ width: 4000, height: 2250 }, exif).sigmaLog).toBe(0.3);
    expect(estimateFocal(PORTRAIT, exif).sigmaLog).toBe(0.05);
    expect(estimateFocal(LANDSCAPE, { ...exif, digitalZoom: 2 }).sigmaLog).toBe(0.3);
    expect(estimateFocal(LANDSCAPE, { ...exif, digitalZoom: 1 }).sigmaLog).toBe(0.05);
  });
});

describe('reading EXIF', () => {
  const written = {
    IFD0: { Make: 'Made up', Model: 'One  ' },
    IFD2: { FocalLength: '585/100', FocalLengthIn35mmFilm: '35', PixelXDimension: '40', PixelYDimension: '30' },
  };
  const photo = (exif: object): Promise<Buffer> =>
    sharp({ create: { width: 40, height: 30, channels: 3, background: '#888' } })
      .withExif(exif)
      .jpeg()
      .toBuffer();

  it('gets back what another program wrote', async () => {
    expect(await readPhotoExif(await photo(written))).toMatchObject({
      make: 'Made up',
      model: 'One',
      focalMm: 5.85,
      focal35Mm: 35,
    });
    const plane = {
      IFD2: { FocalPlaneXResolution: '25400/10', FocalPlaneResolutionUnit: '2', DigitalZoomRatio: '0/1' },
    };
    // 2540 pixels an inch.
    expect(await readPhotoExif(await photo(plane))).toMatchObject({ focalPlanePxPerMm: 100, digitalZoom: null });
  });

  it('says nothing of photos without EXIF and of files that are none', async () => {
    const plain = await sharp({ create: { width: 4, height: 4, channels: 3, background: '#888' } })
      .png()
      .toBuffer();
    expect(await readPhotoExif(plain)).toBeNull();
    expect(await readPhotoExif(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBeNull();
    expect(await readPhotoExif(plain.subarray(0, 20))).toBeNull();
    for (const bytes of [[], [0x45, 0x78, 0x69, 0x66, 0, 0], [0x4d, 0x4d, 0, 43, 0, 0, 0, 8]])
      expect(readExif(Uint8Array.from(bytes))).toEqual(NOTHING);
  });

  it('reads both byte orders', () => {
    // One directory, one entry: Model, ASCII, 3 bytes in place.
    const big = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x10, 0, 2, 0, 0, 0, 3, 0x58, 0x31, 0, 0, 0, 0, 0, 0];
    const little = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x10, 0x01, 2, 0, 3, 0, 0, 0, 0x58, 0x31, 0, 0, 0, 0, 0, 0];
    for (const bytes of [big, little, [0x45, 0x78, 0x69, 0x66, 0, 0, ...big]])
      expect(readExif(Uint8Array.from(bytes)).model).toBe('X1');
  });

  it('survives any damage', async () => {
    const { exif } = await sharp(await photo(written)).metadata();
    const random = createRandom(1);
    for (let round = 0; round < 3000; round++) {
      const damaged = Uint8Array.from(exif!.subarray(0, Math.ceil(exif!.length * (round % 2 ? 1 : random.next()))));
      for (let k = 0; k < 4; k++) damaged[Math.floor(random.next() * damaged.length)] = random.next() * 256;
      const { focalMm, focal35Mm } = readExif(damaged);
      for (const value of [focalMm, focal35Mm]) expect(value === null || (value > 0 && value < Infinity)).toBe(true);
    }
  });
});
