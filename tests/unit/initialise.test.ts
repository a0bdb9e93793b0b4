import { describe, expect, it } from 'vitest';
import type { Camera } from '../../engine/scene/camera.js';
import { SH_C0 } from '../../engine/scene/splats.js';
import { extendBehindEdges, extendBorder } from '../../engine/training/extend-background.js';
import type { InitialiseOptions, InitialScene } from '../../engine/training/initialise.js';
import { initialiseScene } from '../../engine/training/initialise.js';
import { PRESETS } from '../../engine/training/presets.js';
import type { SeedView } from '../../engine/training/seed-view.js';
import type { BlockInput, BlockRules, PixelBlock } from '../../engine/training/thin-pixels.js';
import { coarseCells, splitIntoBlocks } from '../../engine/training/thin-pixels.js';

type Rgb = readonly [number, number, number];
type PerPixel<T> = (x: number, y: number) => T;

// Exactly representable in float32, so that copies compare equal.
const GREY: Rgb = [0.5, 0.5, 0.5];
const RED: Rgb = [1, 0, 0.25];
const BLUE: Rgb = [0, 0.25, 1];

function paint(width: number, height: number, color: PerPixel<Rgb>): Float32Array {
  return Float32Array.from({ length: width * height * 3 }, (_, k) => {
    const i = Math.floor(k / 3);
    return color(i % width, Math.floor(i / width))[k % 3]!;
  });
}

function fill(width: number, height: number, value: PerPixel<number>): Float32Array {
  return Float32Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width)));
}

function blockInput(width: number, height: number, depth: PerPixel<number>, color: PerPixel<Rgb>): BlockInput {
  return { width, height, color: paint(width, height, color), depth: fill(width, height, depth) };
}

/** Identity rotation; the camera stands at x; principal point in the middle, focal length 8 px. */
function cameraAt(x: number, width: number, height: number): Camera {
  return {
    intrinsics: { fx: 8, fy: 8, cx: width / 2, cy: height / 2, width, height },
    cameraFromWorld: { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [-x, 0, 0] },
  };
}

interface SeedRecipe {
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly depth: PerPixel<number>;
  readonly color?: PerPixel<Rgb>;
  readonly mask?: PerPixel<boolean>;
  readonly confirmed?: PerPixel<boolean>;
  readonly camera?: Camera;
}

function seedOf(recipe: SeedRecipe): SeedView {
  const { width, height, mask, confirmed } = recipe;
  return {
    camera: recipe.camera ?? cameraAt(recipe.x ?? 0, width, height),
    image: { width, height, data: paint(width, height, recipe.color ?? (() => GREY)) },
    mask: mask === undefined ? null : Uint8Array.from(fill(width, height, (x, y) => Number(mask(x, y)))),
    depth: fill(width, height, recipe.depth),
    confirmed: Uint8Array.from(fill(width, height, (x, y) => Number(confirmed?.(x, y) ?? true))),
    segments: new Uint8Array(width * height),
  };
}

describe('splitIntoBlocks', () => {
  const RULES: BlockRules = { largestPx: 4, colorTolerance: 0.05, depthRatio: 1.02 };
  const sizes = (blocks: readonly PixelBlock[]): number[] => blocks.map((block) => block.sizePx);

  it('keeps whole blocks of an even picture, at their mean colour', () => {
    // Columns 0.5 and 0.5625 in turn: the spread of 0.0625 is under 2 · 0.05, the mean is 0.53125.
    const blocks = splitIntoBlocks(
      blockInput(
        8,
        4,
        () => 2,
        (x) => [x % 2 === 0 ? 0.5 : 0.5625, 0.25, 1],
      ),
      RULES,
    );
    expect(blocks).toEqual([
      { u: 2, v: 2, sizePx: 4, pixel: 18, color: [0.53125, 0.25, 1] },
      { u: 6, v: 2, sizePx: 4, pixel: 22, color: [0.53125, 0.25, 1] },
    ]);
  });

  it('splits down to pixels at a depth step, and only there', () => {
    // The step lies between columns 0 and 1: the two left 2×2 quarters hold it.
    const blocks = splitIntoBlocks(
      blockInput(
        4,
        4,
        (x) => (x === 0 ? 1 : 1.03125),
        () => GREY,
      ),
      RULES,
    );
    expect(sizes(blocks)).toEqual([1, 1, 1, 1, 2, 1, 1, 1, 1, 2]);
    expect(blocks[0]).toEqual({ u: 0.5, v: 0.5, sizePx: 1, pixel: 0, color: GREY });
    expect(blocks[1]!.pixel).toBe(1);
    expect(blocks[2]!.pixel).toBe(4);
    expect(blocks[4]).toEqual({ u: 3, v: 1, sizePx: 2, pixel: 7, color: GREY });
    // A ratio within the rule is no step.
    const flat = blockInput(
      4,
      4,
      (x) => (x === 0 ? 1 : 1.015625),
      () => GREY,
    );
    expect(sizes(splitIntoBlocks(flat, RULES))).toEqual([4]);
  });

  it('splits at a colour edge in any one channel', () => {
    for (const channel of [0, 1, 2]) {
      const edge = (x: number, y: number): Rgb => {
        const value = x === 3 && y === 3 ? 0.75 : 0.5;
        return [channel === 0 ? value : 0.5, channel === 1 ? value : 0.5, channel === 2 ? value : 0.5];
      };
      expect(
        sizes(
          splitIntoBlocks(
            blockInput(4, 4, () => 2, edge),
            RULES,
          ),
        ),
      ).toEqual([2, 2, 2, 1, 1, 1, 1]);
    }
  });

  it('covers odd sizes exactly once', () => {
    const blocks = splitIntoBlocks(
      blockInput(
        5,
        3,
        () => 2,
        () => GREY,
      ),
      RULES,
    );
    // Row pair 0–1: two 2×2 blocks and the lone column 4; row 2: pixels.
    expect([...sizes(blocks)].sort()).toEqual([1, 1, 1, 1, 1, 1, 1, 2, 2]);
    const cover = new Uint8Array(15);
    for (const { u, v, sizePx } of blocks)
      for (let y = v - sizePx / 2; y < v + sizePx / 2; y++)
        for (let x = u - sizePx / 2; x < u + sizePx / 2; x++) cover[y * 5 + x]!++;
    expect([...cover]).toEqual(new Array<number>(15).fill(1));
  });

  it('gives pixels without a depth nothing', () => {
    const input = blockInput(
      4,
      4,
      (x, y) => (x === 0 && y === 0 ? 0 : 2),
      () => GREY,
    );
    const blocks = splitIntoBlocks(input, RULES);
    expect(sizes(blocks)).toEqual([1, 1, 1, 2, 2, 2]);
    expect(blocks.some((block) => block.pixel === 0)).toBe(false);
    expect(
      splitIntoBlocks(
        blockInput(
          4,
          4,
          () => 0,
          () => GREY,
        ),
        RULES,
      ),
    ).toEqual([]);
  });
});

describe('coarseCells', () => {
  it('wants a quarter of a cell; the deepest pixel stands for it, the colour is the mean of those with a depth', () => {
    // 8×4, cells of 4: the left one has 4 of 16 pixels, the right one 3.
    const input = blockInput(
      8,
      4,
      (x, y) => (x < 4 ? (y === 0 ? x + 1 : 0) : y === 0 && x < 7 ? 5 : 0),
      (x, y) => (y === 0 ? [x < 2 ? 0 : 0.5, 0.25, 1] : RED),
    );
    expect(coarseCells(input, 4)).toEqual([{ u: 2, v: 2, sizePx: 4, pixel: 3, color: [0.25, 0.25, 1] }]);
  });

  it('holds cells cut by the picture to the same quarter of a whole cell', () => {
    const input = blockInput(
      5,
      4,
      () => 1,
      () => GREY,
    );
    // The right cell shows 4 of its 16 pixels: just enough; with one less it goes.
    expect(coarseCells(input, 4).map((cell) => cell.u)).toEqual([2, 6]);
    input.depth[4] = 0;
    expect(coarseCells(input, 4).map((cell) => cell.u)).toEqual([2]);
  });
});

describe('extendBehindEdges', () => {
  const RULES = { hiddenPx: 2, borderPx: 0, stepRatio: 1.06 };
  const inSquare = (x: number, y: number): boolean => x >= 4 && x < 12 && y >= 4 && y < 12;
  const square: SeedRecipe = {
    width: 16,
    height: 16,
    depth: (x, y) => (inSquare(x, y) ? 1 : 4),
    color: (x, y) => (inSquare(x, y) ? RED : BLUE),
  };

  it('continues the wall behind the rim of a square, hiddenPx far, in the colour of the wall', () => {
    const [nearest, farthest] = extendBehindEdges(seedOf(square), RULES);
    const isInner = (x: number, y: number): boolean => x >= 6 && x < 10 && y >= 6 && y < 10;
    const isRim = (x: number, y: number): boolean => inSquare(x, y) && !isInner(x, y);
    expect([nearest!.width, nearest!.height, nearest!.border]).toEqual([16, 16, 0]);
    expect(nearest!.depth).toEqual(fill(16, 16, (x, y) => (isRim(x, y) ? 4 : 0)));
    expect(nearest!.color).toEqual(paint(16, 16, (x, y) => (isRim(x, y) ? BLUE : [0, 0, 0])));
    // There is one background only.
    expect(farthest!.depth.every((z) => z === 0)).toBe(true);
  });

  it('adds the farther of two backgrounds as a second layer', () => {
    // A bar at columns 4–6; z = 4 to its left and 8 to its right, within 3 px of either side.
    const bar = seedOf({ width: 12, height: 3, depth: (x) => (x < 4 ? 4 : x < 7 ? 1 : 8) });
    const [nearest, farthest] = extendBehindEdges(bar, { ...RULES, hiddenPx: 3 });
    for (const y of [0, 1, 2]) {
      const row = (depth: Float32Array): number[] => [...depth.subarray(y * 12, y * 12 + 12)];
      expect(row(nearest!.depth)[4]).toBe(4);
      expect(row(nearest!.depth)[6]).toBe(8);
      expect(row(farthest!.depth).slice(0, 5)).toEqual([0, 0, 0, 0, 8]);
      expect(row(farthest!.depth).slice(6)).toEqual([0, 0, 0, 0, 0, 0]);
    }
  });

  it('finds nothing on a slope without a step, nor from a masked background', () => {
    const slope = seedOf({ width: 16, height: 16, depth: (x, y) => 2 * 1.025 ** (x + y) });
    const masked = seedOf({ ...square, mask: inSquare });
    for (const view of [slope, masked])
      for (const layer of extendBehindEdges(view, RULES)) expect(layer.depth.every((z) => z === 0)).toBe(true);
  });
});

describe('extendBorder', () => {
  const RULES = { hiddenPx: 0, borderPx: 2, stepRatio: 1.06 };

  it('continues depth and colour outside the picture, and has nothing inside', () => {
    // 8×4, left half z = 1 red, right half z = 4 blue. The outermost columns see whole cells of one half only.
    const layer = extendBorder(
      seedOf({ width: 8, height: 4, depth: (x) => (x < 4 ? 1 : 4), color: (x) => (x < 4 ? RED : BLUE) }),
      RULES,
    );
    expect([layer.width, layer.height, layer.border]).toEqual([12, 8, 2]);
    for (let y = 0; y < 8; y++)
      for (let x = 0; x < 12; x++) {
        const i = y * 12 + x;
        const z = layer.depth[i]!;
        if (x >= 2 && x < 10 && y >= 2 && y < 6) expect(z).toBe(0);
        else {
          expect(z).toBeGreaterThanOrEqual(1);
          expect(z).toBeLessThanOrEqual(4);
        }
        if (x !== 0 && x !== 11) continue;
        expect(z).toBe(x === 0 ? 1 : 4);
        expect([...layer.color.subarray(i * 3, i * 3 + 3)]).toEqual(x === 0 ? RED : BLUE);
      }
  });

  it('covers masked strips with what lies beside them', () => {
    const layer = extendBorder(
      seedOf({
        width: 8,
        height: 4,
        depth: (x) => (x === 0 ? 99 : 2),
        color: (x) => (x === 0 ? RED : BLUE),
        mask: (x) => x > 0,
      }),
      RULES,
    );
    for (let y = 0; y < 8; y++)
      for (let x = 0; x < 12; x++) {
        const i = y * 12 + x;
        const isCovered = x < 3 || x >= 10 || y < 2 || y >= 6;
        expect(layer.depth[i]).toBe(isCovered ? 2 : 0);
        expect([...layer.color.subarray(i * 3, i * 3 + 3)]).toEqual(isCovered ? BLUE : [0, 0, 0]);
      }
  });
});

describe('initialiseScene', () => {
  const OPTIONS: InitialiseOptions = {
    ...PRESETS.standard.initialise,
    footprint: 0.5,
    opacity: 0.6,
    extensionOpacity: 0.8,
    hiddenPx: 0,
    borderPx: 0,
    largestBlockPx: 1,
    mergeDepth: 0.04,
    mergeColor: 0.5,
    carveDepth: 0.03,
  };
  const depthsOf = ({ splats }: InitialScene, from: number): number[] =>
    Array.from({ length: splats.count - from }, (_, k) => splats.means[(from + k) * 3 + 2]!);

  it('places a Gaussian on each pixel’s ray, at its depth, size, opacity and colour', () => {
    // The camera stands at (0, 0, 5) and looks back along −z: world = (−x, y, 5 − z).
    const camera: Camera = {
      intrinsics: { fx: 8, fy: 4, cx: 1.25, cy: 0.75, width: 3, height: 2 },
      cameraFromWorld: { rotation: [-1, 0, 0, 0, 1, 0, 0, 0, -1], translation: [0, 0, 5] },
    };
    const view = seedOf({ width: 3, height: 2, camera, depth: (x, y) => 1 + x + 3 * y, color: () => RED });
    const { splats, anchors, owners, extensionCount } = initialiseScene([view], OPTIONS);
    expect(splats.count).toBe(6);
    expect(extensionCount).toBe(0);
    expect([...owners[0]!]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...anchors.origins].map((value) => value + 0)).toEqual([0, 0, 5]);
    for (let i = 0; i < 6; i++) {
      const [u, v, z] = [(i % 3) + 0.5, Math.floor(i / 3) + 0.5, 1 + i];
      expect(splats.means[i * 3]).toBeCloseTo((-(u - 1.25) / 8) * z, 6);
      expect(splats.means[i * 3 + 1]).toBeCloseTo(((v - 0.75) / 4) * z, 6);
      expect(splats.means[i * 3 + 2]).toBeCloseTo(5 - z, 6);
      for (let axis = 0; axis < 3; axis++)
        expect(splats.logScales[i * 3 + axis]).toBeCloseTo(Math.log((0.5 * z) / 8), 6);
      // log(0.6 / 0.4)
      expect(splats.rawOpacities[i]).toBeCloseTo(0.405465, 5);
      for (let c = 0; c < 3; c++) expect(0.5 + SH_C0 * splats.shCoeffs[i * 3 + c]!).toBeCloseTo(RED[c]!, 6);
      expect(anchors.imageCoords[i * 2]).toBeCloseTo(u / 3, 6);
      expect(anchors.imageCoords[i * 2 + 1]).toBeCloseTo(v / 2, 6);
    }
  });

  it('lets one Gaussian own a block, as wide as the block', () => {
    const view = seedOf({ width: 5, height: 4, depth: () => 2 });
    const { splats, owners } = initialiseScene([view], { ...OPTIONS, largestBlockPx: 4 });
    expect(splats.count).toBe(5);
    expect([...owners[0]!]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4]);
    // The block's centre (2, 2) lies half a pixel left of (2.5, 2): x = −0.5 / 8 · 2.
    expect([...splats.means.subarray(0, 3)]).toEqual([-0.125, 0, 2]);
    expect(splats.logScales[0]).toBeCloseTo(Math.log((0.5 * 4 * 2) / 8), 6);
  });

  // At z = 2 with focal length 8, a step of 0.25 to the right moves the picture by one pixel.
  const plane = (x: number, more: Partial<SeedRecipe> = {}): SeedView =>
    seedOf({ width: 4, height: 3, x, depth: () => 2, ...more });

  it('takes a surface that two photos show from the first, and what only the second shows from the second', () => {
    const { splats, owners } = initialiseScene([plane(0), plane(0.25)], OPTIONS);
    expect(splats.count).toBe(12 + 3);
    expect([...owners[0]!]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect([...owners[1]!]).toEqual([-1, -1, -1, 12, -1, -1, -1, 13, -1, -1, -1, 14]);
    // The second photo's last column: (3.5 − 2) / 8 · 2 + 0.25.
    expect(splats.means[12 * 3]).toBe(0.625);
  });

  it('keeps both where colour or depth differ', () => {
    const red = plane(0.25, { color: () => [1, 0.5, 0.5] });
    expect(initialiseScene([plane(0), red], { ...OPTIONS, mergeColor: 0.25 }).splats.count).toBe(24);
    expect(initialiseScene([plane(0), red], { ...OPTIONS, mergeColor: 0.5 }).splats.count).toBe(15);
    // 5 % behind: both are confirmed, so neither gives way (mergeDepth is 4 %); 3 % behind is the same surface.
    expect(initialiseScene([plane(0), plane(0, { depth: () => 2.1 })], OPTIONS).splats.count).toBe(24);
    expect(initialiseScene([plane(0), plane(0, { depth: () => 2.06 })], OPTIONS).splats.count).toBe(12);
  });

  it('leaves masked pixels out, and does not let them stand for another photo’s', () => {
    const masked = plane(0, { mask: (x) => x !== 1 });
    const { splats, owners } = initialiseScene([masked, plane(0)], OPTIONS);
    expect(splats.count).toBe(9 + 3);
    expect([...owners[0]!]).toEqual([0, -1, 1, 2, 3, -1, 4, 5, 6, -1, 7, 8]);
    expect([...owners[1]!]).toEqual([-1, 9, -1, -1, -1, 10, -1, -1, -1, 11, -1, -1]);
  });

  // Focal length 8, baseline 0.5: the picture moves by 4 / z pixels: 2 at z = 2, 1 at z = 4, half a pixel at z = 8.
  const wide = (x: number, depth: PerPixel<number>, isSure: boolean): SeedView =>
    seedOf({ width: 8, height: 1, x, depth, color: () => (x === 0 ? RED : BLUE), confirmed: () => isSure });

  it('pushes a guess back onto the surface that another photo confirms behind it', () => {
    const wall = wide(0, () => 4, true);
    // Columns 6 and 7 fall outside the first photo at z = 2: nobody contradicts them.
    const guesses = initialiseScene([wall, wide(0.5, () => 2, false)], OPTIONS);
    expect(depthsOf(guesses, 8)).toEqual([4, 4, 4, 4, 4, 4, 2, 2]);
    // On their own rays: column 0 at z = 4 is (0.5 − 4) / 8 · 4 + 0.5.
    expect(guesses.splats.means[8 * 3]).toBe(-1.25);
    // Confirmed by a photo itself, or by less than carveDepth in front, or behind: left as they are.
    expect(depthsOf(initialiseScene([wall, wide(0.5, () => 2, true)], OPTIONS), 8)).toEqual(new Array(8).fill(2));
    expect(depthsOf(initialiseScene([wall, wide(0.5, () => 3.9375, false)], OPTIONS), 8)[0]).toBe(3.9375);
    expect(depthsOf(initialiseScene([wall, wide(0.5, () => 8, false)], OPTIONS), 8)).toEqual(new Array(8).fill(8));
    // A guess contradicts nothing.
    expect(depthsOf(initialiseScene([wide(0, () => 4, false), wide(0.5, () => 2, false)], OPTIONS), 8)).toEqual(
      new Array(8).fill(2),
    );
  });

  it('pushes on where the first push lands in front of a farther surface', () => {
    // Column 1 at z = 2 lands in column 3 (z = 4); at z = 4 in column 2 (z = 8); at z = 8 in column 2 again.
    const stairs = wide(0, (x) => (x === 2 ? 8 : 4), true);
    const scene = initialiseScene([stairs, wide(0.5, () => 2, false)], OPTIONS);
    expect(depthsOf(scene, 8)[1]).toBe(8);
    // Column 0 lands in column 2 at once: z = 8.
    expect(depthsOf(scene, 8)[0]).toBe(8);
  });

  it('counts the Gaussians of layers that no photo saw, after the photos’ own', () => {
    const isNear = (x: number, y: number): boolean => x >= 4 && x < 12 && y >= 4 && y < 12;
    const view = seedOf({
      width: 16,
      height: 16,
      depth: (x, y) => (isNear(x, y) ? 1 : 4),
      color: (x, y) => (isNear(x, y) ? RED : BLUE),
    });
    const scene = initialiseScene([view], { ...OPTIONS, hiddenPx: 2, extensionBlockPx: 2 });
    // The rim, two pixels wide, of an 8×8 square: 64 − 16 pixels in 2×2 cells.
    expect(scene.extensionCount).toBe(12);
    expect(scene.splats.count).toBe(256 + 12);
    expect(depthsOf(scene, 256)).toEqual(new Array(12).fill(4));
    for (let i = 256; i < 268; i++) {
      expect(scene.splats.rawOpacities[i]).toBeCloseTo(Math.log(4), 6);
      expect(scene.splats.logScales[i * 3]).toBeCloseTo(Math.log((0.5 * 2 * 4) / 8), 6);
      expect(0.5 + SH_C0 * scene.splats.shCoeffs[i * 3 + 2]!).toBeCloseTo(BLUE[2], 6);
    }
    expect(Math.max(...scene.owners[0]!)).toBe(255);
  });
});
