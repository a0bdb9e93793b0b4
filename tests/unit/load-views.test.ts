import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import type { LoadOptions } from '../../engine/pipeline/load-views.js';
import { ViewListError, loadViews, parseViewList } from '../../engine/pipeline/load-views.js';
import { sharpPhotoDecoder } from '../../host/photo-decoder.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';
import { KNOWN_CAPTURES, transformsJson } from '../fixtures/captures/known-cameras.js';
import { memoryCapture } from '../fixtures/captures/memory-capture.js';

type Files = Record<string, Uint8Array | string>;

/** A picture whose four quarters are red, green, blue and white, from the top left in reading order. */
async function quarters(width: number, height: number, orientation = 1): Promise<Uint8Array> {
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ];
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      pixels.set(colours[(y * 2 >= height ? 2 : 0) + (x * 2 >= width ? 1 : 0)] as number[], (y * width + x) * 3);
  const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
  return picture.tiff({ compression: 'none' }).withMetadata({ orientation }).toBuffer();
}

async function load(files: Files, options: LoadOptions = {}) {
  const memory = memoryCapture(files);
  return loadViews(await importCapture(memory), memory, sharpPhotoDecoder, options, {});
}

/** The known cameras of a format with the same photo for all. */
async function captureWith(format: string, photo: Uint8Array, change: (files: Files) => Files = (files) => files) {
  const files = change((KNOWN_CAPTURES[format] as () => Files)());
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [path, /(^|\/)[abc]\.png$/.test(path) ? photo : content]),
  );
}

const colourAt = (view: { image: { width: number; data: Float32Array } }, x: number, y: number): number[] =>
  [0, 1, 2].map((c) => Math.round(view.image.data[(y * view.image.width + x) * 3 + c] as number));
const RED = [1, 0, 0];
const GREEN = [0, 1, 0];
const BLUE = [0, 0, 1];

describe('loading views', () => {
  it('scales photo and intrinsics alike, and never up unless asked', async () => {
    const files = await captureWith('transforms-json', await quarters(64, 48));
    const { views, warnings } = await load(files, { widthPx: 32 });
    expect(warnings).toEqual([]);
    expect(views.map(({ name, mask }) => [name, mask])).toEqual([
      ['a.png', null],
      ['b.png', null],
      ['c.png', null],
    ]);
    expect(views[0]?.camera.intrinsics).toEqual({ fx: 50, fy: 50, cx: 16, cy: 12, width: 32, height: 24 });
    expect(colourAt(views[0] as never, 0, 0)).toEqual(RED);
    expect(colourAt(views[0] as never, 31, 0)).toEqual(GREEN);
    expect(colourAt(views[0] as never, 0, 23)).toEqual(BLUE);
    expect((await load(files, { widthPx: 640 })).views[0]?.image.width).toBe(64);
    expect((await load(files, { widthPx: 128, allowUpscale: true })).views[0]?.camera.intrinsics.fx).toBe(200);
    expect((await load(files, { widthPx: 30 })).views[0]?.image.height).toBe(23);
  });

  it.each(['llff', 'colmap-binary', 'transforms-json'])(
    '%s: takes photos that are a uniform multiple of the stated size',
    async (format) => {
      const { views } = await load(await captureWith(format, await quarters(32, 24)));
      expect(views[0]?.camera.intrinsics).toEqual({ fx: 50, fy: 50, cx: 16, cy: 12, width: 32, height: 24 });
      // 64 × 48 at a width of 21 is 15.75 high: rounding is no disagreement.
      expect((await load(await captureWith(format, await quarters(21, 16)))).views).toHaveLength(3);
    },
  );

  it('takes full-size photos whose poses were computed on small copies', async () => {
    // 64 × 48 may be 640 × 476 (47.6) scaled down and rounded, and cannot be 640 × 460 (46).
    expect((await load(await captureWith('llff', await quarters(640, 476)), { widthPx: 8 })).views).toHaveLength(3);
    await expectImportError('size-mismatch', async () => load(await captureWith('llff', await quarters(640, 460))));
  });

  it('refuses photos of another shape', async () => {
    const files = await captureWith('transforms-json', await quarters(64, 40));
    const error = await expectImportError('size-mismatch', () => load(files));
    expect(error.file).toBe('images/a.png');
    expect(error.message).toContain('64 × 48');
  });

  it("uses the photo's size where the pose file states none", async () => {
    const { views } = await load(await captureWith('middlebury', await quarters(64, 48)));
    expect(views[0]?.camera.intrinsics).toEqual({ fx: 100, fy: 100, cx: 32, cy: 24, width: 64, height: 48 });
    const angleOnly = (files: Files): Files => ({
      ...files,
      'transforms.json': JSON.stringify({ camera_angle_x: Math.PI / 2, frames: transformsJson()['frames'] }),
    });
    const open = await load(await captureWith('transforms-json', await quarters(64, 48), angleOnly), { widthPx: 32 });
    const { fx, fy, cx, cy } = open.views[0]?.camera.intrinsics ?? { fx: 0, fy: 0, cx: 0, cy: 0 };
    expect([fx, fy, cx, cy].map((value) => Number(value.toFixed(9)))).toEqual([16, 16, 16, 12]);
  });

  it('turns photos by their EXIF orientation once', async () => {
    // Stored 48 × 64 and to be turned a quarter clockwise: shown, the stored bottom left is the top left.
    const { views, warnings } = await load(await captureWith('transforms-json', await quarters(48, 64, 6)));
    expect(warnings).toEqual([]);
    expect([views[0]?.image.width, views[0]?.image.height]).toEqual([64, 48]);
    expect(colourAt(views[0] as never, 0, 0)).toEqual(BLUE);
    expect(colourAt(views[0] as never, 63, 0)).toEqual(RED);
  });

  it('keeps the stored pixels where only they fit the pose, and says so', async () => {
    const { views, warnings } = await load(await captureWith('transforms-json', await quarters(64, 48, 6)));
    expect(colourAt(views[0] as never, 0, 0)).toEqual(RED);
    expect(warnings[0]).toContain('images/a.png');
    expect(warnings).toHaveLength(3);
  });

  it('makes masks of alpha and of mask files', async () => {
    const half = (channels: 1 | 4, mark: number[], rest: number[]) => {
      const pixels = Array.from({ length: 64 * 48 }, (_, i) => (i % 64 < 32 ? mark : rest)).flat();
      return sharp(Uint8Array.from(pixels), { raw: { width: 64, height: 48, channels } })
        .png()
        .toBuffer();
    };
    const withAlpha = await half(4, [255, 0, 0, 255], [0, 255, 0, 0]);
    const mask = await half(1, [0], [255]);
    const files = await captureWith('transforms-json', await quarters(64, 48));
    const { views } = await load({ ...files, 'images/b.png': withAlpha, 'masks/c.png': mask }, { widthPx: 32 });
    const share = (i: number): [number, number] => {
      const values = views[i]?.mask;
      return [values?.[0] ?? -1, values?.[31] ?? -1];
    };
    expect(views[0]?.mask).toBeNull();
    expect(share(1)).toEqual([1, 0]);
    expect(share(2)).toEqual([0, 1]);
    // An all-white mask masks nothing.
    const white = await half(1, [255], [255]);
    expect((await load({ ...files, 'masks/c.png': white })).views[2]?.mask).toBeNull();
    const wrong = await sharp({ create: { width: 40, height: 40, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
    const error = await expectImportError('size-mismatch', () => load({ ...files, 'masks/c.png': wrong }));
    expect(error.file).toBe('masks/c.png');
  });

  it('loads only what is selected', async () => {
    const files = await captureWith('transforms-json', await quarters(64, 48));
    const names = async (select: (number | string)[]) => (await load(files, { select })).views.map(({ name }) => name);
    expect(await names([2, 'a', 2])).toEqual(['a.png', 'c.png']);
    await expect(names([3])).rejects.toThrow(ViewListError);
    await expect(load(files, { widthPx: 0 })).rejects.toThrow(RangeError);
  });

  it('names the photo that cannot be decoded', async () => {
    const files = await captureWith('transforms-json', await quarters(64, 48));
    const error = await expectImportError('truncated', () => load({ ...files, 'images/b.png': '' }));
    expect(error.file).toBe('images/b.png');
  });

  it('stops when aborted, and tells its progress with names', async () => {
    const memory = memoryCapture(await captureWith('transforms-json', await quarters(64, 48)));
    const capture = await importCapture(memory);
    const controller = new AbortController();
    const told: [number, string | undefined][] = [];
    const onProgress = (fraction: number, detail?: string): void => {
      told.push([fraction, detail]);
      if (detail === 'b.png') controller.abort(new Error('enough'));
    };
    const loading = loadViews(
      capture,
      memory,
      sharpPhotoDecoder,
      { widthPx: 16 },
      { onProgress, signal: controller.signal },
    );
    await expect(loading).rejects.toThrow('enough');
    expect(told.some(([, detail]) => detail === 'c.png')).toBe(false);
    expect(told.every(([fraction]) => fraction >= 0 && fraction <= 1)).toBe(true);
  });
});

describe('the list of views that a user types', () => {
  const NAMES = ['0001.jpg', '0002.jpg', '0009.jpg', 'b.jpg', 'b.png', 'c.jpg'];
  it.each([
    ['0,2', [0, 2]],
    [' 2 , 0 ,2', [0, 2]],
    ['0009,0002.jpg', [1, 2]],
    ['b.png', [4]],
    ['c', [5]],
    ['every:2', [0, 2, 4]],
    ['every:100,5', [0, 5]],
  ])('%s', (list, expected) => {
    expect(parseViewList(list, NAMES)).toEqual(expected);
  });

  it.each(['', ',', '6', '-1', '1.5', '0003', 'b', 'x.jpg', 'every:0', 'every:', 'every:x', '1e3'])(
    'refuses "%s"',
    (list) => {
      expect(() => parseViewList(list, NAMES)).toThrow(ViewListError);
    },
  );

  it('takes a name over an index when it is written in full', () => {
    expect(parseViewList('1', ['5', '1', '2'])).toEqual([1]);
    expect(() => parseViewList('7', ['5'])).toThrow(/0 to 0/);
  });
});
