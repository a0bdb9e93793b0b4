import { describe, expect, it } from 'vitest';
import type { Mat3 } from '../../engine/math/rigid-transform.js';
import { multiplyMat, transposeMat } from '../../engine/math/rigid-transform.js';
import { resolveTwins } from '../../engine/poses/resolve-twins.js';
import { rotationAngle, rotationOfVector } from '../../engine/math/rotation-vector.js';
import type { CheckedPair } from '../../engine/poses/verify-pairs.js';

const DEGREE = Math.PI / 180;

/** Turns of four cameras around a scene, none of them about the same axis. */
const CAMERAS: readonly Mat3[] = [
  [0, 0, 0],
  [0.02, 0.4, 0.05],
  [-0.1, 0.75, -0.03],
  [0.15, 1.1, 0.1],
].map((turn) => rotationOfVector(turn as [number, number, number]));
/** What the other motion of a plane is off by, for each pair another way. */
const WRONG_TURNS: readonly (readonly [number, number, number])[] = [
  [0.5, 0.1, 0],
  [0, -0.6, 0.2],
  [-0.4, 0.3, 0.3],
  [0.2, 0.7, -0.1],
  [-0.6, 0, 0.25],
  [0.1, -0.3, -0.7],
];

function trueTurn(first: number, second: number): Mat3 {
  return multiplyMat(CAMERAS[second]!, transposeMat(CAMERAS[first]!));
}

type Kind = 'decided' | 'right-first' | 'wrong-first';

/** @param matches right ones 0 … 9; the twin has one more, so that the two can be told apart. */
function makePair(first: number, second: number, kind: Kind, at: number): CheckedPair {
  const right = trueTurn(first, second);
  const wrong = multiplyMat(rotationOfVector(WRONG_TURNS[at]!), right);
  const motion = (rotation: Mat3, count: number) => ({
    camera2FromCamera1: { rotation, translation: [1, 0, 0] as [number, number, number] },
    inliers: Uint32Array.from({ length: count }, (_, i) => i),
    medianAngleRad: 0.1,
  });
  const [own, other] = kind === 'wrong-first' ? [wrong, right] : [right, wrong];
  return {
    first,
    second,
    putativeCount: 30,
    indices: new Uint32Array(20),
    twinIndices: kind === 'decided' ? new Uint32Array(0) : new Uint32Array(22),
    geometry: {
      relation: 'planar',
      homographyInliers: 10,
      ...motion(own, 10),
      twin: kind === 'decided' ? null : motion(other, 11),
    },
  };
}

function errorsOf(pairs: readonly CheckedPair[]): number[] {
  return pairs.map(({ first, second, geometry }) =>
    rotationAngle(multiplyMat(geometry.camera2FromCamera1!.rotation, transposeMat(trueTurn(first, second)))),
  );
}

const ALL_PAIRS = [
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 2],
  [1, 3],
  [2, 3],
] as const;

describe('the two motions of a plane', () => {
  it.each<[string, readonly Kind[]]>([
    ['one wrong among decided ones', ['decided', 'wrong-first', 'decided', 'decided', 'decided', 'decided']],
    [
      'all open, half of them wrong',
      ['right-first', 'wrong-first', 'right-first', 'wrong-first', 'wrong-first', 'right-first'],
    ],
    ['all open and wrong', ['wrong-first', 'wrong-first', 'wrong-first', 'wrong-first', 'wrong-first', 'wrong-first']],
  ])('are decided by triangles: %s', (_, kinds) => {
    const pairs = ALL_PAIRS.map(([first, second], i) => makePair(first, second, kinds[i]!, i));
    const resolved = resolveTwins(pairs, 4);
    expect(resolved.map(({ geometry }) => geometry.twin)).toEqual(pairs.map(() => null));
    expect(Math.max(...errorsOf(resolved))).toBeLessThan(1e-6);
    resolved.forEach(({ indices }, i) => expect(indices.length).toBe(kinds[i] === 'wrong-first' ? 22 : 20));
  });

  it('are decided by a single triangle of which all sides are open', () => {
    const pairs = [
      makePair(0, 1, 'wrong-first', 0),
      makePair(0, 2, 'right-first', 1),
      makePair(1, 2, 'wrong-first', 3),
    ];
    const resolved = resolveTwins(pairs, 3);
    expect(Math.max(...errorsOf(resolved))).toBeLessThan(1e-6);
  });

  it('stay open where no triangle says anything', () => {
    const pairs = [makePair(0, 1, 'wrong-first', 0), makePair(1, 2, 'right-first', 1)];
    expect(resolveTwins(pairs, 3)).toEqual(pairs);
  });

  it('stay open where neither agrees with the others', () => {
    const lost = makePair(0, 1, 'right-first', 0);
    const turned = multiplyMat(rotationOfVector([0, 0, 40 * DEGREE]), trueTurn(0, 1));
    const pair = {
      ...lost,
      geometry: {
        ...lost.geometry,
        camera2FromCamera1: { rotation: turned, translation: [1, 0, 0] as [number, number, number] },
      },
    };
    const [found] = resolveTwins([pair, makePair(0, 2, 'decided', 1), makePair(1, 2, 'decided', 2)], 3);
    expect(found!.geometry.twin).not.toBeNull();
  });
});
