/** Turns what a camera network answers into cameras, or says what is wrong with it. */
import type { Tensor } from 'onnxruntime-node';
import type { Mat3, Vec3 } from '../../engine/math/rigid-transform.js';
import { determinant, multiplyMat, transposeMat } from '../../engine/math/rigid-transform.js';
import type { GuessedCamera } from '../../engine/scene/camera-network.js';
import { ImportError } from '../../engine/scene/errors.js';
import type { BatchLayout } from './lay-out-views.js';

/** Names of the outputs that are read. */
export const CAMERA_OUTPUTS = ['extrinsics', 'intrinsics'] as const;
export type CameraOutputs = Readonly<Record<(typeof CAMERA_OUTPUTS)[number], Tensor>>;

/** Largest entry of M Mᵀ − 1 at which M still passes for a rotation with rounding errors of half precision. */
const MAX_SKEW = 0.05;
/** Newton's steps square the error: from 0.05 they end at rounding. */
const POLAR_STEPS = 5;
/** Focal lengths in longer sides of the view: from 8 mm to 800 mm on film, as where a file's words are read. */
const LEAST_FOCAL = 0.2;
const MOST_FOCAL = 24;

function unusable(file: string, where: string, problem: string): ImportError {
  return new ImportError('unsupported', problem, file, where, 'Cameras then come from matching the photos alone.');
}

/** The rotation nearest to M, which is nearly one: the polar factor by Newton's iteration R ← (3 R − R Rᵀ R) / 2. Null when M is not. */
function rotationNear(matrix: Mat3): Mat3 | null {
  const squared = multiplyMat(matrix, transposeMat(matrix));
  const skew = Math.max(...squared.map((value, i) => Math.abs(value - (i % 4 === 0 ? 1 : 0))));
  if (!(skew <= MAX_SKEW) || !(determinant(matrix) > 0)) return null;
  let rotation = matrix;
  for (let step = 0; step < POLAR_STEPS; step++) {
    const cubed = multiplyMat(multiplyMat(rotation, transposeMat(rotation)), rotation);
    rotation = rotation.map((value, i) => (3 * value - cubed[i]!) / 2) as Mat3;
  }
  return rotation;
}

/** The numbers of an output that must be [1, N, rows, columns]. */
function numbersOf(tensor: Tensor | undefined, name: string, shape: readonly number[], file: string): Float32Array {
  const isRight =
    tensor?.type === 'float32' &&
    tensor.dims.length === shape.length &&
    tensor.dims.every((side, i) => side === shape[i]);
  if (isRight) return tensor.data as Float32Array;
  const found = tensor === undefined ? 'missing' : `${tensor.type} [${tensor.dims.join(', ')}]`;
  throw unusable(file, `output "${name}"`, `It is ${found}, not float32 [${shape.join(', ')}].`);
}

/**
 * Reads `extrinsics` [1, N, 3, 4], camera from world with OpenCV's axes, and `intrinsics` [1, N, 3, 3] in pixels of the views.
 *
 * What they mean is taken from Depth Anything 3's own code (ByteDance-Seed/Depth-Anything-3): its `model/da3.py` inverts the decoded
 * camera-to-world transforms before it calls them extrinsics, `model/utils/transform.py` makes the intrinsics from two fields of view, with the
 * principal point in the middle of the view, and its documentation calls the result "opencv w2c".
 *
 * The photo's focal length is √(fx fy · (w / w') (h / h')), w' × h' being what the photo was resized to; cropping the middle leaves it.
 *
 * @param photos sizes of the photos, in the layout's order. @param file the model's path, for errors.
 * @throws ImportError 'unsupported' for other shapes, what is not finite, what is no rotation (off by more than 5 %), or a focal length that no
 * lens has.
 */
export function readCameras(
  outputs: Partial<CameraOutputs>,
  layout: BatchLayout,
  photos: readonly { readonly width: number; readonly height: number }[],
  file: string,
): GuessedCamera[] {
  const count = photos.length;
  const extrinsics = numbersOf(outputs.extrinsics, 'extrinsics', [1, count, 3, 4], file);
  const intrinsics = numbersOf(outputs.intrinsics, 'intrinsics', [1, count, 3, 3], file);
  const longSide = Math.max(layout.view.width, layout.view.height);
  return photos.map(({ width, height }, n) => {
    const at = (row: number, column: number): number => extrinsics[12 * n + 4 * row + column]!;
    const rotation = rotationNear([0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => at(row, column))) as Mat3);
    const translation: Vec3 = [at(0, 3), at(1, 3), at(2, 3)];
    if (rotation === null || !translation.every(Number.isFinite))
      throw unusable(file, `extrinsics of photo ${n + 1}`, 'They are no rotation and translation.');
    const [fx, fy] = [intrinsics[9 * n]!, intrinsics[9 * n + 4]!];
    const ratio = Math.sqrt(fx * fy) / longSide;
    if (!(fx > 0 && fy > 0 && ratio >= LEAST_FOCAL && ratio <= MOST_FOCAL))
      throw unusable(file, `intrinsics of photo ${n + 1}`, `Focal lengths of ${fx} and ${fy} pixels are no lens's.`);
    const { resized } = layout.photos[n]!;
    const focalPx = Math.sqrt(fx * (width / resized.width) * fy * (height / resized.height));
    return { cameraFromWorld: { rotation, translation }, focalPx };
  });
}
