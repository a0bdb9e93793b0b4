/** What a drop holds: photos with or without cameras, masks, splats, projects, camera paths, and what of it cannot be used. */
import { dirname } from 'node:path';
import { isPhotoName, stemOf } from '../../../engine/formats/capture-files.js';
import { completeIntrinsics } from '../../../engine/scene/complete-intrinsics.js';
import type { PhotoCamera } from '../../ipc/contract.js';
import { findDuplicates } from './find-duplicates.js';
import type { FileKind } from './file-kinds.js';
import { findFileKind, maskStem } from './file-kinds.js';
import type { DropCameras } from './find-cameras.js';
import { findCameras } from './find-cameras.js';
import { groupProblems } from './group-problems.js';
import type {
  ClassifyOptions,
  ImportPlan,
  ImportProblem,
  KnownPhotoPose,
  PhotoPose,
  PlannedCloud,
  PlannedMask,
  PlannedPhoto,
} from './import-plan.js';
import { groupPoseFiles } from './pose-groups.js';
import type { PosedFile } from './read-poses.js';
import { NAMED_PHOTOS_FOLDER } from './read-poses.js';
import type { ReadPhoto } from './read-photos.js';
import { foldName, problemOf, readPhotos } from './read-photos.js';
import { kindInPath } from './sensor-files.js';
import type { FoundFile } from './walk-drop.js';
import { isInsideFolder, walkDrop } from './walk-drop.js';

/** As many as the window can be told of. */
const MAX_PHOTOS = 10_000;
const IGNORED_SHOWN = 5;

interface Sorted {
  readonly photos: FoundFile[];
  readonly masks: FoundFile[];
  readonly poseFiles: FoundFile[];
  readonly companions: FoundFile[];
  readonly scenes: ImportPlan['scenes'][number][];
  readonly cameraPaths: ImportPlan['cameraPaths'][number][];
  readonly clouds: FoundFile[];
  readonly calibrations: FoundFile[];
  readonly others: FoundFile[];
  readonly problems: ImportProblem[];
}

async function sortFiles(files: readonly FoundFile[], signal: AbortSignal | undefined): Promise<Sorted> {
  const sorted: Sorted = {
    photos: [],
    masks: [],
    poseFiles: [],
    companions: [],
    scenes: [],
    cameraPaths: [],
    clouds: [],
    calibrations: [],
    others: [],
    problems: [],
  };
  for (const file of files) {
    signal?.throwIfAborted();
    try {
      sortInto(sorted, file, await findFileKind(file));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
      const message = `It cannot be read (${code}).`;
      sorted.problems.push(
        problemOf(file, {
          kind: 'unreadable',
          message,
          hint: 'Check its permissions.',
          isPhoto: isPhotoName(file.name),
        }),
      );
    }
  }
  return sorted;
}

function sortInto(sorted: Sorted, file: FoundFile, kind: FileKind): void {
  if (kind.kind === 'photo') sorted.photos.push(file);
  else if (kind.kind === 'mask') sorted.masks.push(file);
  else if (kind.kind === 'pose-file') sorted.poseFiles.push(file);
  else if (kind.kind === 'pose-companion') sorted.companions.push(file);
  else if (kind.kind === 'cloud') sorted.clouds.push(file);
  else if (kind.kind === 'calibration') sorted.calibrations.push(file);
  else if (kind.kind === 'camera-path') sorted.cameraPaths.push({ shownPath: file.shownPath, text: kind.text });
  else if (kind.kind === 'unusable') {
    const { problem, message, hint, isPhoto } = kind.reason;
    sorted.problems.push(problemOf(file, { kind: problem, message, hint, isPhoto }));
  } else if (kind.kind === 'scene') {
    const { name, shownPath, absolutePath, bytes } = file;
    sorted.scenes.push({ name, shownPath, absolutePath, bytes, format: kind.format });
  } else sorted.others.push(file);
}

/** @param isUpload its own folder says nothing. */
function plannedSensorFile({ name, shownPath, absolutePath, bytes }: FoundFile, isUpload: boolean): PlannedCloud {
  return { name, shownPath, absolutePath, bytes, kind: kindInPath(isUpload ? shownPath : absolutePath) };
}

/** Files of no use: by themselves each is named, from within folders they are named together. */
function problemsOfOthers(others: readonly FoundFile[]): ImportProblem[] {
  const problems = others
    .filter(({ root }) => root === null)
    .map((file) =>
      problemOf(file, {
        kind: 'unsupported',
        message: 'This kind of file cannot be used.',
        hint: 'Drop photos (JPEG, PNG, WebP, TIFF), a pose file, clouds of points, splats, or a .vantage project.',
        isPhoto: false,
      }),
    );
  const within = others.filter(({ root }) => root !== null);
  const [first] = within;
  if (first === undefined) return problems;
  const names = within.slice(0, IGNORED_SHOWN).map(({ shownPath }) => shownPath);
  const more = within.length - names.length;
  const message = `Left alone, as they are neither photos nor cameras: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
  const hint = 'Nothing is to be done.';
  return [...problems, problemOf(first, { kind: 'ignored', severity: 'info', message, hint, isPhoto: false })];
}

/** SOG's loose form is a folder of pictures: they are not photos. */
function withoutScenePictures(photos: readonly FoundFile[], scenes: ImportPlan['scenes']): FoundFile[] {
  const folders = new Set(
    scenes.filter(({ format }) => format === 'sog-folder').map(({ absolutePath }) => dirname(absolutePath)),
  );
  return photos.filter(({ absolutePath }) => !folders.has(dirname(absolutePath)));
}

/**
 * In a capture's folder, photos without a camera count where others have one: `images_4/` beside `images/` holds the same
 * photos again.
 */
function chosenPhotos(photos: readonly FoundFile[], cameras: DropCameras): FoundFile[] {
  const { found, besidePoseFile } = cameras;
  const posed = new Set(found?.posed.map(({ file }) => file));
  const folders = new Set([...posed].map((file) => dirname(file)));
  const isChosen = (file: FoundFile): boolean =>
    posed.has(file.absolutePath) ||
    found?.root === null ||
    found === null ||
    !isInsideFolder(found.root, file.absolutePath) ||
    folders.has(dirname(file.absolutePath));
  const listed = new Set(photos.map(({ absolutePath }) => absolutePath));
  const beside = besidePoseFile.filter((file) => posed.has(file.absolutePath) && !listed.has(file.absolutePath));
  return [...photos.filter(isChosen), ...beside];
}

export function shownCameraOf(pose: PhotoPose, size: { width: number; height: number } | null): PhotoCamera | null {
  const { intrinsics: stated, cameraFromWorld } = pose.camera;
  // What the pose file states may be a turned photo's own, unturned size: it is shown as stated.
  if (stated.width === 0 && size === null) return null;
  const intrinsics = stated.width > 0 || size === null ? stated : completeIntrinsics(pose, size.width, size.height);
  const { fx, fy, cx, cy, width, height } = intrinsics;
  if (!(width >= 1 && height >= 1)) return null;
  const [x, y, z] = cameraFromWorld.translation;
  return { fx, fy, cx, cy, width, height, rotation: [...cameraFromWorld.rotation], translation: [x, y, z] };
}

function unusedCapturePath(name: string, taken: Set<string>): string {
  for (let number = 1; ; number++) {
    const path = `${NAMED_PHOTOS_FOLDER}/${number === 1 ? '' : `${number}/`}${name}`;
    if (!taken.has(foldName(path))) return path;
  }
}

function planPhotos(photos: readonly ReadPhoto[], posedByFile: ReadonlyMap<string, PosedFile>): PlannedPhoto[] {
  const taken = new Set<string>();
  return photos.map((photo): PlannedPhoto => {
    const posed = posedByFile.get(photo.file.absolutePath);
    const written = posed?.capturePath;
    const capturePath =
      written !== undefined && !taken.has(foldName(written)) ? written : unusedCapturePath(photo.file.name, taken);
    taken.add(foldName(capturePath));
    return {
      name: photo.file.name,
      shownPath: photo.file.shownPath,
      absolutePath: photo.file.absolutePath,
      capturePath,
      format: photo.format,
      width: photo.width,
      height: photo.height,
      fingerprint: photo.fingerprint,
      pose: posed?.pose ?? null,
      shownCamera: posed === undefined ? null : shownCameraOf(posed.pose, photo),
      mask: posed?.mask ?? null,
      split: posed?.split ?? null,
    };
  });
}

export function maskFor<T extends { readonly stem: string }>(name: string, masks: readonly T[]): T | null {
  const wanted = [foldName(stemOf(name)), foldName(name)];
  return masks.find(({ stem }) => wanted.includes(foldName(stem))) ?? null;
}

function giveMasks(
  photos: readonly PlannedPhoto[],
  masks: readonly PlannedMask[],
): {
  photos: PlannedPhoto[];
  left: PlannedMask[];
} {
  const used = new Set<string>(photos.flatMap(({ mask }) => (mask === null ? [] : [mask.file])));
  const masked = photos.map((photo) => {
    const mask = photo.mask === null ? maskFor(photo.name, masks) : null;
    if (mask === null) return photo;
    used.add(mask.absolutePath);
    return { ...photo, mask: { path: `masks/${mask.stem}.png`, file: mask.absolutePath } };
  });
  return { photos: masked, left: masks.filter(({ absolutePath }) => !used.has(absolutePath)) };
}

function posesOfKnown(posed: readonly PosedFile[], options: ClassifyOptions): KnownPhotoPose[] {
  const byFile = new Map(posed.map((entry) => [entry.file, entry]));
  return (options.known ?? []).flatMap((photo) => {
    const entry = byFile.get(photo.absolutePath);
    if (entry === undefined) return [];
    const size = photo.width !== null && photo.height !== null ? { width: photo.width, height: photo.height } : null;
    const { capturePath, pose, split } = entry;
    return [{ photoId: photo.id, capturePath, pose, split, shownCamera: shownCameraOf(pose, size) }];
  });
}

/**
 * Looks at everything that was dropped and says what it is; nothing of the project changes. One bad file never stops the rest: it is
 * named in `problems`.
 *
 * @param paths absolute, of files and folders that the user picked.
 * @throws the signal's reason, and nothing about the files.
 */
export async function classifyDrop(paths: readonly string[], options: ClassifyOptions = {}): Promise<ImportPlan> {
  const { signal, onProgress } = options;
  const isUpload = options.shownRoot !== undefined;
  const walk = await walkDrop(paths, options.shownRoot ?? null, signal);
  const sorted = await sortFiles(walk.files, signal);
  const photoFiles = withoutScenePictures(sorted.photos, sorted.scenes);
  const groups = groupPoseFiles(sorted.poseFiles, sorted.companions);
  const cameras = await findCameras(groups, { files: walk.files, photos: photoFiles, options });
  const problems = [...walk.problems, ...sorted.problems, ...cameras.problems, ...problemsOfOthers(sorted.others)];

  const chosen = chosenPhotos(photoFiles, cameras);
  const room = MAX_PHOTOS - (options.known?.length ?? 0);
  const [over] = chosen.splice(room);
  if (over !== undefined)
    problems.push(
      problemOf(over, {
        kind: 'limit',
        message: `A project holds at most ${MAX_PHOTOS} photos: this one and those after it were left out.`,
        hint: 'Drop fewer photos.',
        isPhoto: false,
      }),
    );
  let done = 0;
  const read = await readPhotos(chosen, problems, { signal, onPhoto: () => onProgress?.(++done, chosen.length) });
  const posedByFile = new Map((cameras.found?.posed ?? []).map((entry) => [entry.file, entry]));
  const unique = findDuplicates(read, posedByFile, options);
  const { photos, left } = giveMasks(
    planPhotos(unique.photos, posedByFile),
    sorted.masks.map((file) => ({ shownPath: file.shownPath, absolutePath: file.absolutePath, stem: maskStem(file) })),
  );
  return {
    photos,
    posesOfKnown: posesOfKnown([...posedByFile.values(), ...unique.posedCopies], options),
    capture: groups.length > 0 ? (cameras.found?.source ?? null) : null,
    masks: left,
    scenes: sorted.scenes,
    clouds: sorted.clouds.map((file) => plannedSensorFile(file, isUpload)),
    calibrations: sorted.calibrations.map((file) => plannedSensorFile(file, isUpload)),
    projects: walk.projects,
    cameraPaths: sorted.cameraPaths,
    problems: groupProblems([...problems, ...unique.problems]),
  };
}
