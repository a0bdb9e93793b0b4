/** Leaves a scene's cameras beside it, where the capture's own files do not tell them. */
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { PipelineListener } from '../engine/pipeline/events.js';
import type { RefinementReport } from '../engine/pipeline/refined-views.js';
import type { Similarity } from '../engine/poses/align-similarity.js';
import type { SparseModel } from '../engine/scene/sparse-model.js';
import type { SearchedCameras } from '../host/poses/find-cameras-with.js';
import type { OpenedCapture } from '../host/run/capture-input.js';
import type { SceneCameras } from '../host/run/scene-cameras.js';

export interface CameraPlace {
  /** The scene's file. */
  readonly output: string;
  /** What the user named: a folder with photos, a pose file, a photo. */
  readonly capturePath: string;
  /** Where the photos are, when they are elsewhere. */
  readonly images?: string;
}

export interface UsedCameras {
  /** In the scene's world. */
  readonly capture: OpenedCapture;
  /** null where the cameras were not searched for. */
  readonly found: SearchedCameras | null;
  /** Where sensors moved the world that the cameras were in. */
  readonly worldFromCapture: Similarity | null;
  /** Found ones where sensors have refined them, in the scene's world. */
  readonly placedModel?: SparseModel | undefined;
}

/** What was left beside the scene. */
export interface KeptCameras {
  readonly folder: string;
  readonly cameras: SceneCameras;
}

/** `out/scene.ply` → `out/scene.cameras` */
export function besideScene(sceneFile: string, extension: string): string {
  return `${sceneFile.replace(/\.ply$/i, '')}.${extension}`;
}

async function write(cameras: SceneCameras, { output, capturePath, images }: CameraPlace): Promise<KeptCameras> {
  const [{ writePoses }, { captureRoot, pathOnDisk }] = await Promise.all([
    import('../host/poses/write-poses.js'),
    import('../host/capture-folder.js'),
  ]);
  const folder = besideScene(output, 'cameras');
  const root = await captureRoot(capturePath);
  await writePoses(folder, cameras.model, cameras.report, (imagePath) => {
    const path = relative(resolve(folder), resolve(pathOnDisk(imagePath, root, images)));
    // On another drive there is no relative path.
    return (isAbsolute(path) ? path : join(path)).split(sep).join('/');
  });
  return { folder, cameras };
}

/**
 * Writes the cameras that no file of the capture tells in the scene's world: found ones, a calibration's, and a capture's that sensors have
 * moved. Before the training, so that a run that ends early leaves them too.
 *
 * @returns null where the capture tells them itself.
 */
export async function keepCameras(
  { capture, found, worldFromCapture, placedModel }: UsedCameras,
  place: CameraPlace,
  listener: PipelineListener,
): Promise<KeptCameras | null> {
  const isTold = found === null && worldFromCapture === null && capture.format !== 'calibration';
  if (isTold) return null;
  const { openSceneCameras } = await import('../host/run/scene-cameras.js');
  const cameras = await openSceneCameras(capture, found, placedModel ?? worldFromCapture);
  for (const message of cameras.warnings) listener({ type: 'warning', message });
  return write(cameras, place);
}

/** Writes the cameras that a training moved over those of its beginning. @returns `kept` where none moved. */
export async function keepRefinedCameras(
  kept: KeptCameras | null,
  used: UsedCameras,
  place: CameraPlace,
  refinement: RefinementReport | null,
): Promise<KeptCameras | null> {
  if (refinement === null) return kept;
  const { cameraRefinementOf, openSceneCameras, refineSceneCameras } = await import('../host/run/scene-cameras.js');
  if (cameraRefinementOf(refinement) === null) return kept;
  const placed = used.placedModel ?? used.worldFromCapture;
  const cameras = kept?.cameras ?? (await openSceneCameras(used.capture, used.found, placed));
  return write(refineSceneCameras(cameras, used.capture, refinement), place);
}

/** In words what the folder holds. */
export function describeKept({ folder, cameras: { source, isRefined } }: KeptCameras): string {
  const origin = { found: 'that were found', calibration: 'of the calibration', capture: 'of the capture' }[source];
  const world = source === 'found' ? '' : ", in the scene's world";
  return `${folder}: the cameras ${origin}${isRefined ? ', refined with the scene' : world}`;
}
