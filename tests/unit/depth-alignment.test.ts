import { describe, expect, it } from 'vitest';
import { alignNetworkDepths } from '../../engine/depth/align-network-depth.js';
import type { NetworkDepthView } from '../../engine/depth/align-network-depth.js';
import { applyDepthRelation, fitDepthRelation } from '../../engine/depth/fit-depth-relation.js';
import { fitRobustLine } from '../../engine/depth/fit-robust-line.js';
import { median } from '../../engine/math/median.js';
import type { DepthOutputKind } from '../../engine/scene/depth-network.js';

/** Deterministic noise in -1..1. */
function noise(i: number): number {
  const s = Math.sin(i * 12.9898 + 4.1) * 43758.5453;
  return 2 * (s - Math.floor(s)) - 1;
}

const width = 64;
const height = 48;
/** A slanted floor with a box in front, between 2 and 8 times `unit`. */
function trueDepth(i: number, unit = 1): number {
  const [x, y] = [i % width, Math.floor(i / width)];
  return unit * (x > 20 && x < 36 && y > 14 && y < 34 ? 2.2 + 0.01 * y : 8 - 0.08 * y + 0.02 * x);
}

interface Scene {
  readonly unit?: number;
  /** The network's number for a true depth at pixel i. */
  readonly network: (z: number, i: number) => number;
  readonly isConfirmed?: (i: number) => boolean;
  readonly match?: (z: number, i: number) => number;
}

function viewOf({ unit = 1, network, isConfirmed = (i) => i % 3 !== 0, match = (z) => z }: Scene): NetworkDepthView {
  const count = width * height;
  const z = Float32Array.from({ length: count }, (_, i) => trueDepth(i, unit));
  const image = new Float32Array(count * 3);
  z.forEach((value, i) => image.fill(value < 3 * unit ? 0.2 : 0.8, 3 * i, 3 * i + 3));
  return {
    network: z.map((value, i) => network(value, i)),
    stereo: {
      depthMap: {
        width,
        height,
        depth: z.map((value, i) => match(value, i)),
        confidence: Float32Array.from(z, (_, i) => (isConfirmed(i) ? 1 : 0)),
      },
    },
    image: { width, height, data: image },
    mask: null,
  };
}

const align = async (view: NetworkDepthView, outputKind: DepthOutputKind) =>
  (await alignNetworkDepths([view], { outputKind }))[0]!;
const worstError = (depth: Float32Array, unit = 1): number =>
  Math.max(...depth.map((z, i) => Math.abs(z / trueDepth(i, unit) - 1)));

describe('the robust line', () => {
  it('finds the line of the majority among 35 % gross outliers', () => {
    const x = Float64Array.from({ length: 400 }, (_, i) => i / 40);
    const y = x.map((v, i) => (i % 20 < 7 ? 40 + 10 * noise(i) : 3 * v - 2 + 0.01 * noise(i)));
    const line = fitRobustLine(x, y)!;
    expect(line.slope).toBeCloseTo(3, 2);
    expect(line.offset).toBeCloseTo(-2, 2);
    expect(line.inlierShare).toBeCloseTo(0.65, 2);
  });

  it('is exact on exact points, through the origin as well, and null without spread', () => {
    const x = Float64Array.from([1, 2, 3, 4]);
    expect(
      fitRobustLine(
        x,
        x.map((v) => 2 * v + 1),
      ),
    ).toMatchObject({ slope: 2, offset: 1, inlierShare: 1 });
    expect(
      fitRobustLine(
        x,
        x.map((v) => 5 * v),
        null,
        true,
      ),
    ).toMatchObject({ slope: 5, offset: 0 });
    expect(fitRobustLine(Float64Array.from([2, 2, 2, 2]), x)).toBeNull();
    expect(fitRobustLine(x.subarray(0, 2), x.subarray(0, 2))).toBeNull();
  });

  it('weighs points as told', () => {
    // Two parallel lines; the heavy one wins although both have as many points.
    const x = Float64Array.from({ length: 200 }, (_, i) => i);
    const y = x.map((v, i) => v + (i % 2 ? 10 : 0) + 0.1 * noise(i));
    const weights = x.map((_, i) => (i % 2 ? 1 : 400));
    expect(Math.abs(fitRobustLine(x, y, weights)!.offset)).toBeLessThan(1);
  });

  it('has a median that ignores NaN and leaves its input alone', () => {
    const values = [5, NaN, 1, Infinity, 3];
    expect(median(values)).toBe(3);
    expect(values[0]).toBe(5);
    expect(median([4, 1])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

describe('aligning a network’s depth with the matches', () => {
  const kinds: [DepthOutputKind, (z: number) => number, number, number][] = [
    // 1/z = 0.5 r + 0.1; 1/z = 2 / r; z = 3 d + 1.
    ['inverse-depth', (z) => (1 / z - 0.1) / 0.5, 0.5, 0.1],
    ['metric-depth', (z) => 2 * z, 2, 0],
    ['affine-invariant-depth', (z) => (z - 1) / 3, 3, 1],
  ];

  it.each(kinds)('recovers scale and shift of %s exactly', async (kind, network, scale, shift) => {
    const { depthMap, fit } = await align(viewOf({ network }), kind);
    expect(fit.method).toBe('robust');
    expect(fit.scale).toBeCloseTo(scale, 4);
    expect(fit.shift).toBeCloseTo(shift, 4);
    expect(fit.correlation).toBeCloseTo(1, 6);
    expect(fit.trust).toBe(1);
    expect(worstError(depthMap.depth)).toBeLessThan(1e-3);
    expect(depthMap.confidence[1]).toBe(1);
    expect(depthMap.confidence[0]).toBe(0);
  });

  it.each(kinds)('is not moved by 25 %% wrong matches and a noisy network: %s', async (kind, network, scale) => {
    const view = viewOf({
      network: (z, i) => network(z * (1 + 0.03 * noise(i))),
      match: (z, i) => (i % 4 === 1 ? z * (1.5 + noise(i)) : z),
    });
    const { fit } = await align(view, kind);
    expect(Math.abs(fit.scale / scale - 1)).toBeLessThan(0.05);
    expect(fit.residual).toBeLessThan(0.05);
    expect(fit.inlierShare).toBeGreaterThan(0.7);
    expect(fit.inlierShare).toBeLessThan(0.9);
  });

  it.each([1e-3, 1, 1e4])('has no constant in scene units: unit %d', async (unit) => {
    const { depthMap, fit } = await align(viewOf({ unit, network: (z) => unit / z - 0.05 }), 'inverse-depth');
    expect(fit.scale * unit).toBeCloseTo(1, 4);
    expect(fit.trust).toBe(1);
    expect(worstError(depthMap.depth, unit)).toBeLessThan(1e-3);
  });

  it('gives a metric network a shift only when it needs one', async () => {
    const noisy = await align(viewOf({ network: (z, i) => z * (1 + 0.05 * noise(i)) }), 'metric-depth');
    expect(noisy.fit.shift).toBe(0);
    const bent = await align(viewOf({ network: (z) => 1 / (1 / z + 0.2) }), 'metric-depth');
    expect(bent.fit.shift).toBeCloseTo(-0.2, 3);
  });

  it('removes a slow bend by the smooth correction, also where nothing is confirmed', async () => {
    const bend = (i: number): number =>
      Math.exp(0.15 * Math.sin((i % width) / 14) * Math.cos(Math.floor(i / width) / 12));
    const view = viewOf({
      network: (z, i) => z * bend(i),
      isConfirmed: (i) => noise(i) > 0 && !(i % width > 44 && i % width < 52),
    });
    const { depthMap, fit } = await align(view, 'metric-depth');
    expect(fit.residual).toBeGreaterThan(0.03);
    expect(fit.correctedResidual).toBeLessThan(0.015);
    let hidden = 0;
    for (let y = 0; y < height; y++)
      hidden = Math.max(hidden, Math.abs(depthMap.depth[y * width + 48]! / trueDepth(y * width + 48) - 1));
    expect(hidden).toBeLessThan(0.05);
  });

  it('does not let the correction of the box leak onto the wall behind', async () => {
    // The network has the box 20 % too far; the wall is right. Nothing is confirmed in a band around the box's outline.
    const isBox = (i: number): boolean => trueDepth(i) < 3;
    const isBand = (i: number): boolean =>
      [-3, -2, -1, 0, 1, 2, 3].some((dx) => isBox(i + dx) !== isBox(i)) ||
      [-2, -1, 1, 2].some((dy) => isBox(i + dy * width) !== isBox(i));
    const view = viewOf({ network: (z) => (z < 3 ? 1.2 * z : z), isConfirmed: (i) => !isBand(i) });
    const { depthMap } = await align(view, 'metric-depth');
    expect(worstError(depthMap.depth)).toBeLessThan(0.04);
  });

  it('is not bent by single wrong matches', async () => {
    const view = viewOf({ network: (z) => z, match: (z, i) => (i % 37 === 5 ? 3 * z : z), isConfirmed: () => true });
    const { depthMap } = await align(view, 'metric-depth');
    expect(worstError(depthMap.depth)).toBeLessThan(0.01);
  });

  it('falls back to the median ratio and distrusts: few matches, or a network that says the opposite', async () => {
    const few = await align(viewOf({ network: (z) => 2 * z, isConfirmed: (i) => i % 100 === 7 }), 'metric-depth');
    expect(few.fit).toMatchObject({ method: 'median-ratio', trust: 0, matchCount: 31 });
    expect(few.fit.scale).toBeCloseTo(2, 4);
    const opposite = await align(viewOf({ network: (z) => z }), 'inverse-depth');
    expect(opposite.fit).toMatchObject({ method: 'median-ratio', trust: 0 });
    expect(opposite.fit.scale).toBeGreaterThan(0);
    const flat = await align(viewOf({ network: () => 3 }), 'inverse-depth');
    expect(flat.fit).toMatchObject({ method: 'median-ratio', trust: 0, correlation: 0 });
    expect(flat.depthMap.depth.every((z) => z > 0 && Number.isFinite(z))).toBe(true);
  });

  it('distrusts a network in proportion to its disagreement', async () => {
    const trusts = [];
    for (const error of [0.02, 0.3, 1.2]) {
      const { fit } = await align(viewOf({ network: (z, i) => z * Math.exp(error * noise(i)) }), 'metric-depth');
      trusts.push(fit.trust);
    }
    expect(trusts[0]).toBe(1);
    expect(trusts[1]).toBeLessThan(0.7);
    expect(trusts[1]).toBeGreaterThan(0);
    expect(trusts[2]).toBe(0);
  });

  it('lends a view without matches the scale of the others, without trust', async () => {
    const network = (z: number): number => 4 * z;
    const views = [viewOf({ network }), viewOf({ network, isConfirmed: () => false }), viewOf({ network })];
    const progress: number[] = [];
    const aligned = await alignNetworkDepths(
      views,
      { outputKind: 'metric-depth' },
      { onProgress: (f) => progress.push(f) },
    );
    expect(aligned[1]!.fit).toMatchObject({ matchCount: 0, trust: 0, residual: Infinity, correctedResidual: Infinity });
    expect(worstError(aligned[1]!.depthMap.depth)).toBeLessThan(1e-3);
    expect(progress.at(-1)).toBe(1);
    const alone = await alignNetworkDepths([views[1]!], { outputKind: 'metric-depth' });
    expect(alone[0]!.fit).toMatchObject({ method: 'none', trust: 0 });
    expect(alone[0]!.depthMap.depth.every((z) => z === 0)).toBe(true);
  });

  it('bears NaN, zeros and masked pixels', async () => {
    const view = viewOf({
      network: (z, i) => (i % 7 === 0 ? NaN : i % 7 === 1 ? 0 : i % 7 === 2 ? -z : z),
      match: (z, i) => (i < 640 ? 99 : z),
    });
    const mask = new Uint8Array(width * height).fill(1).fill(0, 0, 640);
    const { depthMap, fit } = await align({ ...view, mask }, 'metric-depth');
    expect(fit.scale).toBeCloseTo(1, 4);
    for (let i = 640; i < depthMap.depth.length; i++) {
      if (i % 7 < 3) expect(depthMap.depth[i]).toBe(0);
      else expect(Math.abs(depthMap.depth[i]! / trueDepth(i) - 1)).toBeLessThan(1e-3);
    }
  });

  it('keeps depths beyond the line’s zero finite', () => {
    const depth = Float64Array.from({ length: 100 }, (_, i) => 2 + i / 100);
    const relation = fitDepthRelation({ depth, network: depth.map((z) => 1 / z + 3) }, 'inverse-depth');
    expect(relation.shift).toBeCloseTo(-3, 6);
    // At r = 1 the line says 1/z = -2: behind infinity, so as far as allowed, five times the farthest sample.
    expect(applyDepthRelation(relation, 1)).toBeCloseTo(5 * 2.99, 6);
    expect(applyDepthRelation(relation, 1e6)).toBeCloseTo(2 / 5, 6);
    expect(applyDepthRelation(relation, NaN)).toBe(0);
  });

  it('refuses sizes that disagree, and stops when aborted', async () => {
    const view = viewOf({ network: (z) => z });
    const options = { outputKind: 'metric-depth' } as const;
    await expect(alignNetworkDepths([{ ...view, network: new Float32Array(3) }], options)).rejects.toThrow(/size/);
    await expect(alignNetworkDepths([view], options, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow(
      'stop',
    );
  });
});
