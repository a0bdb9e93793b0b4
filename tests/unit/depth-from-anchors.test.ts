import { describe, expect, it } from 'vitest';
import { completeFromAnchors } from '../../engine/depth/anchor-depth.js';
import { readNpy } from '../../engine/formats/read-npy.js';
import { writeNpy } from '../../engine/formats/write-npy.js';
import { createRandom } from '../../engine/math/random.js';
import { measureDepthErrors } from '../../engine/metrics/depth-errors.js';
import type { AnchorSource, DepthAnchors } from '../../engine/scene/depth-anchors.js';
import { ShapeError } from '../../engine/scene/errors.js';

const [WIDTH, HEIGHT] = [96, 64];
const COUNT = WIDTH * HEIGHT;

function paint(colour: (x: number, y: number) => number) {
  const data = new Float32Array(3 * COUNT);
  for (let i = 0; i < COUNT; i++) data.fill(colour(i % WIDTH, Math.floor(i / WIDTH)), 3 * i, 3 * i + 3);
  return { width: WIDTH, height: HEIGHT, data };
}

const GREY = paint(() => 0.5);

/** A plane: 1/z is linear over the picture, from 1/4 on the left below to about 1/20. */
const plane = (x: number, y: number): number => 1 / (0.05 + 0.001 * x + 0.0015 * y);

function map(depthOf: (x: number, y: number) => number): Float32Array {
  return Float32Array.from({ length: COUNT }, (_, i) => depthOf(i % WIDTH, Math.floor(i / WIDTH)));
}

interface Sampling {
  readonly places: readonly (readonly [number, number])[];
  readonly sigma?: number;
  readonly source?: AnchorSource;
}

function anchorsOf(
  depthOf: (x: number, y: number) => number,
  { places, sigma = 0.005, source = 'lidar' }: Sampling,
): DepthAnchors {
  return {
    count: places.length,
    pixels: Float32Array.from(places.flatMap(([x, y]) => [x + 0.5, y + 0.5])),
    depth: Float32Array.from(places, ([x, y]) => depthOf(x, y)),
    sigmaLogDepth: new Float32Array(places.length).fill(sigma),
    source,
  };
}

/** Every stepX-th column of every stepY-th row. */
function raster(stepX: number, stepY: number): [number, number][] {
  const places: [number, number][] = [];
  for (let y = 1; y < HEIGHT; y += stepY) for (let x = 1; x < WIDTH; x += stepX) places.push([x, y]);
  return places;
}

function worst(depth: Float32Array, depthOf: (x: number, y: number) => number, inside = 0): number {
  let most = 0;
  for (let y = inside; y < HEIGHT - inside; y++)
    for (let x = inside; x < WIDTH - inside; x++)
      most = Math.max(most, Math.abs((depth[y * WIDTH + x] as number) / depthOf(x, y) - 1));
  return most;
}

describe('depth from anchors and a network', () => {
  const view = { image: GREY, mask: null };

  it('recovers scale and shift of inverse depth exactly', () => {
    // Relief that no interpolation could guess: 1/z = 0.02 + 0.3 r.
    const r = map((x, y) => 0.4 + 0.3 * Math.sin(x * 0.9) * Math.sin(y * 0.8));
    const truth = (x: number, y: number): number => 1 / (0.02 + 0.3 * (r[y * WIDTH + x] as number));
    const anchors = [anchorsOf(truth, { places: raster(5, 6) })];
    const { depthMap, fit } = completeFromAnchors({ ...view, network: { values: r, kind: 'inverse-depth' }, anchors });
    expect(fit.relation?.scale).toBeCloseTo(0.3, 4);
    expect(fit.relation?.shift).toBeCloseTo(0.02, 4);
    expect(fit.network?.share).toBe(1);
    expect(worst(depthMap.depth, truth)).toBeLessThan(0.002);
  });

  it('recovers the scale of a metric network from ten anchors', () => {
    const values = map((x, y) => 3 * plane(x, y));
    const places = Array.from({ length: 10 }, (_, k): [number, number] => [5 + 9 * k, 3 + 6 * k]);
    const anchors = [anchorsOf(plane, { places })];
    const { depthMap, fit } = completeFromAnchors({ ...view, network: { values, kind: 'metric-depth' }, anchors });
    expect(fit.anchorCount).toBe(10);
    expect(worst(depthMap.depth, plane)).toBeLessThan(0.01);
  });

  it('bends a network that is right only in parts: wrong by half on one side', () => {
    const values = map((x, y) => plane(x, y) * (1 + 0.5 * (x / WIDTH)));
    const anchors = [anchorsOf(plane, { places: raster(6, 8) })];
    const { depthMap } = completeFromAnchors({ ...view, network: { values, kind: 'metric-depth' }, anchors });
    expect(worst(depthMap.depth, plane, 8)).toBeLessThan(0.03);
  });

  it('uses nothing of a network that tells nothing', () => {
    const random = createRandom(3);
    const values = map(() => 1 + 9 * random.next());
    const anchors = [anchorsOf(plane, { places: raster(5, 6) })];
    const { depthMap, fit } = completeFromAnchors({ ...view, network: { values, kind: 'metric-depth' }, anchors });
    expect(fit.network?.share ?? 0).toBe(0);
    expect(worst(depthMap.depth, plane, 8)).toBeLessThan(0.03);
  });

  it('without anchors it is the network’s answer, and nothing is confident', () => {
    const values = map(plane);
    values[7] = NaN;
    values[8] = -1;
    const metric = completeFromAnchors({ ...view, network: { values, kind: 'metric-depth' }, anchors: [] });
    expect(metric.depthMap.depth[100]).toBe(values[100]);
    expect([metric.depthMap.depth[7], metric.depthMap.depth[8]]).toEqual([0, 0]);
    expect(metric.depthMap.confidence.every((c) => c === 0)).toBe(true);
    expect(metric.fit).toMatchObject({ anchorCount: 0, relation: null, residual: Infinity });
    const inverse = completeFromAnchors({ ...view, network: { values, kind: 'inverse-depth' }, anchors: [] });
    expect(inverse.depthMap.depth[100]).toBeCloseTo(1 / (values[100] as number), 6);
  });
});

describe('depth from anchors alone', () => {
  const view = { image: GREY, mask: null, network: null };

  it('is a plane between the anchors of a plane', () => {
    const { depthMap } = completeFromAnchors({ ...view, anchors: [anchorsOf(plane, { places: raster(3, 5) })] });
    expect(worst(depthMap.depth, plane, 10)).toBeLessThan(0.03);
  });

  it('puts the step where the photo has its edge', () => {
    // The left half at 4 m, the right at 12 m; the photo changes at column 48, anchors end 8 columns before and begin 8 after.
    const truth = (x: number): number => (x < 48 ? 4 : 12);
    const places = raster(4, 6).filter(([x]) => x <= 40 || x >= 56);
    const image = paint((x) => (x < 48 ? 0.2 : 0.8));
    const { depthMap } = completeFromAnchors({ ...view, image, anchors: [anchorsOf(truth, { places })] });
    const row = 32 * WIDTH;
    for (const x of [30, 44, 46]) expect(depthMap.depth[row + x]).toBeCloseTo(4, 0);
    // Across the edge, which conducts 1 %, lies 100 / 116 of the step in 1/z; the 8 columns beside it share the rest: from 1/10.6 at column 49.
    for (const x of [49, 52]) expect(depthMap.depth[row + x]).toBeGreaterThan(10);
    expect((depthMap.depth[row + 70] as number) / 12).toBeCloseTo(1, 1);
  });

  it('believes LiDAR more than a radar that disagrees, and the radar where there is nothing else', () => {
    const lidar = anchorsOf(() => 10, { places: raster(4, 4).filter(([x]) => x < 40) });
    const radar = anchorsOf(() => 14, { places: raster(12, 12), sigma: 0.15, source: 'radar' });
    const { depthMap } = completeFromAnchors({ ...view, anchors: [lidar, radar] });
    const at = (x: number): number => depthMap.depth[30 * WIDTH + x] as number;
    expect(at(10)).toBeCloseTo(10, 1);
    expect(at(30)).toBeCloseTo(10, 0);
    expect(at(90)).toBeGreaterThan(12.5);
  });

  it('is sure at an anchor and less so farther away', () => {
    const places: [number, number][] = [[48, 32]];
    const { confidence } = completeFromAnchors({ ...view, anchors: [anchorsOf(plane, { places })] }).depthMap;
    const at = (x: number): number => confidence[32 * WIDTH + x] as number;
    expect(at(48)).toBeGreaterThan(0.9);
    // 1 % of the diagonal of 115 px is 1.15 px.
    expect(at(49)).toBeCloseTo(at(48) / (1 + (1 / 1.1538) ** 2), 3);
    expect(at(60)).toBeLessThan(0.02);
  });

  it('leaves out anchors that are none, under the mask or outside, and stays finite and positive', () => {
    const anchors: DepthAnchors = {
      count: 6,
      pixels: Float32Array.from([10, 10, 20, 20, 30, 30, -5, 3, NaN, 4, 50, 50]),
      depth: Float32Array.from([5, NaN, -3, 4, 4, 900]),
      sigmaLogDepth: Float32Array.from([0.01, 0.01, 0.01, 0.01, 0.01, 0.01]),
      source: 'lidar',
    };
    const mask = new Uint8Array(COUNT).fill(1);
    mask[50 * WIDTH + 50] = 0;
    const { depthMap, fit } = completeFromAnchors({ ...view, mask, anchors: [anchors] });
    expect(fit.anchorCount).toBe(1);
    expect(depthMap.depth.every((z) => Math.abs(z - 5) < 1e-3)).toBe(true);
  });

  it('refuses sizes that disagree', () => {
    expect(() => completeFromAnchors({ ...view, mask: new Uint8Array(3), anchors: [] })).toThrow(ShapeError);
  });
});

describe('errors of depth', () => {
  it('are those worked out by hand', () => {
    // Off by 1 of 10, 0 of 4, 10 of 20 (a ratio of 1.5), and one that is missing: wrong by all of its 2.
    const errors = measureDepthErrors([11, 4, 30, NaN], [10, 4, 20, 2]);
    expect(errors).toMatchObject({ count: 4, delta1: 0.5 });
    expect(errors?.absRel).toBeCloseTo((0.1 + 0 + 0.5 + 1) / 4, 12);
    expect(errors?.medianRel).toBeCloseTo(0.3, 12);
    expect(errors?.mae).toBeCloseTo(13 / 4, 12);
    expect(errors?.rmse).toBeCloseTo(Math.sqrt((1 + 0 + 100 + 4) / 4), 12);
    expect(measureDepthErrors([], [])).toBeNull();
    expect(() => measureDepthErrors([1], [])).toThrow(ShapeError);
  });
});

describe('a depth map as .npy', () => {
  it('is read back, starts at a multiple of 64 bytes, and is what NumPy writes', () => {
    const data = Float32Array.from([1.5, -2, 0, NaN, Infinity, 3]);
    const bytes = writeNpy(data, [2, 3]);
    expect(readNpy(bytes, 'a.npy')).toEqual({ shape: [2, 3], data: Float64Array.from(data) });
    expect((bytes.length - 24) % 64).toBe(0);
    // The header of numpy.save(np.zeros((2, 3), '<f4')), byte for byte.
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    expect(new TextDecoder('latin1').decode(bytes.subarray(0, 128))).toBe(
      `\x93NUMPY\x01\x00\x76\x00${header}${' '.repeat(118 - header.length - 1)}\n`,
    );
    expect(() => writeNpy(data, [2, 2])).toThrow(ShapeError);
  });
});
