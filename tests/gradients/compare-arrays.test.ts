import { describe, expect, it } from 'vitest';
import type { Agreement } from '../fixtures/compare-arrays.js';
import { assertArraysAgree, compareArrays } from '../fixtures/compare-arrays.js';

const TIGHT: Agreement = { absolute: 1e-3, relative: 0.5, magnitude: 0.01, direction: 1e-3, bias: 0.01 };
const check = (actual: number[], expected: number[], agreement: Agreement = TIGHT) => {
  return () => assertArraysAgree('x', actual, expected, agreement);
};

describe('comparison of arrays', () => {
  it('measures a hand-worked pair', () => {
    const comparison = compareArrays([3, 4, 0], [0, 4, 3], { absolute: 1, relative: 0 });
    expect(comparison).toMatchObject({ outliers: 2, worstIndex: 0, largestError: 3, magnitudeRatio: 1, bias: 0 });
    expect(comparison.directionError).toBeCloseTo(1 - 16 / 25, 15);
    expect(compareArrays([2, -2], [1, -3], { absolute: 0, relative: 0 }).bias).toBe(0.5);
  });

  it('accepts equal arrays, also empty and all-zero ones', () => {
    expect(check([1, -2, 3], [1, -2, 3])).not.toThrow();
    expect(check([], [])).not.toThrow();
    expect(check([0, 0], [0, 0])).not.toThrow();
  });

  it('refuses arrays of different lengths', () => {
    expect(check([1, 2], [1])).toThrow('2 numbers instead of 1');
  });

  it('catches a gradient that is always zero, whatever the element-wise tolerance', () => {
    const loose = { ...TIGHT, absolute: 0, relative: 1 };
    expect(check([0, 0, 0], [1e-5, -2e-5, 3e-5], loose)).toThrow('magnitude is 0');
  });

  it('catches a wrong factor, a permutation and a constant drift that each element tolerates', () => {
    expect(check([1.1, -2.2, 3.3], [1, -2, 3])).toThrow('magnitude');
    expect(check([1.3, 1], [1, 1.3])).toThrow('cosine');
    const expected = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const drifting = expected.map((value) => value + 0.02);
    expect(check(drifting, expected)).toThrow('signed bias');
  });

  it('catches one bad element among many good ones, unless outliers are allowed', () => {
    const expected = Array.from({ length: 1000 }, (_, i) => Math.sin(i));
    const actual = expected.map((value, i) => (i === 500 ? value + 0.6 : value));
    const blind = { ...TIGHT, magnitude: 1, direction: 1, bias: 1 };
    expect(check(actual, expected, blind)).toThrow('worst [500]');
    expect(check(actual, expected, { ...blind, outlierShare: 0.001 })).not.toThrow();
  });

  it('never accepts NaN or Infinity', () => {
    expect(check([NaN], [1])).toThrow('NaN');
    expect(check([1], [NaN])).toThrow();
    expect(check([Infinity], [1])).toThrow('Infinity');
    expect(check([NaN, 1, 1, 1], [1, 1, 1, 1], { ...TIGHT, outlierShare: 1 })).toThrow('NaN');
  });

  it('does not judge the direction of rounding noise', () => {
    expect(check([1e-9, -1e-9], [-1e-9, 1e-9])).not.toThrow();
    expect(check([0.1, 0], [0, 0])).toThrow('2 elements differ');
  });
});
