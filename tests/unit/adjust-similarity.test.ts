import { describe, expect, it } from 'vitest';
import { createRandom } from '../../engine/math/random.js';
import type { Mat3, RigidTransform, Vec3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, multiplyMatVec, transposeMat } from '../../engine/math/rigid-transform.js';
import type { Similarity } from '../../engine/poses/align-similarity.js';
import { alignCameras, fitSimilarity, moveCamera, transformBySimilarity } from '../../engine/poses/align-similarity.js';
import { medianRotation, vectorOfRotation } from '../../engine/poses/average-rotations.js';
import { compareCameras, comparePairRotations, measureExtent } from '../../engine/poses/compare-cameras.js';
import { median } from '../../engine/math/median.js';
import { rotationOfVector } from '../../engine/math/rotation-vector.js';
import { ShapeError } from '../../engine/scene/errors.js';
import { arcOfCameras, cameraAt, centreOf, gauss, LENS, pixelOf, turnAbout } from '../fixtures/synthetic-bundle.js';

const IDENTITY: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];
const KNOWN: Similarity = { scale: 2.5, rotation: turnAbout([1, 2, -0.5], 2.1), translation: [3, -4, 10] };

function expectSimilarity(found: Similarity | undefined, expected: Similarity, digits = 9): void {
  expect(found).toBeDefined();
  expect(found!.scale).toBeCloseTo(expected.scale, digits);
  found!.rotation.forEach((v, k) => expect(v).toBeCloseTo(expected.rotation[k]!, digits));
  found!.translation.forEach((v, k) => expect(v).toBeCloseTo(expected.translation[k]!, digits));
}

function cloud(count: number, seed = 1): Float64Array {
  const random = createRandom(seed);
  return new Float64Array(3 * count).map(() => gauss(random));
}

function carry(similarity: Similarity, points: Float64Array): Float64Array {
  return Float64Array.from({ length: points.length }, (_, i) => {
    const at = 3 * Math.floor(i / 3);
    return transformBySimilarity(similarity, [points[at]!, points[at + 1]!, points[at + 2]!])[i % 3]!;
  });
}

describe('a similarity of points', () => {
  it('is found again', () => {
    const source = cloud(10);
    const fit = fitSimilarity(source, carry(KNOWN, source));
    expectSimilarity(fit?.targetFromSource, KNOWN);
    expect(fit?.kept).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const flat = source.map((v, i) => (i % 3 === 2 ? 0 : v));
    expectSimilarity(fitSimilarity(flat, carry(KNOWN, flat))?.targetFromSource, KNOWN);
    const three = source.slice(0, 9);
    expectSimilarity(fitSimilarity(three, carry(KNOWN, three))?.targetFromSource, KNOWN);
  });

  it('turns a flat mirror image over', () => {
    // In the plane no turn does it (the example of Umeyama's section IV); in space half a turn about y does, exactly.
    const source = [0, 0, 0, 1, 0, 0, 0, 2, 0];
    const target = [0, 0, 0, -1, 0, 0, 0, 2, 0];
    const fit = fitSimilarity(source, target)!.targetFromSource;
    expectSimilarity(fit, { scale: 1, rotation: [-1, 0, 0, 0, 1, 0, 0, 0, -1], translation: [0, 0, 0] });
  });

  it('never mirrors', () => {
    const source = cloud(20);
    const mirrored = source.map((v, i) => (i % 3 === 0 ? -v : v));
    const { rotation } = fitSimilarity(source, mirrored)!.targetFromSource;
    const [a, b, c] = [0, 3, 6].map((k) => rotation.slice(k, k + 3)) as [number[], number[], number[]];
    const triple =
      a[0]! * (b[1]! * c[2]! - b[2]! * c[1]!) -
      a[1]! * (b[0]! * c[2]! - b[2]! * c[0]!) +
      a[2]! * (b[0]! * c[1]! - b[1]! * c[0]!);
    expect(triple).toBeCloseTo(1, 10);
  });

  it("has the scale of least squares, not that of the sets' sizes", () => {
    // Corners x = (±1, ±1, 0), σ² = 2. For y = 3 x: c = tr(Σ) / σ² = 6 / 2.
    const source = [1, 1, 0, 1, -1, 0, -1, 1, 0, -1, -1, 0];
    const target = source.map((v) => 3 * v);
    expect(fitSimilarity(source, target)!.targetFromSource.scale).toBeCloseTo(3, 12);
    // Two opposite corners have y = x instead: tr(Σ) = (3 · 2 + 3 · 2 + 2 + 2) / 4 = 4, c = 2; by sizes it were √(10 / 2) = 2.24.
    const pulled = target.map((v, i) => (i < 3 || i >= 9 ? v / 3 : v));
    expect(fitSimilarity(source, pulled)!.targetFromSource.scale).toBeCloseTo(2, 12);
  });

  it('is not made up where it is not determined', () => {
    const line = [0, 0, 0, 1, 2, 3, 2, 4, 6, 3, 6, 9];
    expect(fitSimilarity(line, line)).toBeNull();
    expect(fitSimilarity([1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1])).toBeNull();
    expect(fitSimilarity([], [])).toBeNull();
    expect(fitSimilarity([0, 0, 0, 1, 0, 0], [0, 0, 0, 1, 0, 0])).toBeNull();
    const corners = [1, 0, 0, 0, 1, 0, 0, 0, 1, -1, 0, 0, 0, -1, 0, 0, 0, -1];
    // Three equal spreads and a mirror: every axis is as good to flip.
    expect(
      fitSimilarity(
        corners,
        corners.map((v) => -v),
      ),
    ).toBeNull();
  });

  it('leaves NaN out and refuses lists that do not fit', () => {
    const source = cloud(8);
    const target = carry(KNOWN, source);
    target[4] = NaN;
    const fit = fitSimilarity(source, target);
    expectSimilarity(fit?.targetFromSource, KNOWN);
    expect(fit?.kept).not.toContain(1);
    expect(() => fitSimilarity([1, 2, 3], [1, 2])).toThrow(ShapeError);
    expect(() => fitSimilarity(source, target, 0)).toThrow(ShapeError);
  });

  it('withstands wild pairs when trimmed', () => {
    const source = cloud(30);
    const target = carry(KNOWN, source);
    const random = createRandom(2);
    const wild = [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28];
    for (const i of wild) for (let k = 0; k < 3; k++) target[3 * i + k]! += 30 * gauss(random);
    const fit = fitSimilarity(source, target, 0.6);
    expectSimilarity(fit?.targetFromSource, KNOWN, 7);
    expect(fit!.kept).toHaveLength(18);
    expect(fit!.kept.filter((i) => wild.includes(i))).toEqual([]);
    expect(Math.abs(fitSimilarity(source, target)!.targetFromSource.scale - 2.5)).toBeGreaterThan(0.05);
  });
});

describe('a similarity of cameras', () => {
  const cameras = arcOfCameras(6);
  const moved = cameras.map((camera) => moveCamera(KNOWN, camera));

  it('carries a camera so that its photo stays the same', () => {
    const point: Vec3 = [0.3, -0.2, 0.4];
    const before = pixelOf(LENS, cameras[2]!, point);
    const after = pixelOf(LENS, moved[2]!, transformBySimilarity(KNOWN, point));
    expect(after[0]).toBeCloseTo(before[0], 8);
    expect(after[1]).toBeCloseTo(before[1], 8);
  });

  it('comes from the centres where they tell the turn', () => {
    const alignment = alignCameras(cameras, moved);
    expect(alignment).toMatchObject({ turnFrom: 'centres', isScaleKnown: true });
    expectSimilarity(alignment?.targetFromSource, KNOWN);
  });

  it.each([2, 5])('comes from the turns of cameras when %i centres are on a line', (count) => {
    const onLine = Array.from({ length: count }, (_, i) =>
      cameraAt(turnAbout([0.1 * i, 1, 0.3], 0.2 * i), [0.5 + i * i, 2 * i * i, -i * i]),
    );
    const alignment = alignCameras(
      onLine,
      onLine.map((camera) => moveCamera(KNOWN, camera)),
    );
    expect(alignment).toMatchObject({ turnFrom: 'cameras', isScaleKnown: true });
    expectSimilarity(alignment?.targetFromSource, KNOWN);
  });

  it('does so with one wild camera of five on a line', () => {
    const onLine = Array.from({ length: 5 }, (_, i) => cameraAt(turnAbout([0, 1, 0.3], 0.2 * i), [i, 0, 0]));
    const target = onLine.map((camera) => moveCamera(KNOWN, camera));
    target[2] = cameraAt(turnAbout([1, 0, 0], 2), centreOf(target[2]!));
    target[3] = cameraAt(target[3]!.rotation, [60, 60, -10]);
    expectSimilarity(alignCameras(onLine, target, 0.6)?.targetFromSource, KNOWN, 6);
  });

  it('has the scale 1 in a single place', () => {
    const one = [cameraAt(turnAbout([0, 1, 0], 0.4), [1, 2, 3])];
    const alignment = alignCameras(one, [moveCamera(KNOWN, one[0]!)]);
    expect(alignment).toMatchObject({ turnFrom: 'cameras', isScaleKnown: false });
    expect(alignment!.targetFromSource.scale).toBe(1);
    const centre = transformBySimilarity(alignment!.targetFromSource, [1, 2, 3]);
    const expected = transformBySimilarity(KNOWN, [1, 2, 3]);
    centre.forEach((v, k) => expect(v).toBeCloseTo(expected[k]!, 9));
    expect(alignCameras([one[0]!, one[0]!], [one[0]!, one[0]!])).toMatchObject({ isScaleKnown: false });
  });

  it('leaves out what was not placed', () => {
    const broken: RigidTransform = { rotation: [NaN, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };
    const alignment = alignCameras([null, broken, ...cameras.slice(2)], moved);
    expectSimilarity(alignment?.targetFromSource, KNOWN);
    expect(alignment?.kept).toEqual([2, 3, 4, 5]);
    expect(alignCameras([null], [cameras[0]!])).toBeNull();
    expect(alignCameras([], [])).toBeNull();
    expect(() => alignCameras(cameras, [])).toThrow(ShapeError);
  });
});

describe('the comparison of cameras', () => {
  const reference = arcOfCameras(7);

  it('finds nothing between worlds that differ by a similarity', () => {
    const comparison = compareCameras(
      reference.map((camera) => moveCamera(KNOWN, camera)),
      reference,
    );
    expect(comparison.comparedCount).toBe(7);
    for (const error of comparison.rotationErrorsRad) expect(error).toBeLessThan(1e-7);
    expect(comparison.pairRotationErrorsRad).toHaveLength(21);
    for (const error of comparison.pairRotationErrorsRad) expect(error).toBeLessThan(1e-7);
    expect(comparison.medianCentrePercent).toBeLessThan(1e-8);
    expect(comparison.rmsCentrePercent).toBeLessThan(1e-8);
  });

  it('finds the one camera that is turned, by how much, and in its pairs alone', () => {
    const estimated = reference.map((camera) => moveCamera(KNOWN, camera));
    const turned = multiplyMat(turnAbout([0, 0, 1], 0.3), estimated[2]!.rotation);
    estimated[2] = cameraAt(turned, centreOf(estimated[2]!));
    const comparison = compareCameras(estimated, reference);
    comparison.rotationErrorsRad.forEach((error, i) => expect(error).toBeCloseTo(i === 2 ? 0.3 : 0, 6));
    expect(comparison.medianRotationRad).toBeLessThan(1e-6);
    const large = [...comparison.pairRotationErrorsRad].filter((error) => Math.abs(error - 0.3) < 1e-6);
    expect(large).toHaveLength(6);
    expect(comparison.medianPairRotationRad).toBeLessThan(1e-6);
  });

  it('measures centres in % of the longest distance of references', () => {
    // A square of side 1 (diagonal √2) in the plane; one corner is lifted by h. By symmetry the fit's residuals stay below h, and a fit that
    // keeps three of the four leaves exactly h.
    const corners: Vec3[] = [
      [0, 0, 0],
      [1, 0, 0],
      [1, 1, 0],
      [0, 1, 0],
    ];
    const square = corners.map((centre) => cameraAt(IDENTITY, centre));
    const lifted = corners.map((centre, i) => cameraAt(IDENTITY, i === 3 ? [0, 1, 0.1] : centre));
    expect(measureExtent(square)).toBeCloseTo(Math.SQRT2, 12);
    const trimmed = compareCameras(lifted, square, 0.75);
    expect(trimmed.centreErrorsPercent[3]).toBeCloseTo(10 / Math.SQRT2, 8);
    expect(trimmed.medianCentrePercent).toBeCloseTo(0, 8);
    expect(trimmed.rmsCentrePercent).toBeCloseTo(10 / Math.SQRT2 / 2, 8);
    const whole = compareCameras(lifted, square);
    expect(whole.rmsCentrePercent).toBeLessThan(trimmed.rmsCentrePercent);
    expect(whole.rmsCentrePercent).toBeGreaterThan(0.5);
  });

  it('leaves out what was not placed, and knows of nothing', () => {
    const estimated = reference.map((camera, i) => (i === 1 ? null : camera));
    const comparison = compareCameras(estimated, reference);
    expect(comparison.comparedCount).toBe(6);
    expect(comparison.rotationErrorsRad[1]).toBeNaN();
    expect(comparison.centreErrorsPercent[1]).toBeNaN();
    expect(comparison.pairRotationErrorsRad).toHaveLength(15);
    const nothing = compareCameras([], []);
    expect(nothing).toMatchObject({ comparedCount: 0, alignment: null, extent: 0 });
    expect(nothing.medianCentrePercent).toBeNaN();
    expect(comparePairRotations([null, null], [null, null])).toHaveLength(0);
  });
});

describe('rotations as vectors', () => {
  it('invert the exponential, from 0 to π', () => {
    const random = createRandom(4);
    for (const angle of [0, 1e-13, 1e-9, 1e-4, 1, 3, Math.PI - 1e-9]) {
      const axis = [gauss(random), gauss(random), gauss(random)] as Vec3;
      const v = axis.map((x) => (angle * x) / Math.hypot(...axis)) as Vec3;
      vectorOfRotation(rotationOfVector(v)).forEach((x, k) => expect(x).toBeCloseTo(v[k]!, 8));
    }
    const half = vectorOfRotation([-1, 0, 0, 0, -1, 0, 0, 0, 1]);
    expect(Math.abs(half[2])).toBeCloseTo(Math.PI, 12);
    expect(vectorOfRotation([NaN, 0, 0, 0, 1, 0, 0, 0, 1]).some(Number.isNaN)).toBe(true);
  });

  it('have a median that two wild ones of five do not move', () => {
    const truth = turnAbout([1, 1, 0], 0.8);
    const wild = [turnAbout([0, 0, 1], 2), turnAbout([1, 0, 0], -2)];
    const median = medianRotation([truth, wild[0]!, truth, wild[1]!, truth])!;
    median.forEach((v, k) => expect(v).toBeCloseTo(truth[k]!, 8));
    // Turns about one axis: the median of angles.
    const about = [0.1, 0.2, 0.35, 0.9, 1.7].map((angle) => turnAbout([0, 1, 0], angle));
    const middle = medianRotation(about)!;
    expect(vectorOfRotation(middle)[1]).toBeCloseTo(0.35, 7);
    expect(multiplyMatVec(transposeMat(middle), multiplyMatVec(middle, [1, 2, 3]))[2]).toBeCloseTo(3, 10);
    expect(medianRotation([])).toBeNull();
    expect(medianRotation([[NaN, 0, 0, 0, 1, 0, 0, 0, 1]])).toBeNull();
  });

  it('and numbers, too', () => {
    expect(median([3, NaN, 1, 2])).toBe(2);
    expect(median([4, 1])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});
