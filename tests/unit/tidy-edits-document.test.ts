import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { determinant, multiplyMat, multiplyMatVec, transposeMat } from '../../engine/math/rigid-transform.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { EditsDocument } from '../../engine/scene/edits-document.js';
import {
  decodeBase64,
  decodeEdits,
  encodeBase64,
  encodeEdits,
  fingerprintSplats,
  hiddenByEdits,
  packBits,
  unpackBits,
  uprightRotation,
} from '../../engine/scene/edits-document.js';
import { ImportError } from '../../engine/scene/errors.js';
import { createSplats } from '../../engine/scene/splats.js';

const EDITS: EditsDocument = {
  sceneId: 's',
  count: 10,
  fingerprint: 'f',
  hidden: Uint8Array.from([1, 0, 0, 1, 0, 0, 0, 0, 1, 1]),
  removed: Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
  crop: { min: [-1, -2, -3], max: [1, 2, 3], up: [0, -1, 0] },
};

function changed(change: Record<string, unknown>): string {
  return JSON.stringify({ ...(JSON.parse(encodeEdits(EDITS)) as object), ...change });
}

function refusal(text: string): string {
  try {
    decodeEdits(text);
    return 'read';
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    return `${error.code} ${error.where}`.trim();
  }
}

describe('bit sets', () => {
  it('put Gaussian i into bit i mod 8 of byte i / 8', () => {
    expect([...packBits(EDITS.hidden)]).toEqual([0b00001001, 0b00000011]);
    expect([...unpackBits(Uint8Array.from([0b10000000, 1]), 9)]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(packBits(new Uint8Array(0))).toHaveLength(0);
    expect(() => unpackBits(new Uint8Array(1), 9)).toThrow('9 bits');
  });

  it('are base64 as the platform writes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(encodeBase64(bytes)).toBe(text);
        expect(decodeBase64(text)).toEqual(bytes);
      }),
    );
    // More than one part of the text.
    const long = Uint8Array.from({ length: 100_001 }, (_, i) => (i * 7) & 255);
    expect(encodeBase64(long)).toBe(Buffer.from(long).toString('base64'));
  });

  it('are refused when they are no base64', () => {
    for (const text of ['A', 'AA=A', 'AAA*', 'AAAé', '====']) expect(decodeBase64(text), text).toBeNull();
  });
});

describe("the edits' document", () => {
  it('comes back as it went', () => {
    expect(decodeEdits(encodeEdits(EDITS))).toEqual(EDITS);
    const alike = { ...EDITS, removed: EDITS.hidden, crop: null };
    expect(decodeEdits(encodeEdits(alike))).toEqual(alike);
  });

  it('names the field that is wrong', () => {
    expect(refusal('{')).toBe('malformed');
    expect(refusal('[]')).toBe('malformed format');
    expect(refusal(changed({ version: 2 }))).toBe('unsupported version');
    expect(refusal(changed({ count: -1 }))).toBe('malformed count');
    // A count that would ask for a gigabyte does not fit the few bytes that stand there.
    expect(refusal(changed({ count: 49_000_000 }))).toBe('malformed hidden');
    expect(refusal(changed({ count: 1e15 }))).toBe('malformed count');
    expect(refusal(changed({ hidden: 'AAAAAAAA' }))).toBe('malformed hidden');
    expect(refusal(changed({ crop: { min: [1, 0, 0], max: [0, 1, 1], up: [0, 1, 0] } }))).toBe('malformed crop');
    expect(refusal(changed({ crop: { min: [0, 0, 0], max: [1, 1, 1], up: [0, 2, 0] } }))).toBe('malformed crop');
  });

  it('throws nothing but ImportError, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => refusal(text) !== ''),
      { numRuns: 300 },
    );
    const fields = ['version', 'count', 'sceneId', 'fingerprint', 'hidden', 'removed', 'crop'];
    fc.assert(
      fc.property(
        fc.constantFrom(...fields),
        fc.jsonValue(),
        (field, value) => refusal(changed({ [field]: value })) !== '',
      ),
      { numRuns: 500 },
    );
  });

  it('hides only in the scene that it was made for', () => {
    const splats = createSplats(10, 0);
    splats.means.set([1, 2, 3], 6);
    const text = encodeEdits({ ...EDITS, fingerprint: fingerprintSplats(splats) });
    expect(hiddenByEdits(text, splats)).toEqual(EDITS.hidden);
    const moved = createSplats(10, 0);
    moved.means.set([1, 2, 3.001], 6);
    expect(hiddenByEdits(text, moved)).toBeNull();
    expect(hiddenByEdits(text, createSplats(11, 0))).toBeNull();
    expect(hiddenByEdits('nonsense', splats)).toBeNull();
    expect(hiddenByEdits(null, splats)).toBeNull();
  });
});

describe('the upright frame', () => {
  it('has the given direction as its y axis and is a rotation', () => {
    const directions: Vec3[] = [
      [0, 1, 0],
      [0, -1, 0],
      [1, 0, 0],
      [0, 0, -1],
      [0.6, -0.8, 0],
      [0.36, 0.48, -0.8],
    ];
    for (const up of directions) {
      const r = uprightRotation(up);
      multiplyMatVec(r, [0, 1, 0]).forEach((value, i) => expect(value).toBeCloseTo(up[i]!, 12));
      expect(determinant(r)).toBeCloseTo(1, 12);
      multiplyMat(r, transposeMat(r)).forEach((value, i) => expect(value).toBeCloseTo(i % 4 === 0 ? 1 : 0, 12));
    }
  });

  it('of −y turns half way about x', () => {
    expect(multiplyMatVec(uprightRotation([0, -1, 0]), [1, 2, 3]).map((value) => value + 0)).toEqual([1, -2, -3]);
  });
});
