import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import { matchDescriptors } from '../../engine/poses/match-descriptors.js';
import { ShapeError } from '../../engine/scene/errors.js';
import type { ImageFeatures } from '../../engine/scene/image-features.js';
import type { RgbImage } from '../../engine/scene/view.js';
import type { OnnxRuntime } from '../../native-models/depth/onnx-depth.js';
import type { XFeatMaps } from '../../native-models/features/decode-xfeat.js';
import { decodeKeypoints, normaliseCells, sampleDescriptor } from '../../native-models/features/decode-xfeat.js';
import { openLighterGlue } from '../../native-models/features/lighterglue.js';
import { cutSquare, layOutTiles } from '../../native-models/features/tile-photo.js';
import { openXFeat } from '../../native-models/features/xfeat.js';
import type { ModelFile } from '../../native-models/manifest.js';
import { LIGHTERGLUE_MODEL, XFEAT_MODEL } from '../../native-models/manifest.js';
import { measureErrors } from '../fixtures/measure-errors.js';
import { paintPatchwork, turnAndScale } from '../fixtures/patchwork.js';

const models = new URL('../../../shared/models/', import.meta.url).pathname;
const isThere = [XFEAT_MODEL, LIGHTERGLUE_MODEL].every(({ fileName }) => existsSync(join(models, fileName)));
if (!isThere) console.log('SKIPPED: XFeat and LighterGlue on a picture that moved (shared/models is absent)');

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-features-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(!isThere)('XFeat and LighterGlue', () => {
  const size = { width: 420, height: 316 };
  const centre = [size.width / 2, size.height / 2] as const;
  const to = [centre[0] + 6.3, centre[1] - 4.2] as const;
  const [angle, scale] = [(8 * Math.PI) / 180, 0.9];
  let first: ImageFeatures;
  let second: ImageFeatures;
  beforeAll(async () => {
    const xfeat = (await openXFeat({ threads: 1, folder: models }))!;
    first = await xfeat.detect(paintPatchwork(size.width, size.height, [1, 0, 0, 0, 1, 0, 0, 0, 1]));
    const planeFromSecond = turnAndScale(-angle, 1 / scale, to, centre);
    second = await xfeat.detect(paintPatchwork(size.width, size.height, planeFromSecond));
    await xfeat.dispose();
  });

  it('find keypoints with unit descriptors inside the photo', () => {
    expect(first).toMatchObject({ detector: 'xfeat', ...size });
    expect(first.scores.length).toBeGreaterThan(1500);
    expect(first.scores.length).toBeLessThanOrEqual(4096);
    if (first.descriptors.kind !== 'float') throw new Error('float');
    for (let i = 0; i < first.scores.length; i++)
      expect(Math.hypot(...first.descriptors.data.subarray(64 * i, 64 * i + 64))).toBeCloseTo(1, 5);
    for (let k = 0; k < first.points.length; k++)
      expect(first.points[k]! > 0 && first.points[k]! < (k % 2 === 0 ? size.width : size.height)).toBe(true);
  });

  it('find a picture again that was turned a little, shrunk and moved, without a shift', async () => {
    const secondFromFirst = turnAndScale(angle, scale, centre, to);
    const nearest = measureErrors(first, second, matchDescriptors(first, second), secondFromFirst);
    expect(nearest.count).toBeGreaterThan(800);
    expect(nearest.share).toBeGreaterThan(0.85);
    expect(Math.hypot(nearest.meanX, nearest.meanY)).toBeLessThan(0.1);
    const matcher = (await openLighterGlue({ threads: 1, folder: models }))!;
    const matches = await matcher.match(first, second);
    const glued = measureErrors(first, second, matches, secondFromFirst);
    expect(glued.count).toBeGreaterThan(500);
    expect(glued.share).toBeGreaterThan(0.65);
    // One to one, sorted, and likelihoods.
    const [left, right] = [0, 1].map((side) => [...matches.indices].filter((_, k) => k % 2 === side));
    expect(new Set(left).size).toBe(left!.length);
    expect(new Set(right).size).toBe(right!.length);
    expect(left).toEqual([...left!].sort((a, b) => a - b));
    expect(matches.scores.every((score) => score > 0 && score <= 1)).toBe(true);
    const empty = { ...first, points: new Float32Array(0), scores: new Float32Array(0) };
    const none = { ...empty, descriptors: { kind: 'float', length: 64, data: new Float32Array(0) } } as const;
    expect((await matcher.match(first, none)).indices).toHaveLength(0);
    await expect(matcher.match(first, empty)).rejects.toThrow(ShapeError);
    await expect(matcher.match({ ...first, detector: 'akaze' }, second)).rejects.toThrow(ShapeError);
    await expect(matcher.match(first, second, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await matcher.dispose();
  });
});

/** A session that marks the brightest pixel of every cell that has one above 0.9, each with a descriptor of its own. */
function fakeRuntime(runs: { count: number }): OnnxRuntime {
  const session = {
    inputNames: ['input'],
    run: ({ input }: { input: { data: Float32Array } }) => {
      runs.count++;
      const logits = new Float32Array(65 * 6400);
      const descriptors = new Float32Array(64 * 6400);
      for (let cell = 0; cell < 6400; cell++) {
        logits[64 * 6400 + cell] = 15;
        for (let k = 0; k < 64; k++) {
          const pixel = (Math.floor(cell / 80) * 8 + (k >> 3)) * 640 + (cell % 80) * 8 + (k & 7);
          if (input.data[pixel]! > 0.9) logits[k * 6400 + cell] = 30;
        }
        descriptors[(cell % 64) * 6400 + cell] = 3;
      }
      const map = (data: Float32Array, channels: number) => ({ type: 'float32', dims: [1, channels, 80, 80], data });
      const reliability = map(new Float32Array(6400).fill(0.5), 1);
      return Promise.resolve({ a: reliability, b: map(logits, 65), c: map(descriptors, 64) });
    },
    release: () => Promise.resolve(),
  };
  class Tensor {
    constructor(
      readonly type: string,
      readonly data: Float32Array,
      readonly dims: readonly number[],
    ) {}
    dispose(): void {
      // Nothing is held.
    }
  }
  return { InferenceSession: { create: () => Promise.resolve(session) }, Tensor } as unknown as OnnxRuntime;
}

async function writeModel(name: string): Promise<ModelFile> {
  const bytes = Buffer.from(`the model ${name}`);
  await writeFile(join(folder, name), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { ...XFEAT_MODEL, fileName: name, bytes: bytes.length, sha256 };
}

describe('photos in squares', () => {
  it('places keypoints of every square where they are in the photo, each once', async () => {
    const runs = { count: 0 };
    const loadRuntime = () => Promise.resolve(fakeRuntime(runs));
    const xfeat = (await openXFeat({ threads: 1, folder, loadRuntime, model: await writeModel('a.onnx') }))!;
    const [width, height] = [1216, 700];
    const image: RgbImage = { width, height, data: new Float32Array(width * height * 3) };
    const expected: number[][] = [];
    for (let y = 20; y < height - 20; y += 40) {
      for (let x = 21; x < width - 20; x += 36) {
        image.data.fill(1, (y * width + x) * 3, (y * width + x) * 3 + 3);
        expected.push([x + 0.5, y + 0.5]);
      }
    }
    const { points, scores } = await xfeat.detect(image);
    expect(runs.count).toBe(4);
    const found = Array.from(scores, (_, i) => [points[2 * i]!, points[2 * i + 1]!]);
    const byPlace = (a: number[], b: number[]): number => a[1]! - b[1]! || a[0]! - b[0]!;
    expect(found).toHaveLength(expected.length);
    found.sort((a, b) => Math.round(a[1]!) - Math.round(b[1]!) || a[0]! - b[0]!);
    expected.sort(byPlace).forEach(([x, y], i) => {
      expect(found[i]![0]).toBeCloseTo(x!, 2);
      expect(found[i]![1]).toBeCloseTo(y!, 2);
    });
    // A spot in a photo that is enlarged for the search comes out in the photo's own pixels.
    const half: RgbImage = { width: 608, height: 350, data: new Float32Array(608 * 350 * 3) };
    for (const y of [100, 101]) half.data.fill(1, (y * 608 + 300) * 3, (y * 608 + 302) * 3);
    const { points: single } = await xfeat.detect(half);
    expect(single[0]).toBeCloseTo(301, 0);
    expect(single[1]).toBeCloseTo(101, 0);
    await expect(xfeat.detect({ ...half, width: 5 })).rejects.toThrow(ShapeError);
    await expect(xfeat.detect(half, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await xfeat.dispose();
  });

  it.each([
    [640, 640, 1],
    [300, 200, 1],
    [641, 640, 2],
    [1216, 912, 4],
    [1217, 300, 3],
    [2000, 1333, 12],
  ])('cover %s × %s with %s, each pixel counted once', (width, height, count) => {
    const tiles = layOutTiles(width, height, 640, 64);
    expect(tiles).toHaveLength(count);
    const counted = new Uint8Array(width * height);
    for (const { left, top, own } of tiles) {
      expect(own.left >= left && own.right <= left + 640 && own.top >= top && own.bottom <= top + 640).toBe(true);
      // What counts is never near a cut.
      if (own.left > 0) expect(own.left - left).toBeGreaterThanOrEqual(32);
      if (own.right < width) expect(left + 640 - own.right).toBeGreaterThanOrEqual(32);
      for (let y = own.top; y < own.bottom; y++) for (let x = own.left; x < own.right; x++) counted[y * width + x]!++;
    }
    expect(counted.every((times) => times === 1)).toBe(true);
  });

  it('are filled up with the photo’s mirror image', () => {
    const image: RgbImage = { width: 3, height: 1, data: Float32Array.of(1, 0, 0, 2, 0, 0, NaN, 0, 7) };
    const square = cutSquare(image, -2, 0, 6);
    expect([...square.subarray(0, 6)]).toEqual([2, 1, 1, 2, 0, 0]);
    expect([...square.subarray(72, 78)]).toEqual([0, 0, 0, 0, 7, 7]);
    expect([...square.subarray(30, 36)]).toEqual([2, 1, 1, 2, 0, 0]);
  });
});

describe('the maps of XFeat', () => {
  const empty = (): XFeatMaps => ({
    columns: 3,
    rows: 2,
    descriptors: new Float32Array(64 * 6),
    logits: new Float32Array(65 * 6).fill(-20),
    reliability: Float32Array.of(0, 1, 0, 0, 1, 0),
  });
  const whole = { left: 0, top: 0, right: 24, bottom: 16 };

  it('hold a place in each cell, row by row', () => {
    const maps = empty();
    const cells = 6;
    // Cell 4 is the middle one of the second row; place 29 is row 3, column 5 of it.
    maps.logits[29 * cells + 4] = 20;
    const { points, scores } = decodeKeypoints(maps, whole);
    expect([...points].map((v) => Math.round(v * 1e4) / 1e4)).toEqual([13.5, 11.5]);
    // (13.5, 11.5) is 0.1875 of a cell right of the middle of cells 1 and 4, which are sure: 1 − 0.1875.
    expect(scores[0]).toBeCloseTo(0.8125, 4);
    // Two places of equal heat: half way between.
    maps.logits[30 * cells + 4] = 20;
    expect(decodeKeypoints(maps, whole).points[0]).toBeCloseTo(14, 4);
    expect(decodeKeypoints(maps, { ...whole, left: 14 }).points).toHaveLength(0);
    expect(decodeKeypoints(maps, { ...whole, bottom: 11 }).points).toHaveLength(0);
    // "None of them" outweighs a weak place.
    maps.logits[64 * cells + 4] = 24;
    expect(decodeKeypoints(maps, whole).points).toHaveLength(0);
  });

  it('give a cell’s descriptor at its centre, and a blend between', () => {
    const maps = empty();
    const random = createRandom(1);
    maps.descriptors.forEach((_, k) => (maps.descriptors[k] = random.next() - 0.5));
    normaliseCells(maps);
    const cell = (index: number): number[] => Array.from({ length: 64 }, (_, k) => maps.descriptors[k * 6 + index]!);
    expect(Math.hypot(...cell(3))).toBeCloseTo(1, 5);
    const out = new Float32Array(64);
    sampleDescriptor(maps, 12, 4, out);
    cell(1).forEach((value, k) => expect(out[k]).toBeCloseTo(value, 5));
    sampleDescriptor(maps, 16, 8, out);
    expect(Math.hypot(...out)).toBeCloseTo(1, 5);
    const flat = { ...maps, descriptors: new Float32Array(64 * 6) };
    normaliseCells(flat);
    sampleDescriptor(flat, 5, 5, out);
    expect([...out].every((value) => value === 0)).toBe(true);
  });
});

describe('optional weights', () => {
  it('are null when they are not there', async () => {
    expect(await openXFeat({ threads: 1, folder: join(folder, 'nowhere') })).toBeNull();
    expect(await openLighterGlue({ threads: 1, folder })).toBeNull();
  });

  it('are refused when they are something else', async () => {
    const model = await writeModel('b.onnx');
    const open = (changed: Partial<ModelFile>) => openXFeat({ threads: 1, folder, model: { ...model, ...changed } });
    await expect(open({ bytes: 3 })).rejects.toMatchObject({ name: 'ImportError', code: 'size-mismatch' });
    await expect(open({ sha256: '0'.repeat(64) })).rejects.toMatchObject({ name: 'ImportError', code: 'malformed' });
    // What it should be, and still no network.
    await expect(open({})).rejects.toMatchObject({
      name: 'ImportError',
      code: 'malformed',
      file: join(folder, 'b.onnx'),
    });
    const loadRuntime = () => Promise.reject(new Error('no binary for this platform'));
    await expect(openXFeat({ threads: 1, folder, model, loadRuntime })).rejects.toMatchObject({
      name: 'OnnxRuntimeMissingError',
    });
  });

  it('of another network are named as such', async () => {
    const runtime = fakeRuntime({ count: 0 });
    const broken = {
      ...runtime,
      InferenceSession: {
        create: () => Promise.resolve({ inputNames: ['x'], run: () => Promise.resolve({}), release: () => undefined }),
      },
    } as unknown as OnnxRuntime;
    const model = await writeModel('c.onnx');
    const xfeat = (await openXFeat({ threads: 1, folder, model, loadRuntime: () => Promise.resolve(broken) }))!;
    const image = { width: 8, height: 8, data: new Float32Array(192) };
    await expect(xfeat.detect(image)).rejects.toMatchObject({ name: 'ImportError', code: 'unsupported' });
  });
});
