/** Captures whose cameras are given, shaken by a known amount, or found from the photos, for the bench of refinement. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '../../engine/math/random.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import { composeRigid, invertRigid, transformPoint } from '../../engine/math/rigid-transform.js';
import { moveInTarget } from '../../engine/math/rotation-vector.js';
import type { View } from '../../engine/scene/view.js';
import { RigMotion } from '../../engine/training/refinement/rig-motion.js';
import { openCapture } from '../../host/run/capture-input.js';
import { chooseViews } from '../../host/run/view-choice.js';
import { BENCH_CASES } from './cases.js';
import { runVantage } from './run-vantage.js';

export const REFINE_CAMERAS = ['given', 'shaken', 'found'] as const;
export type RefineCameras = (typeof REFINE_CAMERAS)[number];

export interface RefineScene {
  readonly row: string;
  readonly train: readonly View[];
  readonly test: readonly View[];
  /** The training views before they were shaken; null where they were not. */
  readonly truth: readonly View[] | null;
}

/** Root mean square over the cameras of a shake, after what they have in common was taken away. */
const SHAKE_TURN_RAD = (0.2 * Math.PI) / 180;
const SHAKE_SHIFT_SHARE = 0.005;
const SHAKE_SEED = 7;
const PHOTO = /\.(jpe?g|png)$/i;

/** Copies the photos of the row, without their pose file, and has `vantage poses` find their cameras, unless they are there. */
async function findCameras(folder: string, photos: string, names: ReadonlySet<string> | null): Promise<void> {
  if (existsSync(join(folder, 'transforms.json'))) return;
  await mkdir(folder, { recursive: true });
  for (const name of (await readdir(photos)).filter((file) => PHOTO.test(file)))
    if (names === null || names.has(name)) await copyFile(join(photos, name), join(folder, name));
  await runVantage(['poses', folder, '-o', folder]);
}

/**
 * A row of the bench by its name; null where the capture is absent. Held-out views of found cameras were found in the same adjustment as
 * those that are trained on. Views of fern go by index, so that all its photos take part.
 */
export async function loadRefineScene(
  row: string,
  cameras: RefineCameras,
  dataFolder: string,
  foundFolder: string,
  width: string | undefined,
): Promise<RefineScene | null> {
  const benchCase = BENCH_CASES.find((candidate) => candidate.row === row);
  if (benchCase === undefined) throw new Error(`the bench has no row ${row}`);
  const given = join(dataFolder, benchCase.capture);
  if (!existsSync(given)) return null;
  const isNamed = PHOTO.test(benchCase.trainViews[0]!);
  const names = isNamed ? new Set([...benchCase.trainViews, ...benchCase.testViews]) : null;
  const found = join(foundFolder, row);
  const photos = ['images', 'images_8'].map((name) => join(given, name)).find(existsSync);
  if (cameras === 'found') await findCameras(found, photos!, names);
  const capture = await openCapture(cameras === 'found' ? found : given);
  const load = async (list: readonly string[]): Promise<readonly View[]> =>
    (
      await capture.load(chooseViews(capture.views, list.join(',')), {
        width: width === undefined ? benchCase.widthPx : Number(width),
      })
    ).views;
  return { row, train: await load(benchCase.trainViews), test: await load(benchCase.testViews), truth: null };
}

/** Moves each training camera by a random turn and shift of the sizes above; the rig as a whole stays, and so do the held-out views. */
export function shakeViews(scene: RefineScene, sceneUnit: number): RefineScene {
  const random = createRandom(SHAKE_SEED);
  const motions = Float64Array.from(
    { length: scene.train.length * 6 },
    (_, k) => (random.next() - 0.5) * (k % 6 < 3 ? SHAKE_TURN_RAD : SHAKE_SHIFT_SHARE * sceneUnit),
  );
  new RigMotion(
    scene.train.map(({ camera }) => camera),
    sceneUnit,
  ).remove(motions);
  const sizeOf = (isPicked: (k: number) => boolean): number =>
    Math.sqrt(motions.reduce((sum, value, k) => sum + (isPicked(k) ? value * value : 0), 0) / scene.train.length);
  const turnFactor = SHAKE_TURN_RAD / sizeOf((k) => k % 6 < 3);
  const shiftFactor = (SHAKE_SHIFT_SHARE * sceneUnit) / sizeOf((k) => k % 6 >= 3);
  const train = scene.train.map((view, i) => {
    const at = (k: number, factor: number): number => motions[i * 6 + k]! * factor;
    const turn: Vec3 = [at(0, turnFactor), at(1, turnFactor), at(2, turnFactor)];
    const shift: Vec3 = [at(3, shiftFactor), at(4, shiftFactor), at(5, shiftFactor)];
    const cameraFromWorld = moveInTarget(view.camera.cameraFromWorld, turn, shift);
    return { ...view, camera: { ...view.camera, cameraFromWorld } };
  });
  return { ...scene, train, truth: scene.train };
}

/**
 * Mean over the cameras, and over a grid of points at depth `sceneUnit` of the true picture, of the distance in pixels between where the
 * true camera and the other see the point. Both lists hold the same photos.
 */
export function measureOffset(views: readonly View[], truth: readonly View[], sceneUnit: number): number {
  const GRID = [0.2, 0.5, 0.8];
  const distances = truth.flatMap(({ name, camera: { intrinsics: k, cameraFromWorld } }) => {
    const other = views.find((view) => view.name === name)!.camera;
    const otherFromTrue = composeRigid(other.cameraFromWorld, invertRigid(cameraFromWorld));
    return GRID.flatMap((x) =>
      GRID.map((y) => {
        const [u, v] = [x * k.width, y * k.height];
        const point: Vec3 = [((u - k.cx) / k.fx) * sceneUnit, ((v - k.cy) / k.fy) * sceneUnit, sceneUnit];
        const seen = transformPoint(otherFromTrue, point);
        const { fx, fy, cx, cy } = other.intrinsics;
        return Math.hypot((fx * seen[0]) / seen[2] + cx - u, (fy * seen[1]) / seen[2] + cy - v);
      }),
    );
  });
  return distances.reduce((sum, value) => sum + value, 0) / distances.length;
}
