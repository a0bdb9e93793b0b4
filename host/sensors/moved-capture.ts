/** A capture in another world: turned, moved and scaled. */
import type { Similarity } from '../../engine/poses/align-similarity.js';
import { moveCamera } from '../../engine/poses/align-similarity.js';
import { multiplyMatVec } from '../../engine/math/rigid-transform.js';
import { scale } from '../../engine/math/vectors.js';
import type { Camera } from '../../engine/scene/camera.js';
import type { CaptureView } from '../../engine/scene/view.js';
import type { OpenedCapture } from '../run/capture-input.js';

/** @param newFromOld what becomes of the capture's world; where it is counted from turns and scales with it. */
export function moveCapture(capture: OpenedCapture, newFromOld: Similarity): OpenedCapture {
  const move = <T extends { readonly camera: Camera }>(view: T): T => {
    const cameraFromWorld = moveCamera(newFromOld, view.camera.cameraFromWorld);
    return { ...view, camera: { ...view.camera, cameraFromWorld } };
  };
  const views = capture.views.map((view) => move(view));
  const before = new Map(views.map((view, i) => [view.imagePath, capture.views[i]!]));
  const original = (view: CaptureView): CaptureView => before.get(view.imagePath) ?? view;
  const { origin } = capture;
  return {
    ...capture,
    ...(origin === undefined ? {} : { origin: scale(multiplyMatVec(newFromOld.rotation, origin), newFromOld.scale) }),
    views,
    load: async (chosen, size, context) => {
      const loaded = await capture.load(chosen.map(original), size, context);
      return { ...loaded, views: loaded.views.map((view) => move(view)) };
    },
    cameraOf: async (view, width) => move({ camera: await capture.cameraOf(original(view), width) }).camera,
  };
}
