/** Cameras of a drop: reads its pose files with the engine's importers, over exactly the files that the user picked. */
import { readFile } from 'node:fs/promises';
import { baseName, resolveCapturePath, stemOf } from '../../../engine/formats/capture-files.js';
import { importCapture } from '../../../engine/formats/import-capture.js';
import { ImportError } from '../../../engine/scene/errors.js';
import type { Capture } from '../../../engine/scene/view.js';
import type { CaptureFile, CaptureSource, ImportProblem, PhotoPose } from './import-plan.js';
import { ListedCapture } from './listed-capture.js';
import type { PoseGroup } from './pose-groups.js';
import { formatOfPoseFile, pathBelow } from './pose-groups.js';
import { foldName } from './read-photos.js';
import type { FoundFile } from './walk-drop.js';

/** Where photos that are matched by their names alone appear to importers. */
export const NAMED_PHOTOS_FOLDER = 'photos';
/** Of a capture with several sizes (images_8 …) the smallest that still has this width is taken. */
const PREFERRED_WIDTH_PX = 1600;
const MAX_SPLIT_BYTES = 64 * 1024 * 1024;

type Split = 'train' | 'held-out' | null;

export interface PosedFile {
  /** Absolute. */
  readonly file: string;
  readonly capturePath: string;
  readonly pose: PhotoPose;
  readonly mask: CaptureFile | null;
  readonly split: Split;
}

export interface FoundPoses {
  readonly source: CaptureSource;
  readonly posed: readonly PosedFile[];
  /** Photos were found where the pose file says; null: by their names alone. */
  readonly root: string | null;
  readonly warnings: readonly string[];
}

export interface NamedFile {
  readonly name: string;
  /** Absolute. */
  readonly file: string;
}

function sourceOf(group: PoseGroup, poseFile: string, capture?: Capture): CaptureSource {
  const folder = poseFile.slice(0, poseFile.lastIndexOf('/') + 1);
  return {
    format: capture?.format ?? formatOfPoseFile(baseName(poseFile)),
    label: group.label,
    poseFile,
    files: group.files.filter(({ path }) => path.slice(0, path.lastIndexOf('/') + 1) === folder).slice(0, 100),
    ...(capture?.origin === undefined ? {} : { origin: capture.origin }),
  };
}

/** nerfstudio's `train_filenames` and `test_filenames`, by resolved path and by file name. */
async function readSplit(source: CaptureSource): Promise<Map<string, Split>> {
  const split = new Map<string, Split>();
  const file = source.files.find(({ path }) => path === source.poseFile)?.file;
  if (source.format !== 'transforms-json' || file === undefined) return split;
  const bytes = await readFile(file);
  if (bytes.length > MAX_SPLIT_BYTES) return split;
  // The importer has read it before, so that it is JSON and an object.
  const fields = new Map<string, unknown>(Object.entries(JSON.parse(new TextDecoder().decode(bytes)) as object));
  for (const [field, meaning] of [
    ['train_filenames', 'train'],
    ['test_filenames', 'held-out'],
  ] as const) {
    const names = fields.get(field);
    if (!Array.isArray(names)) continue;
    for (const name of names) {
      if (typeof name !== 'string' || name === '') continue;
      split.set(foldName(baseName(name.replaceAll('\\', '/'))), meaning);
    }
  }
  return split;
}

async function posedFiles(
  capture: Capture,
  files: readonly CaptureFile[],
  source: CaptureSource,
): Promise<PosedFile[]> {
  const fileOf = new Map(files.map(({ path, file }) => [path, file]));
  const split = await readSplit(source);
  return capture.views.flatMap((view) => {
    const file = fileOf.get(view.imagePath);
    if (file === undefined) return [];
    const maskFile = view.maskPath === null ? undefined : fileOf.get(view.maskPath);
    const name = foldName(baseName(view.imagePath));
    return [
      {
        file,
        capturePath: view.imagePath,
        pose: { camera: view.camera, distortion: view.distortion, openIntrinsics: view.openIntrinsics ?? null },
        mask: view.maskPath === null || maskFile === undefined ? null : { path: view.maskPath, file: maskFile },
        split: split.get(name) ?? split.get(stemOf(name)) ?? null,
      },
    ];
  });
}

/** Blender keeps the views to test on in a file of their own. */
async function blenderTestViews(
  listed: ListedCapture,
  files: readonly CaptureFile[],
  poseFile: string,
): Promise<PosedFile[]> {
  const testFile = resolveCapturePath('', poseFile.replace(/train\.json$/i, 'test.json'), {
    file: poseFile,
    where: '',
  });
  if (testFile === poseFile || !(await listed.has(testFile))) return [];
  const source: CaptureSource = { format: 'transforms-json', label: '', poseFile: testFile, files };
  const views = await posedFiles(await importCapture(listed, testFile), files, source);
  return views.map((view) => ({ ...view, split: 'held-out' }));
}

/** Cameras for the photos that lie where a pose file of the group says. @throws ImportError of the first pose file when none will do. */
export async function readPosesInFolder(group: PoseGroup, found: readonly FoundFile[]): Promise<FoundPoses> {
  const files = new Map(group.files.map((entry) => [entry.path, entry]));
  for (const { absolutePath } of found) {
    const path = pathBelow(group.root, absolutePath);
    if (!path.startsWith('..')) files.set(path, { path, file: absolutePath });
  }
  const all = [...files.values()];
  const listed = new ListedCapture(group.label, all);
  return tryEach(group, async (poseFile) => {
    const capture = await importCapture(listed, poseFile, { widthPx: PREFERRED_WIDTH_PX });
    const source = sourceOf(group, poseFile, capture);
    const posed = await posedFiles(capture, all, source);
    const test = await blenderTestViews(listed, all, poseFile);
    return { source, posed: [...posed, ...test], root: group.root, warnings: capture.warnings };
  });
}

/** Cameras for photos that lie anywhere, matched by file name. @throws ImportError of the first pose file when none will do. */
export async function readPosesByName(group: PoseGroup, photos: readonly NamedFile[]): Promise<FoundPoses> {
  const files = [...group.files];
  const taken = new Set<string>();
  for (const { name, file } of photos) {
    if (taken.has(foldName(name))) continue;
    taken.add(foldName(name));
    files.push({ path: `${NAMED_PHOTOS_FOLDER}/${name}`, file });
  }
  const listed = new ListedCapture(group.label, files);
  return tryEach(group, async (poseFile) => {
    const capture = await importCapture(listed, poseFile, { imagesFolder: NAMED_PHOTOS_FOLDER });
    const source = sourceOf(group, poseFile, capture);
    return { source, posed: await posedFiles(capture, files, source), root: null, warnings: capture.warnings };
  });
}

async function tryEach(group: PoseGroup, read: (poseFile: string) => Promise<FoundPoses>): Promise<FoundPoses> {
  let firstError: unknown = null;
  const passedOver: string[] = [];
  for (const { absolutePath } of group.poseFiles) {
    try {
      const found = await read(pathBelow(group.root, absolutePath));
      return { ...found, warnings: [...passedOver, ...found.warnings] };
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      firstError ??= error;
      passedOver.push(`Passed over: ${error.message}`);
    }
  }
  throw firstError;
}

/** A capture that the project has already, as a group to look up new photos in. */
export function groupOfSource(source: CaptureSource): PoseGroup {
  const file = source.files.find(({ path }) => path === source.poseFile)?.file ?? source.poseFile;
  const below = source.poseFile.length;
  const root = file.slice(0, Math.max(1, file.length - below - 1));
  const poseFile: FoundFile = {
    absolutePath: file,
    name: baseName(source.poseFile),
    shownPath: `${source.label}/${source.poseFile}`,
    root: null,
    pathInRoot: source.poseFile,
    bytes: 0,
  };
  return { root, label: source.label, poseFiles: [poseFile], files: source.files, isLone: true };
}

/** The source of a pose file that has no photos yet: they may come with the next drop. */
export function pendingSource(group: PoseGroup): CaptureSource {
  return sourceOf(group, pathBelow(group.root, (group.poseFiles[0] as FoundFile).absolutePath));
}

export function poseProblem(group: PoseGroup, error: ImportError, severity: ImportProblem['severity']): ImportProblem {
  const poseFile = group.poseFiles[0] as FoundFile;
  const where = error.where === '' ? '' : ` (${error.where})`;
  return {
    kind: 'poses',
    severity,
    file: poseFile.shownPath,
    absolutePath: poseFile.absolutePath,
    message: `${error.problem}${where}`,
    hint: error.hint,
    isPhoto: false,
  };
}
