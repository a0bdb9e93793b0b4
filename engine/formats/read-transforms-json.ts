/**
 * transforms.json of nerfstudio, instant-ngp and Blender's NeRF exports.
 * Formats: https://docs.nerf.studio/quickstart/data_conventions.html and
 * https://github.com/NVlabs/instant-ngp/blob/master/docs/nerf_dataset_tips.md.
 */
import { cameraFromWorldOfOpengl } from '../math/conventions.js';
import type { Camera, Distortion } from '../scene/camera.js';
import { ImportError } from '../scene/errors.js';
import type { OpenIntrinsics } from '../scene/view.js';
import type { WrittenAt } from './capture-files.js';
import {
  PHOTO_EXTENSIONS,
  baseName,
  folderOf,
  isPhotoName,
  joinPath,
  printable,
  resolveCapturePath,
} from './capture-files.js';
import { checkDistortion, checkIntrinsics, checkRigid } from './check-camera.js';
import type { JsonObject } from './json-object.js';
import { isJsonObject, parseJsonObject } from './json-object.js';
import type { PoseImporter, PosedPhoto, PosedPhotos, PoseRequest } from './pose-importer.js';

/** One entry of `frames`, before its image is looked for. */
export interface TransformsFrame {
  readonly filePath: string;
  readonly maskPath: string | null;
  readonly camera: Camera;
  readonly distortion: Distortion | null;
  readonly openIntrinsics: OpenIntrinsics | null;
  /** `frame 3 (images/0004.jpg)` */
  readonly where: string;
}

const SIZE_LIMIT = { mebibytes: 256, what: 'pose file' };
const PERSPECTIVE_MODELS = [
  'OPENCV',
  'FULL_OPENCV',
  'PINHOLE',
  'SIMPLE_PINHOLE',
  'SIMPLE_RADIAL',
  'RADIAL',
  'PERSPECTIVE',
];
const COEFFICIENTS = ['k1', 'k2', 'p1', 'p2', 'k3', 'k4', 'k5', 'k6'] as const;
const BOTTOM_ROW = [0, 0, 0, 1];
const BOTTOM_ROW_TOLERANCE = 1e-6;

function malformed(problem: string, at: WrittenAt, hint = 'Correct this field or export the file again.'): ImportError {
  return new ImportError('malformed', problem, at.file, at.where, hint);
}

/** A frame's fields over the file's, as both tools read them. */
class FrameFields {
  constructor(
    private readonly frame: JsonObject,
    private readonly shared: JsonObject,
    private readonly at: WrittenAt,
  ) {}

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** null where the field is absent. @throws ImportError for anything that is not a finite number. */
  number(name: string): number | null {
    const value = this.raw(name);
    if (value === undefined) return null;
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw malformed(`"${name}" is not a finite number.`, this.at);
    return value;
  }

  text(name: string): string | null {
    const value = this.raw(name);
    if (value === undefined) return null;
    if (typeof value !== 'string') throw malformed(`"${name}" is not a text.`, this.at);
    return value;
  }

  isTrue(name: string): boolean {
    return this.raw(name) === true;
  }

  private raw(name: string): unknown {
    const own = (object: JsonObject): unknown => (Object.hasOwn(object, name) ? object[name] : undefined);
    return own(this.frame) ?? own(this.shared) ?? undefined;
  }
}

function refuseOtherLenses(fields: FrameFields, at: WrittenAt): void {
  const model = (fields.text('camera_model') ?? 'OPENCV').toUpperCase();
  const lens = fields.isTrue('is_fisheye') || fields.has('ftheta_p0') ? 'fisheye' : model;
  if (PERSPECTIVE_MODELS.includes(lens)) return;
  throw new ImportError(
    'unsupported',
    `The camera model ${printable(lens, 40)} is not supported.`,
    at.file,
    at.where,
    'Undistort the photos to a perspective camera first and give their poses.',
  );
}

function angleRad(fields: FrameFields, axis: 'x' | 'y', at: WrittenAt): number | null {
  const degrees = fields.number(`${axis}_fov`);
  const angle = fields.number(`camera_angle_${axis}`) ?? (degrees === null ? null : (degrees * Math.PI) / 180);
  if (angle !== null && !(angle > 0 && angle < Math.PI))
    throw malformed(`The angle of view ${angle} is not between 0 and π.`, at);
  return angle;
}

function focalOfAngle(angle: number, sidePx: number): number {
  return sidePx / (2 * Math.tan(angle / 2));
}

/** Focal length in pixels: stated, else from an angle of view and the size; 0 where that has to wait for the photo. */
function readIntrinsics(
  fields: FrameFields,
  at: WrittenAt,
): Pick<TransformsFrame, 'openIntrinsics'> & Pick<Camera, 'intrinsics'> {
  const [width, height] = [fields.number('w') ?? 0, fields.number('h') ?? 0];
  const isSized = width !== 0 || height !== 0;
  let [fx, fy] = [fields.number('fl_x'), fields.number('fl_y')];
  const angles = { x: angleRad(fields, 'x', at), y: angleRad(fields, 'y', at) };
  if (isSized) {
    if (fx === null && angles.x !== null) fx = focalOfAngle(angles.x, width);
    if (fy === null && angles.y !== null && height !== 0) fy = focalOfAngle(angles.y, height);
  }
  const hasAngle = !isSized && fx === null && fy === null && (angles.x !== null || angles.y !== null);
  if (!hasAngle && fx === null && fy === null)
    throw malformed('Neither a focal length (fl_x) nor an angle of view (camera_angle_x) is given.', at);
  const [cx, cy] = [fields.number('cx'), fields.number('cy')];
  const isCentred = cx === null || cy === null;
  const intrinsics = {
    fx: fx ?? fy ?? 0,
    fy: fy ?? fx ?? 0,
    cx: cx ?? width / 2,
    cy: cy ?? height / 2,
    width,
    height,
  };
  checkIntrinsics(hasAngle ? { ...intrinsics, fx: 1, fy: 1 } : intrinsics, at);
  if (isSized || (!hasAngle && !isCentred)) return { intrinsics, openIntrinsics: null };
  const openIntrinsics = {
    angleXRad: hasAngle ? angles.x : null,
    angleYRad: hasAngle ? angles.y : null,
    centred: isCentred,
  };
  return { intrinsics, openIntrinsics };
}

function readPose(fields: JsonObject, at: WrittenAt): Camera['cameraFromWorld'] {
  const matrix = fields['transform_matrix'];
  const rows = Array.isArray(matrix) ? (matrix as unknown[]) : [];
  const isMatrix =
    (rows.length === 3 || rows.length === 4) &&
    rows.every((row) => Array.isArray(row) && row.length === 4 && row.every((value) => typeof value === 'number'));
  const place = { ...at, where: `${at.where}, transform_matrix` };
  if (!isMatrix) throw malformed('This is not a matrix of 4 × 4 (or 3 × 4) numbers.', place);
  const m = (rows as number[][]).flat() as [
    ...[number, number, number, number],
    ...[number, number, number, number],
    ...[number, number, number, number],
    ...number[],
  ];
  if (
    rows.length === 4 &&
    BOTTOM_ROW.some((value, i) => !(Math.abs((m[12 + i] as number) - value) <= BOTTOM_ROW_TOLERANCE))
  )
    throw malformed('The last row of the matrix is not 0 0 0 1.', place);
  const worldFromOpenglCamera = checkRigid(
    [m[0], m[1], m[2], m[4], m[5], m[6], m[8], m[9], m[10]],
    [m[3], m[7], m[11]],
    place,
  );
  return cameraFromWorldOfOpengl(worldFromOpenglCamera);
}

function readFrame(frame: unknown, index: number, shared: JsonObject, file: string): TransformsFrame {
  const filePath = isJsonObject(frame) ? frame['file_path'] : undefined;
  if (!isJsonObject(frame) || typeof filePath !== 'string')
    throw malformed('A frame has no "file_path".', { file, where: `frame ${index}` });
  const at = { file, where: `frame ${index} (${printable(filePath)})` };
  const fields = new FrameFields(frame, shared, at);
  refuseOtherLenses(fields, at);
  const { intrinsics, openIntrinsics } = readIntrinsics(fields, at);
  const coefficients = Object.fromEntries(COEFFICIENTS.map((name) => [name, fields.number(name) ?? 0]));
  return {
    filePath,
    maskPath: fields.text('mask_path'),
    camera: { intrinsics, cameraFromWorld: readPose(frame, at) },
    distortion: checkDistortion(coefficients, at),
    openIntrinsics,
    where: at.where,
  };
}

/**
 * Reads transforms.json: camera-to-world matrices in OpenGL axes become `cameraFromWorld`; intrinsics (`fl_x`, `cx`, `w`,
 * `k1` …) may stand in the file or in a frame, the frame's winning. `k1..k6`, `p1`, `p2` are OpenCV's, k4 to k6 being the
 * rational denominator. `applied_transform` is not undone: the scene stays in the file's own coordinates.
 *
 * @returns frames in the file's order. Without `w` and `h`, intrinsics are in the photo's own pixels, and what depends on
 * its size is left open (`openIntrinsics`).
 * @throws ImportError 'malformed' (also NaN, which JSON does not have), 'truncated', 'singular-matrix', 'unsupported'
 * (fisheye, equirectangular).
 */
export function readTransformsJson(bytes: Uint8Array, file: string): TransformsFrame[] {
  const shared = parseJsonObject(bytes, file, SIZE_LIMIT);
  const frames = shared['frames'];
  if (!Array.isArray(frames))
    throw malformed(
      'There is no list of "frames".',
      { file, where: '' },
      'Give a transforms.json of nerfstudio or instant-ngp.',
    );
  return frames.map((frame, index) => readFrame(frame, index, shared, file));
}

function imageCandidates(frame: TransformsFrame, request: PoseRequest): string[] {
  const at = { file: request.poseFile, where: frame.where };
  const named =
    request.imagesFolder === null
      ? resolveCapturePath(folderOf(request.poseFile), frame.filePath, at)
      : joinPath(request.imagesFolder, baseName(frame.filePath.replaceAll('\\', '/')));
  // instant-ngp and Blender's exports may leave the extension out.
  return isPhotoName(baseName(named)) ? [named] : ['', ...PHOTO_EXTENSIONS].map((extension) => named + extension);
}

function posedPhoto(frame: TransformsFrame, request: PoseRequest): PosedPhoto {
  const at = { file: request.poseFile, where: frame.where };
  return {
    writtenName: frame.filePath,
    imageCandidates: imageCandidates(frame, request),
    maskPath: frame.maskPath === null ? null : resolveCapturePath(folderOf(request.poseFile), frame.maskPath, at),
    camera: frame.camera,
    distortion: frame.distortion,
    openIntrinsics: frame.openIntrinsics,
  };
}

async function readPosedPhotos(request: PoseRequest): Promise<PosedPhotos> {
  const frames = readTransformsJson(await request.files.read(request.poseFile), request.poseFile);
  const hasLoneK4 = frames.some(({ distortion: d }) => d !== null && d.k4 !== 0 && d.k5 === 0 && d.k6 === 0);
  const warnings = hasLoneK4
    ? [`${request.poseFile}: k4 is taken as OpenCV's (first rational) coefficient, not as a fourth power series term.`]
    : [];
  return { photos: frames.map((frame) => posedPhoto(frame, request)), warnings };
}

/** `<capture>/transforms.json`, or Blender's transforms_train.json. */
export const transformsJsonImporter: PoseImporter = {
  format: 'transforms-json',
  expects: 'nerfstudio or instant-ngp: transforms.json',
  locate: (listing) => ['transforms.json', 'transforms_train.json'].find((path) => listing.has(path)) ?? null,
  accepts: (fileName) => fileName.toLowerCase().endsWith('.json'),
  read: readPosedPhotos,
};
