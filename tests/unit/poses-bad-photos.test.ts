/** Photos that nobody should have cameras of: each gets a reason, none is placed and called good. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { CaptureFiles } from '../../engine/formats/capture-files.js';
import type { PhotoOutcome } from '../../engine/poses/pose-stage.js';
import { findPhotoCameras } from '../../host/poses/find-photo-cameras.js';
import { paintPatchwork } from '../fixtures/patchwork.js';

const SIZE = { width: 420, height: 316 };

async function encode(paint: (index: number) => number, { width, height } = SIZE): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => paint(i));
  return new Uint8Array(
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
}

async function outcomes(photos: Readonly<Record<string, Uint8Array>>): Promise<PhotoOutcome[]> {
  const files: CaptureFiles = {
    label: 'bad photos',
    list: () => Promise.resolve(Object.keys(photos)),
    has: (path) => Promise.resolve(path in photos),
    read: (path) => Promise.resolve(photos[path]!),
  };
  const options = { seed: 1, threads: 1, features: 'akaze', depthModel: 'none' } as const;
  const { photos: found } = await findPhotoCameras(files, Object.keys(photos), options);
  return [...found];
}

const reasonsOf = (found: readonly PhotoOutcome[]): (string | null)[] =>
  found.map((photo) => (photo.isPlaced ? null : photo.reason));

const isCalledGood = (photo: PhotoOutcome): boolean => photo.isPlaced && photo.doubts.length === 0;

describe('photos without anything to go by', () => {
  const wall = paintPatchwork(SIZE.width, SIZE.height, [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  const paintWall = (i: number): number => Math.round(255 * wall.data[i]!);

  it('the same photo twice has no parallax', async () => {
    const photo = await encode(paintWall);
    const found = await outcomes({ 'a.png': photo, 'b.png': photo });
    expect(reasonsOf(found)).toEqual(['no-parallax', 'no-parallax']);
  }, 60_000);

  it('a mirrored photo is not the other side of it', async () => {
    const photo = await encode(paintWall);
    const mirrored = new Uint8Array(await sharp(photo).flop().png().toBuffer());
    const found = await outcomes({ 'a.png': photo, 'b.png': mirrored });
    expect(found.some(isCalledGood)).toBe(false);
    expect(found.every(({ isPlaced }) => !isPlaced)).toBe(true);
  }, 60_000);

  it('a black photo and one of a single pixel show too little', async () => {
    const photo = await encode(paintWall);
    const black = await encode(() => 0);
    const dot = await encode(() => 200, { width: 1, height: 1 });
    const found = await outcomes({ 'a.png': photo, 'b.png': black, 'c.png': dot });
    expect(reasonsOf(found).slice(1)).toEqual(['too-few-features', 'too-few-features']);
    expect(found[0]!.isPlaced).toBe(false);
  }, 60_000);
});
