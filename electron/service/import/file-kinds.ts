/** What a dropped file is, told by its name and, where a name promises something, by its first bytes. */
import { isPhotoName, stemOf } from '../../../engine/formats/capture-files.js';
import type { PlannedScene, ProblemKind } from './import-plan.js';
import { isCalibrationJson, isCalibrationText, isCloud, readStart } from './sensor-files.js';
import type { FoundFile } from './walk-drop.js';

export type FileKind =
  | { readonly kind: 'photo' | 'mask' | 'pose-file' | 'pose-companion' | 'cloud' | 'calibration' | 'other' }
  | { readonly kind: 'scene'; readonly format: PlannedScene['format'] }
  | { readonly kind: 'camera-path'; readonly text: string }
  | { readonly kind: 'unusable'; readonly reason: Unusable };

export interface Unusable {
  readonly problem: ProblemKind;
  readonly message: string;
  readonly hint: string;
  readonly isPhoto: boolean;
}

const POSE_FILE = /^(transforms(_train)?\.json|poses_bounds\.npy|images\.(bin|txt)|.*_par\.txt)$/i;
/** What pose files need beside them, or what tools leave there. */
const POSE_COMPANION =
  /^((cameras|points3D|frames|rigs)\.(bin|txt)|transforms_(test|val)\.json|project\.ini|database\.db|.*_ang\.txt)$/i;
const MASK_FOLDER = /(^|\/)masks\//i;
const MAX_JSON_BYTES = 16 * 1024 * 1024;
const HEADER_BYTES = 64 * 1024;
const SPLAT_RECORD_BYTES = 32;

function unusable(
  problem: ProblemKind,
  message: string,
  hint: string,
  isPhoto = false,
): { readonly kind: 'unusable'; readonly reason: Unusable } {
  return { kind: 'unusable', reason: { problem, message, hint, isPhoto } };
}

/** Extensions that people drop with good reason and that cannot be used, with what helps. */
const KNOWN_UNUSABLE: readonly (readonly [RegExp, ReturnType<typeof unusable>])[] = [
  [
    /\.(heic|heif|avif|hif)$/i,
    unusable(
      'unsupported',
      'HEIC and AVIF photos cannot be read.',
      'Convert it to JPEG; on an iPhone, Settings > Camera > Formats > Most Compatible takes JPEGs.',
      true,
    ),
  ],
  [
    /\.(dng|cr2|cr3|nef|arw|raf|orf|rw2|pef|srw)$/i,
    unusable('unsupported', 'Raw photos cannot be read.', 'Develop it to JPEG or 16-bit TIFF first.', true),
  ],
  [
    /\.(gif|bmp|svg|jp2|jxl|psd|exr|hdr|ppm|pgm)$/i,
    unusable('unsupported', 'This kind of picture cannot be read.', 'Save it as JPEG, PNG, WebP or TIFF.', true),
  ],
  [
    /\.(mp4|mov|m4v|avi|mkv|webm|insv)$/i,
    unusable('not-yet', 'Videos cannot be read yet.', 'Save a few sharp frames as JPEG and drop those.'),
  ],
  [
    /\.(ptx|rcp|rcs|lcc|fls|zfs)$/i,
    unusable(
      'unsupported',
      'Scans of this kind cannot be read.',
      'Export them as E57, LAS or LAZ from the program that they came with.',
    ),
  ],
  [
    /(^|[/_-])calib.*\.(json|txt|ya?ml)$|_calib\.(json|txt)$|(^|\/)(cam_to_cam|velo_to_cam).*\.txt$/i,
    unusable(
      'unsupported',
      'This is no calibration that is known.',
      'Known are calib.txt of KITTI and View-of-Delft, JSON with "images" and "cam2img", and our own with "sensors".',
    ),
  ],
  [
    /\.(zip|7z|rar|tar|gz|tgz)$/i,
    unusable('unsupported', 'Archives are not opened.', 'Unpack it and drop the folder.'),
  ],
  [/\.(obj|fbx|stl|usdz|gltf|blend)$/i, unusable('unsupported', 'Meshes cannot be opened.', 'Drop photos or splats.')],
];

/** @throws the system's error when the file cannot be read. */
export async function findFileKind(file: FoundFile): Promise<FileKind> {
  const path = file.root === null ? file.name : `/${file.pathInRoot}`;
  if (file.bytes === 0 && (isPhotoName(file.name) || sceneExtension(file.name) !== null))
    return unusable('empty', 'The file is empty.', 'Copy it again.', isPhotoName(file.name));
  if (isPhotoName(file.name)) return { kind: isMaskPath(file) ? 'mask' : 'photo' };
  if (POSE_FILE.test(file.name)) return { kind: 'pose-file' };
  if (POSE_COMPANION.test(file.name)) return { kind: 'pose-companion' };
  const extension = sceneExtension(file.name);
  if (extension !== null) return checkScene(file, extension);
  if (await isCalibrationText(file)) return { kind: 'calibration' };
  if (await isCloud(file))
    return file.bytes === 0 ? unusable('empty', 'The file is empty.', 'Copy it again.') : { kind: 'cloud' };
  const isJson = /\.json$/i.test(file.name) && file.bytes <= MAX_JSON_BYTES;
  const json = isJson ? await findJsonKind(file) : null;
  if (json !== null && json.kind !== 'other') return json;
  const known = KNOWN_UNUSABLE.find(([pattern]) => pattern.test(path));
  if (known !== undefined) return known[1];
  return { kind: 'other' };
}

function isMaskPath(file: FoundFile): boolean {
  // A folder called masks may be what was dropped.
  const rootName = file.root === null ? '' : (file.root.split(/[/\\]/).at(-1) ?? '');
  return MASK_FOLDER.test(`${rootName}/${file.pathInRoot}`);
}

/** The photo's name that a mask is for: `0001` or `0001.jpg`. */
export function maskStem(file: FoundFile): string {
  return stemOf(file.name);
}

function sceneExtension(name: string): 'ply' | 'spz' | 'splat' | 'ksplat' | 'sog' | 'glb' | null {
  const match = /\.(ply|spz|splat|ksplat|sog|glb)$/i.exec(name);
  return match === null ? null : (match[1]?.toLowerCase() as 'ply');
}

const ASCII = new TextDecoder('latin1');

async function checkScene(
  file: FoundFile,
  format: Exclude<ReturnType<typeof sceneExtension>, null>,
): Promise<FileKind> {
  const start = ASCII.decode(await readStart(file.absolutePath, HEADER_BYTES));
  if (format === 'ply' && start.startsWith('ply')) {
    const header = start.slice(0, start.indexOf('end_header') + 1 || undefined);
    if (/property \S+ (f_dc_0|packed_position)\b/.test(header)) return { kind: 'scene', format };
    // Points, or a mesh's corners: what can be made of it, the reader of clouds says.
    return { kind: 'cloud' };
  }
  const fits = {
    ply: false,
    spz: start.startsWith('\x1f\x8b') || start.startsWith('NGSP'),
    splat: file.bytes % SPLAT_RECORD_BYTES === 0,
    ksplat: true,
    sog: start.startsWith('PK\x03\x04'),
    glb: start.startsWith('glTF'),
  }[format];
  if (fits) return { kind: 'scene', format };
  return unusable(
    'broken',
    `This is not a .${format} file, whatever its name says, or it is cut off.`,
    'Copy it again.',
  );
}

/** A JSON file without a telling name: splats in SOG's loose form, a camera path, or something else. */
async function findJsonKind(file: FoundFile): Promise<FileKind> {
  const text = new TextDecoder().decode(await readStart(file.absolutePath, file.bytes));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return unusable('broken', 'This is not valid JSON.', 'Export it again.');
  }
  if (typeof value !== 'object' || value === null) return { kind: 'other' };
  if (file.name.toLowerCase() === 'meta.json' && Object.hasOwn(value, 'means') && Object.hasOwn(value, 'quats'))
    return { kind: 'scene', format: 'sog-folder' };
  if (isCalibrationJson(value)) return { kind: 'calibration' };
  const keyframes = Object.hasOwn(value, 'keyframes') ? (value as { keyframes: unknown }).keyframes : null;
  return Array.isArray(keyframes) ? { kind: 'camera-path', text } : { kind: 'other' };
}
