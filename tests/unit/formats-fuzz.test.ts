import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importCapture } from '../../engine/formats/import-capture.js';
import { readColmapPointsBinary, readColmapPointsText } from '../../engine/formats/read-colmap-points.js';
import { determinant } from '../../engine/math/rigid-transform.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { Capture } from '../../engine/scene/view.js';
import { Bytes } from '../fixtures/captures/encode-formats.js';
import { KNOWN_CAPTURES } from '../fixtures/captures/known-cameras.js';
import { memoryCapture } from '../fixtures/captures/memory-capture.js';

const RUNS = 300;
type Files = Record<string, Uint8Array | string>;

/** Some bytes overwritten, then a piece cut out or put in twice, then the end cut off. */
const mutation = fc.record({
  overwrite: fc.array(
    fc.tuple(fc.nat(1 << 16), fc.oneof(fc.nat(255), fc.constantFrom(0, 255, 0x7f, 0x2e, 0x2d, 0x39))),
    {
      maxLength: 6,
    },
  ),
  piece: fc.option(fc.tuple(fc.nat(1 << 16), fc.nat(40), fc.boolean()), { nil: null }),
  keep: fc.oneof(
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(original: Uint8Array, { overwrite, piece, keep }: Mutation): Uint8Array {
  const bytes = original.slice();
  for (const [at, value] of overwrite) bytes[at % bytes.length] = value;
  let mutated = [...bytes];
  if (piece !== null) {
    const [at, length, isDoubled] = [piece[0] % mutated.length, piece[1], piece[2]];
    const rest = mutated.slice(isDoubled ? at : at + length);
    mutated = [...mutated.slice(0, isDoubled ? at + length : at), ...rest];
  }
  return Uint8Array.from(mutated.slice(0, Math.ceil(mutated.length * keep)));
}

const valuesOf = (fields: object | null): unknown[] => Object.values(fields ?? {});

function expectValid({ views }: Capture): void {
  expect(views.length).toBeGreaterThanOrEqual(2);
  for (const { camera, distortion } of views) {
    const { intrinsics, cameraFromWorld } = camera;
    expect(determinant(cameraFromWorld.rotation)).toBeCloseTo(1, 9);
    const numbers = [...cameraFromWorld.translation, ...valuesOf(intrinsics), ...valuesOf(distortion)];
    expect(numbers.every(Number.isFinite)).toBe(true);
    expect(Math.min(intrinsics.fx, intrinsics.fy)).toBeGreaterThan(0);
  }
}

describe('mutated pose files give an ImportError or a valid capture, nothing else', () => {
  for (const [format, makeFiles] of Object.entries(KNOWN_CAPTURES)) {
    const original: Files = makeFiles();
    const poseFiles = Object.keys(original).filter((path) => original[path] !== '');
    it.each(poseFiles)(`${format}: %s`, async (path) => {
      const content = original[path] as Uint8Array | string;
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      let refused = 0;
      await fc.assert(
        fc.asyncProperty(mutation, async (change) => {
          try {
            expectValid(await importCapture(memoryCapture({ ...original, [path]: mutate(bytes, change) })));
          } catch (error) {
            if (!(error instanceof ImportError)) throw error;
            refused++;
          }
        }),
        { numRuns: RUNS, seed: 20 },
      );
      // Mutations that never hurt would make this test empty.
      expect(refused).toBeGreaterThan(RUNS / 10);
    });
  }

  it('COLMAP points', () => {
    const binary = new Bytes().u64(2);
    binary.u64(9).f64(1, 2, 3).u8(10, 20, 30).f64(0.5).u64(2).u32(3, 0, 4, 1);
    binary.u64(12).f64(-1, 0, 4).u8(255, 0, 1).f64(0.25).u64(1).u32(4, 7);
    const text = new TextEncoder().encode('9 1 2 3 10 20 30 0.5 3 0 4 1\n12 -1 0 4 255 0 1 0.25 4 7\n');
    const read = [
      (change: Mutation) => readColmapPointsBinary(mutate(binary.done(), change), 'points3D.bin'),
      (change: Mutation) => readColmapPointsText(mutate(text, change), 'points3D.txt'),
    ];
    fc.assert(
      fc.property(mutation, fc.constantFrom(...read), (change, action) => {
        try {
          const points = action(change);
          expect(points.positions.length).toBe(points.count * 3);
          expect(points.trackStarts[points.count]).toBe(points.trackImageIds.length);
        } catch (error) {
          if (!(error instanceof ImportError)) throw error;
        }
      }),
      { numRuns: RUNS, seed: 20 },
    );
  });
});
