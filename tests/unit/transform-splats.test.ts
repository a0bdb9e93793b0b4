import { describe, expect, it } from 'vitest';
import {
  GLTF_FROM_PLY,
  quaternionOfRotation,
  rotationOfQuaternion,
  rotationToUpAxis,
  SPZ_FROM_PLY,
} from '../../engine/math/conventions.js';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { determinant, multiplyMat, multiplyMatVec, transposeMat } from '../../engine/math/rigid-transform.js';
import { rotateShBands } from '../../engine/math/sh-rotation.js';
import type { Camera } from '../../engine/scene/camera.js';
import { ShapeError } from '../../engine/scene/errors.js';
import { createSplats } from '../../engine/scene/splats.js';
import type { SimilarityTransform } from '../../engine/scene/transform-splats.js';
import { filterSplats, limitShDegree, transformSplats, usedShDegree } from '../../engine/scene/transform-splats.js';
import { createReferenceBackend } from '../../engine/splatting/reference/reference-backend.js';
import { evaluateShBasis } from '../../engine/splatting/reference/spherical-harmonics.js';
import { createAskewCamera, createRandom, createRandomSplats, DEFAULT_RECIPE } from '../fixtures/random-splats.js';

const IDENTITY: Mat3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];
/** x → y → z → x: a third of a turn about the diagonal. */
const CYCLE: Mat3 = [0, 0, 1, 1, 0, 0, 0, 1, 0];
const ROTATIONS: [string, Mat3][] = [
  ['none', IDENTITY],
  ['cyclic', CYCLE],
  ['half about x', SPZ_FROM_PLY as Mat3],
  ['half about z', GLTF_FROM_PLY as Mat3],
  ['askew', rotationOfQuaternion([0.3, -0.7, 0.2, 0.61])],
  ['small', rotationOfQuaternion([0.999, 0.01, -0.02, 0.005])],
];

function randomDirection(random: ReturnType<typeof createRandom>): Vec3 {
  const [x, y, z] = [random.normal(), random.normal(), random.normal()];
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function expectRotation(m: Mat3): void {
  expect(determinant(m)).toBeCloseTo(1, 12);
  multiplyMat(m, transposeMat(m)).forEach((value, i) => expect(value).toBeCloseTo(IDENTITY[i] as number, 12));
}

describe('rotation of spherical harmonics', () => {
  it.each(ROTATIONS)(
    '%s: the basis in the turned direction is the matrix times the basis in the first',
    (_, rotation) => {
      const random = createRandom(7);
      const bands = rotateShBands(rotation, 3);
      expect(bands.map((band) => band.length)).toEqual([9, 25, 49]);
      for (let trial = 0; trial < 20; trial++) {
        const direction = randomDirection(random);
        const before = evaluateShBasis(3, direction);
        const after = evaluateShBasis(3, multiplyMatVec(rotation, direction));
        bands.forEach((band, index) => {
          const [width, start] = [2 * index + 3, (index + 1) ** 2];
          for (let row = 0; row < width; row++) {
            let sum = 0;
            for (let column = 0; column < width; column++)
              sum += (band[row * width + column] as number) * (before[start + column] as number);
            expect(sum).toBeCloseTo(after[start + row] as number, 10);
          }
        });
      }
    },
  );
});

describe('transformSplats', () => {
  const splats = createRandomSplats({
    ...DEFAULT_RECIPE,
    count: 15,
    shDegree: 3,
    seed: 11,
    camera: createAskewCamera(24, 18),
  });

  it('moves one Gaussian as worked by hand', () => {
    const one = createSplats(1, 0);
    one.means.set([1, 2, 3]);
    one.quats.set([Math.SQRT1_2, Math.SQRT1_2, 0, 0]);
    one.logScales.set([0, 1, 2]);
    one.rawOpacities[0] = 0.7;
    const moved = transformSplats(one, { rotation: CYCLE, scale: 2, translation: [10, 20, 30] });
    // The cycle takes (1, 2, 3) to (3, 1, 2).
    expect([...moved.means]).toEqual([16, 22, 34]);
    [0, 1, 2].forEach((value, i) => expect(moved.logScales[i]).toBeCloseTo(value + Math.log(2), 6));
    expect(moved.rawOpacities[0]).toBe(one.rawOpacities[0]);
    // The matrices multiply as the quaternions do.
    const expected = multiplyMat(CYCLE, rotationOfQuaternion([1, 1, 0, 0]));
    rotationOfQuaternion([...moved.quats] as [number, number, number, number]).forEach((value, i) =>
      expect(value).toBeCloseTo(expected[i] as number, 6),
    );
  });

  it.each(ROTATIONS)('%s: a camera moved along sees the same picture', async (_, rotation) => {
    const transform: SimilarityTransform = { rotation, scale: 1.7, translation: [3, -2, 0.5] };
    const camera = createAskewCamera(24, 18);
    const { rotation: r, translation: t } = camera.cameraFromWorld;
    // p' = s R p + t', so that r p + t scaled by s is (r Rᵀ) p' + s t − r Rᵀ t'.
    const moved = multiplyMat(r, transposeMat(rotation));
    const shift = multiplyMatVec(moved, transform.translation);
    const movedCamera: Camera = {
      ...camera,
      cameraFromWorld: { rotation: moved, translation: t.map((v, i) => 1.7 * v - (shift[i] as number)) as Vec3 },
    };
    const backend = createReferenceBackend();
    const options = { background: [0.2, 0.1, 0.4] as [number, number, number], shDegree: 3, dilation: 0.3 };
    const before = await backend.render(await backend.createScene(splats, null), camera, options);
    const scene = await backend.createScene(transformSplats(splats, transform), null);
    const after = await backend.render(scene, movedCamera, options);
    let largest = 0;
    before.color.forEach((value, i) => (largest = Math.max(largest, Math.abs(value - (after.color[i] as number)))));
    expect(largest).toBeLessThan(2e-5);
    before.depth.forEach((value, i) => expect(after.depth[i]).toBeCloseTo(1.7 * value, 3));
  });

  it('does not touch its input, and refuses a scale that is no size', () => {
    const copy = structuredClone(splats);
    transformSplats(splats, { rotation: CYCLE, scale: 3, translation: [1, 1, 1] });
    expect(splats).toEqual(copy);
    for (const scale of [0, -1, NaN, Infinity])
      expect(() => transformSplats(splats, { rotation: IDENTITY, scale, translation: [0, 0, 0] })).toThrow(ShapeError);
  });
});

describe('axes', () => {
  it('the frames of SPZ and glTF are turns, never mirrors', () => {
    expectRotation(SPZ_FROM_PLY as Mat3);
    expectRotation(GLTF_FROM_PLY as Mat3);
    // PLY's x right, y down, z forward: glTF has x left, y up, z forward; SPZ x right, y up, z back.
    expect(multiplyMatVec(GLTF_FROM_PLY as Mat3, [1, 2, 3])).toEqual([-1, -2, 3]);
    expect(multiplyMatVec(SPZ_FROM_PLY as Mat3, [1, 2, 3])).toEqual([1, -2, -3]);
  });

  it.each(['y-up', 'z-up'] as const)('any direction is brought to %s by a rotation', (axis) => {
    const random = createRandom(3);
    const fixed: Vec3[] = [
      [1, 0, 0],
      [-1, 0, 0],
      [0, 1, 0],
      [0, -1, 0],
      [0, 0, 1],
      [0, 0, -1],
      [0.9999, 0.001, 0],
    ];
    for (const up of [...fixed, ...Array.from({ length: 20 }, () => randomDirection(random))]) {
      const rotation = rotationToUpAxis(up.map((value) => value * 5) as Vec3, axis);
      expectRotation(rotation);
      const length = Math.hypot(...up);
      multiplyMatVec(rotation, up).forEach((value, i) =>
        expect(value / length).toBeCloseTo((axis === 'y-up' ? [0, 1, 0] : [0, 0, 1])[i] as number, 12),
      );
    }
  });

  it('a level capture (y down, z forward) turns about x alone; no direction means no turn', () => {
    expect(rotationToUpAxis([0, -1, 0], 'y-up').map((v) => v + 0)).toEqual([1, 0, 0, 0, -1, 0, 0, 0, -1]);
    // Forward becomes +y, up +z.
    expect(rotationToUpAxis([0, -2, 0], 'z-up').map((v) => v + 0)).toEqual([1, 0, 0, 0, 0, 1, 0, -1, 0]);
    expect(rotationToUpAxis([0, 0, 0], 'y-up')).toEqual(IDENTITY);
    expect(rotationToUpAxis([NaN, 0, 0], 'z-up')).toEqual(IDENTITY);
  });

  it('quaternions of matrices are the inverse of matrices of quaternions, whichever component is largest', () => {
    const random = createRandom(5);
    for (let trial = 0; trial < 50; trial++) {
      const q = [0, 1, 2, 3].map((k) => (k === trial % 4 ? 3 : 1) * random.normal()) as [
        number,
        number,
        number,
        number,
      ];
      const back = quaternionOfRotation(rotationOfQuaternion(q));
      const scale = (q[0] < 0 ? -1 : 1) / Math.hypot(...q);
      back.forEach((value, k) => expect(value).toBeCloseTo((q[k] as number) * scale, 10));
    }
    expect(quaternionOfRotation([NaN, 0, 0, 0, NaN, 0, 0, 0, NaN])).toEqual([NaN, NaN, NaN, NaN]);
  });
});

describe('thinning out and cutting down', () => {
  it('keeps what is not hidden, in order, every field of it', () => {
    const splats = createSplats(4, 1);
    splats.means.forEach((_, i) => (splats.means[i] = i));
    splats.shCoeffs.forEach((_, i) => (splats.shCoeffs[i] = 100 + i));
    const kept = filterSplats(splats, Uint8Array.of(1, 0, 0, 1));
    expect(kept.count).toBe(2);
    expect([...kept.means]).toEqual([3, 4, 5, 6, 7, 8]);
    expect([...kept.shCoeffs]).toEqual(Array.from({ length: 24 }, (_, i) => 112 + i));
    expect(() => filterSplats(splats, new Uint8Array(3))).toThrow(ShapeError);
  });

  it('cuts bands of spherical harmonics off and leaves the others', () => {
    const splats = createSplats(2, 2);
    splats.shCoeffs.forEach((_, i) => (splats.shCoeffs[i] = i + 1));
    expect([...limitShDegree(splats, 0).shCoeffs]).toEqual([1, 2, 3, 28, 29, 30]);
    expect(limitShDegree(splats, 1).shCoeffs).toHaveLength(24);
    expect(limitShDegree(splats, 3)).toBe(splats);
    expect(usedShDegree(splats)).toBe(2);
    splats.shCoeffs.fill(0);
    expect(usedShDegree(splats)).toBe(0);
    splats.shCoeffs[27 + 5] = 1;
    expect(usedShDegree(splats)).toBe(1);
  });
});
