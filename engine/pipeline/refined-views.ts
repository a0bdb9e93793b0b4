/** What refinement made of the photos' cameras and colours: for the rest of the run and for the report. */
import { cameraCentre } from '../math/conventions.js';
import { multiplyMat, transposeMat } from '../math/rigid-transform.js';
import { rotationAngle } from '../math/rotation-vector.js';
import type { Camera } from '../scene/camera.js';
import type { View } from '../scene/view.js';
import type { ColorTransform } from '../splatting/contract.js';
import { halfIntrinsics } from '../training/make-targets.js';
import type { TrainingPreset } from '../training/presets.js';
import type { TrainingRun } from '../training/train-scene.js';
import { ViewRefinement } from '../training/refinement/view-refinement.js';
import type { TrainingStart } from './training-start.js';

export interface RefinedView {
  readonly name: string;
  /** As it was trained with at the end, at the working size. */
  readonly camera: Camera;
  /** The identity where colours were not learnt. */
  readonly color: ColorTransform;
  /** How far the camera was turned and moved from where it was given. */
  readonly turnedDeg: number;
  /** In median depths of the scene. */
  readonly movedShare: number;
}

export interface RefinementReport {
  readonly cameras: boolean;
  readonly exposure: boolean;
  /** On the focal lengths of all photos. */
  readonly focalFactor: number;
  readonly views: readonly RefinedView[];
}

/** The photos' refinement as a training begins, null where the preset has none. */
export function openRefinement(
  views: readonly View[],
  { refinement: settings }: TrainingPreset,
  { sceneUnit, refinement: state }: Pick<TrainingStart, 'sceneUnit' | 'refinement'>,
): NonNullable<TrainingRun['refinement']> | null {
  if (!settings.cameras && !settings.exposure) return null;
  const cameras = views.map(({ camera }) => camera);
  return {
    views: new ViewRefinement(cameras, { settings, sceneUnit, ...(state === null ? {} : { from: state }) }),
    intrinsics: cameras.map(({ intrinsics }) => intrinsics),
    halfIntrinsics: views.map((view) => halfIntrinsics(view)),
  };
}

/** The angle of the rotation between two cameras, in degrees. */
function turnBetween(a: Camera, b: Camera): number {
  const turn = multiplyMat(b.cameraFromWorld.rotation, transposeMat(a.cameraFromWorld.rotation));
  return (rotationAngle(turn) * 180) / Math.PI;
}

/** Where each photo's camera and colours have ended. */
export function reportRefinement(
  views: readonly View[],
  refined: ViewRefinement,
  { cameras, exposure }: TrainingPreset['refinement'],
  sceneUnit: number,
): RefinementReport {
  return {
    cameras,
    exposure,
    focalFactor: refined.focalFactor,
    views: views.map(({ name, camera: given }, i) => {
      const camera = refined.cameraOf(i);
      const [from, to] = [cameraCentre(given.cameraFromWorld), cameraCentre(camera.cameraFromWorld)];
      return {
        name,
        camera,
        color: refined.colorOf(i),
        turnedDeg: turnBetween(given, camera),
        movedShare: Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]) / sceneUnit,
      };
    }),
  };
}
