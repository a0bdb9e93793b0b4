/** The cameras that belong to a scene, where the capture's files do not tell them: found, calibrated, moved or refined. */
import { refineSparseModel } from '../../engine/poses/refine-sparse-model.js';
import { moveSparseModel } from '../../engine/poses/move-sparse-model.js';
import type { Similarity } from '../../engine/poses/align-similarity.js';
import type { RefinedView, RefinementReport } from '../../engine/pipeline/refined-views.js';
import type { SparseLens, SparseModel, SparsePoints } from '../../engine/scene/sparse-model.js';
import type { SearchedCameras } from '../poses/find-cameras-with.js';
import { reportPoses } from '../poses/write-poses.js';
import type { OpenedCapture } from './capture-input.js';

/** Whom the cameras are from: a search in the photos, a sensors' calibration, or the capture itself. */
export type CameraSource = 'found' | 'calibration' | 'capture';

export interface SceneCameras {
  readonly source: CameraSource;
  /** In the scene's world. */
  readonly model: SparseModel;
  /** Moved by the training. */
  readonly isRefined: boolean;
  /** What pose file and report say of it beside the model. */
  readonly report: object;
  readonly warnings: readonly string[];
}

/** How far a refined photo's camera went: null where no camera did. */
export interface CameraRefinement {
  readonly focalFactor: number;
  readonly photos: readonly Pick<RefinedView, 'name' | 'turnedDeg' | 'movedShare'>[];
}

const NO_POINTS: SparsePoints = {
  count: 0,
  positions: new Float64Array(0),
  colors: new Uint8Array(0),
  errorsPx: new Float64Array(0),
  trackStarts: new Uint32Array(1),
  trackPhotos: new Uint32Array(0),
  trackKeypoints: new Uint32Array(0),
};

/** A capture's cameras as a model without points. A lens that pose files have no terms for is left as its pinhole, which is said. */
async function modelOfCapture(capture: OpenedCapture): Promise<{ model: SparseModel; warnings: string[] }> {
  const lenses: SparseLens[] = [];
  const indices = new Map<string, number>();
  const warnings: string[] = [];
  const photos: SparseModel['photos'][number][] = [];
  for (const view of capture.views) {
    const { intrinsics: stated, cameraFromWorld } = view.camera;
    // Without a size, or with an angle of view only, the photo's own size tells.
    const intrinsics = stated.width > 0 ? stated : (await capture.cameraOf(view, undefined)).intrinsics;
    const { distortion } = view;
    const isTold =
      distortion === null || [distortion.k3, distortion.k4, distortion.k5, distortion.k6].every((k) => k === 0);
    if (!isTold)
      warnings.push(
        `${view.name}: its lens has more terms than a pose file tells; the cameras are of the undistorted photo.`,
      );
    const lens = { intrinsics, distortion: isTold ? distortion : null };
    const key = JSON.stringify(lens);
    if (!indices.has(key)) indices.set(key, lenses.push(lens) - 1);
    photos.push({
      imagePath: view.imagePath,
      lens: indices.get(key)!,
      cameraFromWorld,
      keypointsPx: new Float32Array(0),
    });
  }
  return { model: { lenses, photos, points: NO_POINTS }, warnings };
}

/**
 * @param capture as the scene was made from it: in the scene's world.
 * @param found null where the cameras were not searched for. @param placed where sensors moved the world that they were found in: how, or the
 * model as it is there.
 */
export async function openSceneCameras(
  capture: OpenedCapture,
  found: SearchedCameras | null,
  placed: Similarity | SparseModel | null,
): Promise<SceneCameras> {
  if (found !== null && found.model !== null) {
    const isModel = placed !== null && 'photos' in placed;
    const model = placed === null ? found.model : isModel ? placed : moveSparseModel(found.model, placed);
    return {
      source: 'found',
      model,
      isRefined: false,
      report: { source: 'found', ...reportPoses(found) },
      warnings: [],
    };
  }
  const source = capture.format === 'calibration' ? 'calibration' : 'capture';
  const { model, warnings } = await modelOfCapture(capture);
  const report = { source, photos: capture.views.map(({ name }) => ({ name, isPlaced: true })) };
  return { source, model, isRefined: false, report, warnings };
}

/** What training made of the cameras; null where it left them as they were. */
export function cameraRefinementOf(report: RefinementReport | null): CameraRefinement | null {
  if (report === null || !report.cameras) return null;
  const { focalFactor, views } = report;
  const photos = views.map(({ name, turnedDeg, movedShare }) => ({ name, turnedDeg, movedShare }));
  const isMoved = focalFactor !== 1 || photos.some(({ turnedDeg, movedShare }) => turnedDeg > 0 || movedShare > 0);
  return isMoved ? { focalFactor, photos } : null;
}

/** The scene's cameras after a training that moved them; photos that it held out keep theirs. */
export function refineSceneCameras(
  cameras: SceneCameras,
  capture: OpenedCapture,
  refinement: RefinementReport,
): SceneCameras {
  const refined = new Map(refinement.views.map(({ name, camera }) => [name, camera.cameraFromWorld]));
  const camerasFromWorld = new Map(
    capture.views.flatMap(({ name, imagePath }) => {
      const cameraFromWorld = refined.get(name);
      return cameraFromWorld === undefined ? [] : [[imagePath, cameraFromWorld] as const];
    }),
  );
  const model = refineSparseModel(cameras.model, { camerasFromWorld, focalFactor: refinement.focalFactor });
  return { ...cameras, model, isRefined: true, report: { ...cameras.report, refined: cameraRefinementOf(refinement) } };
}
