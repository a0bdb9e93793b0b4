import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSplats } from '../../engine/scene/splats.js';
import { findOutside, fitCrop, moveFace } from '../../renderer/viewer/tools/crop.js';
import {
  applyChange,
  changeBetween,
  changeBytes,
  combineSelection,
  countMarked,
  exclude,
  invertSelection,
} from '../../renderer/viewer/tools/masks.js';

const bits = (text: string): Uint8Array => Uint8Array.from(text, Number);

describe('selecting', () => {
  const selected = bits('110000');
  const found = bits('011010');
  const hidden = bits('000010');

  it('replaces, adds and subtracts, and never takes what is hidden', () => {
    expect(combineSelection(selected, found, 'replace', hidden)).toEqual(bits('011000'));
    expect(combineSelection(selected, found, 'add', hidden)).toEqual(bits('111000'));
    expect(combineSelection(selected, found, 'subtract', hidden)).toEqual(bits('100000'));
    expect(selected).toEqual(bits('110000'));
  });

  it('inverts among what is shown', () => {
    expect(invertSelection(selected, hidden)).toEqual(bits('001101'));
    expect(countMarked(bits('101101'))).toBe(4);
  });

  it('counts without what is hidden', () => {
    expect(exclude(bits('110010'), hidden)).toEqual(bits('110000'));
  });
});

describe('changes of a mask', () => {
  it('lead there and back, in whichever form', () => {
    const mask = fc.uint8Array({ minLength: 200, maxLength: 200, max: 1 });
    fc.assert(
      fc.property(mask, mask, fc.boolean(), (a, b, isSparse) => {
        // A sparse change: but for two places, the same.
        const after = isSparse ? a.map((value, i) => (i === 3 || i === 150 ? value ^ 1 : value)) : b;
        const change = changeBetween(a, after);
        expect(change.kind).toBe(isSparse || changeBetweenCount(a, after) * 32 < 200 ? 'indices' : 'bits');
        expect(applyChange(a, change)).toEqual(after);
        expect(applyChange(after, change)).toEqual(a);
      }),
    );
  });

  it('cost what differs, at most a bit for each', () => {
    const none = new Uint8Array(8000);
    const few = none.map((_, i) => (i < 3 ? 1 : 0));
    expect(changeBytes(changeBetween(none, few))).toBe(12);
    expect(
      changeBytes(
        changeBetween(
          none,
          none.map(() => 1),
        ),
      ),
    ).toBe(1000);
  });
});

function changeBetweenCount(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, value, i) => sum + (value === b[i] ? 0 : 1), 0);
}

describe('the crop box', () => {
  const splats = createSplats(5, 0);
  splats.means.set([0, 0, 0, 2, 0, 0, 0, -3, 0, 0, 0, 5, NaN, 0, 0]);

  it('keeps what lies inside, along its own axes', () => {
    // Up is −y: the box's y is the scene's −y, its z the scene's −z.
    const crop = { min: [-1, -1, -1], max: [1, 4, 1], up: [0, -1, 0] } as const;
    expect([...findOutside(splats, { ...crop, min: [-1, -1, -1], max: [1, 4, 1], up: [0, -1, 0] })]).toEqual([
      0, 1, 0, 1, 1,
    ]);
    expect([...findOutside(splats, { min: [-1, -1, -6], max: [3, 4, 1], up: [0, -1, 0] })]).toEqual([0, 0, 0, 0, 1]);
    expect([...findOutside(splats, { min: [-1, -1, -1], max: [1, 4, 6], up: [0, 1, 0] })]).toEqual([0, 1, 1, 0, 1]);
  });

  it('is fitted around the scene without its strays', () => {
    const many = createSplats(1000, 0);
    for (let i = 0; i < 1000; i++) many.means.set([(i % 10) / 10, ((i / 10) % 10) / 10, i / 1000], i * 3);
    many.means.set([500, -500, 500], 0);
    const crop = fitCrop(many, null, [0, 1, 0]);
    for (const axis of [0, 1, 2]) {
      expect(crop.min[axis]).toBeGreaterThan(-0.2);
      expect(crop.max[axis]).toBeLessThan(1.2);
    }
    expect(countMarked(findOutside(many, crop))).toBeLessThan(20);
  });

  it('has faces that never pass each other', () => {
    const crop = {
      min: [0, 0, 0] as [number, number, number],
      max: [1, 1, 1] as [number, number, number],
      up: [0, 1, 0] as [number, number, number],
    };
    expect(moveFace(crop, 1, 'min', 3).min).toEqual([0, 1, 0]);
    expect(moveFace(crop, 2, 'max', 0.25).max).toEqual([1, 1, 0.25]);
  });
});
