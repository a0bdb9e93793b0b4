/** A capture whose cameras are known better: other poses, and longer or shorter focal lengths of the same pictures. */
import { scaleFocalLength } from '../../engine/poses/refine-sparse-model.js';
import type { RigidTransform } from '../../engine/math/rigid-transform.js';
import type { Camera } from '../../engine/scene/camera.js';
import type { SparseModel } from '../../engine/scene/sparse-model.js';
import type { CaptureView } from '../../engine/scene/view.js';
import type { OpenedCapture } from '../run/capture-input.js';

interface BetterCamera {
  readonly cameraFromWorld: RigidTransform;
  readonly focalFactor: number;
}

function improve({ intrinsics }: Camera, { cameraFromWorld, focalFactor }: BetterCamera): Camera {
  return {
    cameraFromWorld,
    intrinsics: { ...intrinsics, fx: intrinsics.fx * focalFactor, fy: intrinsics.fy * focalFactor },
  };
}

/**
 * @param model the capture's photos with their cameras as they are now. @param focalFactors [L] on its lenses' focal lengths before; the
 * undistorted pictures stay the same. Photos that the model does not have keep their cameras.
 */
export function refineCapture(
  capture: OpenedCapture,
  model: SparseModel,
  focalFactors: readonly number[],
): OpenedCapture {
  const byPath = new Map(
    model.photos.map(({ imagePath, cameraFromWorld, lens }) => [
      imagePath,
      { cameraFromWorld, focalFactor: focalFactors[lens] ?? 1 },
    ]),
  );
  const views = capture.views.map((view): CaptureView => {
    const better = byPath.get(view.imagePath);
    if (better === undefined) return view;
    const camera = improve(view.camera, better);
    if (view.distortion === null) return { ...view, camera };
    const { distortion } = scaleFocalLength(
      { intrinsics: view.camera.intrinsics, distortion: view.distortion },
      better.focalFactor,
    );
    return { ...view, camera, distortion };
  });
  const before = new Map(views.map((view, i) => [view.imagePath, capture.views[i]!]));
  const original = (view: CaptureView): CaptureView => before.get(view.imagePath) ?? view;
  const cameraFor = (imagePath: string | undefined, camera: Camera): Camera => {
    const better = imagePath === undefined ? undefined : byPath.get(imagePath);
    return better === undefined ? camera : improve(camera, better);
  };
  return {
    ...capture,
    views,
    load: async (chosen, size, context) => {
      const loaded = await capture.load(chosen.map(original), size, context);
      const pathOf = new Map(chosen.map(({ name, imagePath }) => [name, imagePath]));
      const improved = loaded.views.map((view) => ({ ...view, camera: cameraFor(pathOf.get(view.name), view.camera) }));
      return { ...loaded, views: improved };
    },
    cameraOf: async (view, width) => cameraFor(view.imagePath, await capture.cameraOf(original(view), width)),
  };
}
