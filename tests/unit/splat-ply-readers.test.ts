/** Our .ply in other people's readers: the same positions, opacity, scale, rotation and colour must come out. */
import * as splatTransformModule from '@playcanvas/splat-transform';
import { GaussianSplatPLYLoader } from 'three/examples/jsm/loaders/GaussianSplatPLYLoader.js';
import { describe, expect, it } from 'vitest';
import { writeSplatPly } from '../../engine/formats/write-splat-ply.js';
import { rotationOfQuaternion } from '../../engine/math/conventions.js';
import type { Splats } from '../../engine/scene/splats.js';
import { createSplats, SH_C0, shCoefficientCount } from '../../engine/scene/splats.js';

/** What we use of splat-transform, whose own declarations do not resolve under Node's module rules. */
interface SplatTransform {
  readonly MemoryReadFileSystem: new () => { set(name: string, data: Uint8Array): void };
  readonly readFile: (
    options: object,
  ) => Promise<{ numRows: number; getColumnByName(name: string): { data: Float32Array } }[]>;
}
const { MemoryReadFileSystem, readFile } = splatTransformModule as unknown as SplatTransform;

const COUNT = 20;

/** Every field different in every record, within the range that 8-bit colours can tell apart. */
function variedSplats(shDegree: number): Splats {
  const splats = createSplats(COUNT, shDegree);
  const fill = (array: Float32Array, low: number, high: number, step: number): void => {
    for (let i = 0; i < array.length; i++) array[i] = low + (high - low) * ((i * step) % 1);
  };
  fill(splats.means, -5, 9, 0.377);
  fill(splats.quats, -1, 1, 0.271);
  fill(splats.logScales, -5, 0.5, 0.619);
  fill(splats.rawOpacities, -3, 4, 0.733);
  fill(splats.shCoeffs, -0.9, 0.9, 0.157);
  return splats;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function write(splats: Splats, compact = false): Uint8Array<ArrayBuffer> {
  return writeSplatPly(splats, { generator: 'Test', compact }).bytes;
}

describe("three's GaussianSplatPLYLoader", () => {
  it.each([
    [0, false],
    [3, false],
    [0, true],
    [2, true],
  ])('reads SH degree %i, compact %s', (shDegree, compact) => {
    const splats = variedSplats(shDegree);
    const geometry = new GaussianSplatPLYLoader().parse(write(splats, compact).buffer);
    expect(geometry.getAttribute('position').array).toEqual(splats.means);
    const covariance = geometry.getAttribute('covariance').array;
    const color = geometry.getAttribute('color').array;
    for (let i = 0; i < COUNT; i++) {
      // R diag(s²) Rᵀ, upper triangle, from the stored parameters.
      const r = rotationOfQuaternion([...splats.quats.subarray(i * 4, i * 4 + 4)] as [number, number, number, number]);
      const variances = [...splats.logScales.subarray(i * 3, i * 3 + 3)].map((s) => Math.exp(2 * s));
      const entry = (a: number, b: number): number =>
        variances.reduce((sum, v, k) => sum + v * (r[a * 3 + k] as number) * (r[b * 3 + k] as number), 0);
      const expected = [entry(0, 0), entry(0, 1), entry(0, 2), entry(1, 1), entry(1, 2), entry(2, 2)];
      const largest = Math.max(...variances);
      expected.forEach((value, j) =>
        expect(Math.abs((covariance[i * 6 + j] as number) - value)).toBeLessThan(1e-5 * largest),
      );
      const stride = shCoefficientCount(shDegree) * 3;
      for (let c = 0; c < 3; c++) {
        const level = 255 * (0.5 + SH_C0 * (splats.shCoeffs[i * stride + c] as number));
        expect(Math.abs((color[i * 4 + c] as number) - level)).toBeLessThanOrEqual(0.501);
      }
      const alpha = 255 * sigmoid(splats.rawOpacities[i] as number);
      expect(Math.abs((color[i * 4 + 3] as number) - alpha)).toBeLessThanOrEqual(0.501);
    }
  });

  it('finds each SH coefficient of degree 1 under its own channel', () => {
    const splats = variedSplats(1);
    const geometry = new GaussianSplatPLYLoader().parse(write(splats).buffer);
    const words = geometry.getAttribute('sphericalHarmonics1').array as Uint32Array;
    const bytes = new Uint8Array(words.buffer, words.byteOffset);
    for (let i = 0; i < COUNT; i++)
      for (let k = 1; k < 4; k++)
        for (let c = 0; c < 3; c++) {
          const value = ((bytes[i * 12 + (k - 1) * 3 + c] as number) - 128) / 128;
          expect(Math.abs(value - (splats.shCoeffs[i * 12 + k * 3 + c] as number))).toBeLessThanOrEqual(
            0.5 / 128 + 1e-6,
          );
        }
  });
});

describe('splat-transform', () => {
  it.each([
    [0, false],
    [3, false],
    [1, true],
  ])('reads SH degree %i, compact %s', async (shDegree, compact) => {
    const splats = variedSplats(shDegree);
    const fileSystem = new MemoryReadFileSystem();
    fileSystem.set('scene.ply', write(splats, compact));
    const [table] = await readFile({
      filename: 'scene.ply',
      inputFormat: 'ply',
      options: {},
      params: [],
      fileSystem,
    });
    const column = (name: string): Float32Array => table!.getColumnByName(name).data;
    expect(table?.numRows).toBe(COUNT);
    const coefficients = shCoefficientCount(shDegree);
    const rest = compact ? coefficients - 1 : 15;
    for (let i = 0; i < COUNT; i++) {
      expect(['x', 'y', 'z'].map((name) => column(name)[i])).toEqual([...splats.means.subarray(i * 3, i * 3 + 3)]);
      expect(column('opacity')[i]).toBe(splats.rawOpacities[i]);
      for (let j = 0; j < 3; j++) expect(column(`scale_${j}`)[i]).toBe(splats.logScales[i * 3 + j]);
      const quat = splats.quats.subarray(i * 4, i * 4 + 4);
      for (let j = 0; j < 4; j++)
        expect(column(`rot_${j}`)[i]).toBeCloseTo((quat[j] as number) / Math.hypot(...quat), 6);
      for (let c = 0; c < 3; c++) {
        expect(column(`f_dc_${c}`)[i]).toBe(splats.shCoeffs[i * coefficients * 3 + c]);
        for (let k = 1; k < coefficients; k++)
          expect(column(`f_rest_${c * rest + k - 1}`)[i]).toBe(splats.shCoeffs[(i * coefficients + k) * 3 + c]);
      }
    }
  });
});
