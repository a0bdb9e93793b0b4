/** Damaged splat files are errors with words, never anything else. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSplatGlb } from '../../engine/formats/read-splat-glb.js';
import { markUsableSplats } from '../../engine/formats/splat-validity.js';
import { ImportError } from '../../engine/scene/errors.js';
import { checkSplatFile } from '../../host/splat-formats/check-splat-file.js';
import type { ReadFormat } from '../../host/splat-formats/format-names.js';
import { openSplats } from '../../host/splat-formats/open-splats.js';

const DATA = fileURLToPath(new URL('../../../shared/data/splats', import.meta.url));
const hasData = existsSync(DATA);
if (!hasData) console.log(`SKIPPED: damaging other tools' splat files: ${DATA} is not there`);

const RUNS = 300;
const mutation = fc.record({
  overwrite: fc.array(fc.tuple(fc.nat(1 << 16), fc.oneof(fc.nat(255), fc.constantFrom(0, 255, 0x7f, 0x39))), {
    maxLength: 6,
  }),
  keep: fc.oneof(
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
});

/** Damage falls on the first `reach` bytes, where the structure is. */
function mutate(
  original: Uint8Array,
  { overwrite, keep }: { overwrite: [number, number][]; keep: number },
  reach: number,
) {
  const bytes = original.slice(0, Math.ceil(original.length * keep));
  for (const [at, value] of overwrite) if (bytes.length > 0) bytes[at % Math.min(reach, bytes.length)] = value;
  return bytes;
}

function expectImportErrorOrNothing(work: () => void): void {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ImportError);
  }
}

/** A small glTF with one splat, made by hand. */
function glb(change: (gltf: Record<string, unknown>) => void = () => undefined): Uint8Array {
  const floats = Float32Array.of(1, 2, 3, 0, 0, 0, 1, 0.5, 0.5, 0.25, 0.75, 0.1, 0.2, 0.3);
  const lengths = { POSITION: 3, ROTATION: 4, SCALE: 3, OPACITY: 1, SH_DEGREE_0_COEF_0: 3 };
  const names = Object.keys(lengths).map((name) => (name === 'POSITION' ? name : `KHR_gaussian_splatting:${name}`));
  let offset = 0;
  const bufferViews = Object.values(lengths).map((length) => {
    const view = { buffer: 0, byteOffset: offset, byteLength: length * 4 };
    offset += length * 4;
    return view;
  });
  const gltf: Record<string, unknown> = {
    asset: { version: '2.0' },
    extensionsUsed: ['KHR_gaussian_splatting'],
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0, translation: [10, 0, 0], scale: [2, 2, 2] }],
    bufferViews,
    accessors: Object.values(lengths).map((length, bufferView) => {
      return { bufferView, componentType: 5126, count: 1, type: length === 1 ? 'SCALAR' : `VEC${length}` };
    }),
    meshes: [
      {
        primitives: [
          {
            attributes: Object.fromEntries(names.map((name, i) => [name, i])),
            extensions: { KHR_gaussian_splatting: {} },
          },
        ],
      },
    ],
  };
  change(gltf);
  const json = JSON.stringify(gltf);
  const padded = Buffer.from(json.padEnd(Math.ceil(json.length / 4) * 4));
  const bytes = Buffer.alloc(28 + padded.length + floats.byteLength);
  [0x46546c67, 2, bytes.length, padded.length, 0x4e4f534a].forEach((value, i) => bytes.writeUInt32LE(value, i * 4));
  padded.copy(bytes, 20);
  bytes.writeUInt32LE(floats.byteLength, 20 + padded.length);
  bytes.writeUInt32LE(0x004e4942, 24 + padded.length);
  Buffer.from(floats.buffer).copy(bytes, 28 + padded.length);
  return new Uint8Array(bytes);
}

describe('binary glTF', () => {
  it('one splat worked by hand: node applied, axes turned, logarithm and logit taken', () => {
    const { splats } = readSplatGlb(glb(), 'x.glb');
    // 2 · (1, 2, 3) + (10, 0, 0) = (12, 4, 6); left-up-forward to right-down-forward.
    expect([...splats.means]).toEqual([-12, -4, 6]);
    [0, 0, Math.log(0.5)].forEach((value, i) => expect(splats.logScales[i]).toBeCloseTo(value, 6));
    expect(splats.rawOpacities[0]).toBeCloseTo(Math.log(3), 5);
    // The identity, turned half about z.
    expect([...splats.quats].map((v) => Math.abs(Math.round(v * 1e6) / 1e6))).toEqual([0, 0, 0, 1]);
    expect(splats.shCoeffs[2]).toBeCloseTo(0.3, 6);
  });

  it.each<[string, (gltf: Record<string, unknown>) => void, RegExp]>([
    ['stretching nodes', (g) => (g['nodes'] = [{ mesh: 0, scale: [1, 2, 1] }]), /stretches/],
    ['mirrors', (g) => (g['nodes'] = [{ mesh: 0, scale: [-1, -1, -1] }]), /mirrors/],
    ['nodes in a circle', (g) => (g['nodes'] = [{ children: [0] }]), /two places/],
    ['no splats', (g) => (g['meshes'] = [{ primitives: [{ attributes: {} }] }]), /no Gaussian splats/],
    ['compression', (g) => (g['extensionsUsed'] = ['KHR_gaussian_splatting_compression_spz_2']), /compressed/],
    ['numbers elsewhere', (g) => (g['bufferViews'] = [{ buffer: 1, byteLength: 12 }]), /not in this file/],
    ['huge counts', (g) => ((g['accessors'] as { count: number }[])[0]!.count = 2 ** 40), /shorter/],
  ])('refuses %s in words', (_name, change, problem) => {
    expect(() => readSplatGlb(glb(change), 'x.glb')).toThrow(problem);
  });

  it('damaged anywhere: splats that are finite, or an ImportError', () => {
    const original = glb();
    fc.assert(
      fc.property(mutation, (damage) => {
        expectImportErrorOrNothing(() => {
          const { splats } = readSplatGlb(mutate(original, damage, original.length), 'x.glb');
          expect(markUsableSplats(splats).length).toBe(splats.count);
        });
      }),
      { numRuns: RUNS },
    );
  });
});

describe.skipIf(!hasData)('files of other tools, damaged', () => {
  const FILES: [string, ReadFormat][] = [
    ['minimal-v3.spz', 'spz'],
    ['minimal-v4.spz', 'spz'],
    ['minimal.splat', 'splat'],
    ['minimal.ksplat', 'ksplat'],
    ['test.ply', 'compressed-ply'],
    ['biker.sog', 'sog'],
  ];

  it.each(FILES)('%s: what can be told at once is told in words', (name, format) => {
    const original = new Uint8Array(readFileSync(join(DATA, name)));
    fc.assert(
      fc.property(mutation, (damage) => {
        expectImportErrorOrNothing(() => checkSplatFile(mutate(original, damage, 4096), format, name));
      }),
      { numRuns: format === 'sog' ? 20 : RUNS },
    );
  });

  it('the rest is stopped in its own process', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vantage-damaged-'));
    try {
      const damages: [string, (bytes: Uint8Array) => Uint8Array][] = [
        ['minimal-v4.spz', (bytes) => bytes.subarray(0, 150)],
        ['minimal-v3.spz', (bytes) => bytes.map((byte, i) => (i > 30 ? byte ^ 0x10 : byte))],
        ['minimal.ksplat', (bytes) => bytes.map((byte, i) => (i === 4096 ? 255 : byte))],
        ['biker.sog', (bytes) => bytes.map((byte, i) => (i > 1000 && i % 997 === 0 ? byte ^ 0xff : byte))],
      ];
      for (const [name, damage] of damages) {
        const path = join(folder, name);
        await writeFile(path, damage(new Uint8Array(readFileSync(join(DATA, name)))));
        const outcome: unknown = await openSplats(path).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ImportError);
        else {
          const { splats } = outcome as { splats: Parameters<typeof markUsableSplats>[0] };
          expect(markUsableSplats(splats).length).toBe(splats.count);
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
