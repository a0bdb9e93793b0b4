/** Photos as training targets, at full and at half size. */
import type { Intrinsics } from '../scene/camera.js';
import { scaleIntrinsics } from '../scene/camera.js';
import type { StageContext } from '../scene/stage.js';
import { yieldToHost } from '../scene/stage.js';
import type { View } from '../scene/view.js';
import type { SplattingBackend, TargetHandle, TrainingTarget } from '../splatting/contract.js';

/** Per-photo extras at the photo's own size; null where a loss is off. */
export interface TargetGuides {
  readonly tvWeights: Float32Array | null;
  readonly priorInverseDepth: Float32Array | null;
}

/** The photo at its own size; masked pixels weigh 0. @param sensorDepth as `TrainingTarget.sensorDepth`. */
export function makeTarget(
  view: View,
  guides: TargetGuides | null,
  sensorDepth: Float32Array | null = null,
): TrainingTarget {
  return {
    camera: view.camera,
    color: view.image.data,
    weights: view.mask === null ? null : Float32Array.from(view.mask),
    tvWeights: guides?.tvWeights ?? null,
    priorInverseDepth: guides?.priorInverseDepth ?? null,
    sensorDepth,
  };
}

/** Of the photo at half its size. An odd size loses its last row or column; the scale stays exactly one half. */
export function halfIntrinsics({ camera, image }: Pick<View, 'camera' | 'image'>): Intrinsics {
  const half = scaleIntrinsics(camera.intrinsics, image.width / 2, image.height / 2);
  return { ...half, width: image.width >> 1, height: image.height >> 1 };
}

/** The photo at half its size (2×2 means over unmasked pixels; an odd last row or column is dropped). */
export function makeHalfTarget(view: View): TrainingTarget {
  const { width, height } = view.image;
  const halfWidth = width >> 1;
  const halfHeight = height >> 1;
  const color = new Float32Array(halfWidth * halfHeight * 3);
  const weights = view.mask === null ? null : new Float32Array(halfWidth * halfHeight);
  for (let y = 0; y < halfHeight; y++)
    for (let x = 0; x < halfWidth; x++) {
      const to = y * halfWidth + x;
      let count = 0;
      for (const from of [0, 1, width, width + 1].map((step) => 2 * y * width + 2 * x + step)) {
        if (view.mask !== null && view.mask[from] === 0) continue;
        count++;
        for (let c = 0; c < 3; c++) color[to * 3 + c] = color[to * 3 + c]! + view.image.data[from * 3 + c]!;
      }
      for (let c = 0; c < 3; c++) color[to * 3 + c] = count === 0 ? 0 : color[to * 3 + c]! / count;
      if (weights !== null) weights[to] = count === 4 ? 1 : 0;
    }
  return {
    camera: { intrinsics: halfIntrinsics(view), cameraFromWorld: view.camera.cameraFromWorld },
    color,
    weights,
    tvWeights: null,
    priorInverseDepth: null,
  };
}

/**
 * Makes and uploads the targets, one after the other; the host runs between them.
 *
 * @param handles receives each as soon as it is there: the caller releases them, also when this throws
 * @throws the signal's reason
 */
export async function uploadTargets(
  backend: SplattingBackend,
  makers: readonly (() => TrainingTarget)[],
  handles: TargetHandle[],
  context: StageContext = {},
): Promise<TargetHandle[]> {
  const uploaded: TargetHandle[] = [];
  for (const make of makers) {
    const handle = await backend.createTarget(make());
    handles.push(handle);
    uploaded.push(handle);
    await yieldToHost(context);
  }
  return uploaded;
}
