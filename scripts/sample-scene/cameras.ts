/** Where the photographer stood: eight hand-held shots from left to right, five to train on and three to judge by. */
import { invertRigid } from '../../engine/math/rigid-transform.js';
import { openglOfCameraFromWorld } from '../../engine/math/conventions.js';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import type { Camera, Intrinsics } from '../../engine/scene/camera.js';
import { cross, subtract, unit } from './scene-builder.js';

/** The principal point is off centre, as in real cameras, so that mixing up its signs shows. */
export const SAMPLE_INTRINSICS: Intrinsics = { fx: 566, fy: 566, cx: 322.5, cy: 236.75, width: 640, height: 480 };

export interface SampleShot {
  readonly name: string;
  readonly heldOut: boolean;
  readonly camera: Camera;
}

/** Camera at `eye` that looks at `target`, turned clockwise about its axis by `rollRad`; the world's z is up. */
export function lookAt(eye: Vec3, target: Vec3, rollRad: number, intrinsics: Intrinsics): Camera {
  const forward = unit(subtract(target, eye));
  const right = unit(cross(forward, [0, 0, 1]));
  const down = cross(forward, right);
  const c = Math.cos(rollRad);
  const s = Math.sin(rollRad);
  const row = (i: 0 | 1 | 2): Vec3 => [right[i] * c + down[i] * s, down[i] * c - right[i] * s, forward[i]];
  const worldFromCameraRotation: Mat3 = [...row(0), ...row(1), ...row(2)];
  return { intrinsics, cameraFromWorld: invertRigid({ rotation: worldFromCameraRotation, translation: eye }) };
}

/** name, held out, eye x y z, target x y z, roll in degrees */
const SHOTS: [string, boolean, Vec3, Vec3, number][] = [
  ['01.jpg', false, [-0.66, 0.06, 1.46], [-0.02, 4.2, 1.14], 0.9],
  ['02.jpg', true, [-0.5, 0.0, 1.43], [0.0, 4.2, 1.17], -0.5],
  ['03.jpg', false, [-0.33, -0.05, 1.39], [0.03, 4.2, 1.18], -1.1],
  ['04.jpg', false, [0.0, 0.03, 1.49], [0.1, 4.2, 1.12], 0.6],
  ['05.jpg', true, [0.16, -0.03, 1.45], [0.13, 4.2, 1.15], 1.2],
  ['06.jpg', false, [0.34, -0.07, 1.42], [0.16, 4.2, 1.17], -0.7],
  ['07.jpg', true, [0.5, 0.01, 1.45], [0.21, 4.2, 1.13], 0.3],
  ['08.jpg', false, [0.67, 0.05, 1.47], [0.26, 4.2, 1.12], 1.4],
];

export const SAMPLE_SHOTS: readonly SampleShot[] = SHOTS.map(([name, heldOut, eye, target, rollDegrees]) => ({
  name,
  heldOut,
  camera: lookAt(eye, target, (rollDegrees * Math.PI) / 180, SAMPLE_INTRINSICS),
}));

/** The capture's pose file in nerfstudio's convention. */
export function describeTransforms(shots: readonly SampleShot[]): object {
  const { fx, fy, cx, cy, width, height } = SAMPLE_INTRINSICS;
  const pathsOf = (heldOut: boolean): string[] =>
    shots.filter((shot) => shot.heldOut === heldOut).map((shot) => `images/${shot.name}`);
  return {
    camera_model: 'OPENCV',
    fl_x: fx,
    fl_y: fy,
    cx,
    cy,
    w: width,
    h: height,
    k1: 0,
    k2: 0,
    p1: 0,
    p2: 0,
    train_filenames: pathsOf(false),
    val_filenames: pathsOf(true),
    test_filenames: pathsOf(true),
    frames: shots.map((shot) => {
      const { rotation: r, translation: t } = openglOfCameraFromWorld(shot.camera.cameraFromWorld);
      const transform = [
        [r[0], r[1], r[2], t[0]],
        [r[3], r[4], r[5], t[1]],
        [r[6], r[7], r[8], t[2]],
        [0, 0, 0, 1],
      ];
      return { file_path: `images/${shot.name}`, transform_matrix: transform };
    }),
  };
}
