/** A folder of photos with known cameras, whatever tool posed them: finds the format, reads it, matches it to the photos. */
import { ImportError } from '../scene/errors.js';
import { cameraFromLocalWorld, formatOrigin, localOriginOfCameras } from '../scene/local-origin.js';
import type { Capture, CaptureView } from '../scene/view.js';
import type { CaptureFiles } from './capture-files.js';
import { CaptureListing, baseName, folderOf, joinPath, printable, stemOf } from './capture-files.js';
import { captureFolderOf } from './colmap-model.js';
import type { PoseImporter, PosedPhoto, PosedPhotos } from './pose-importer.js';
import { colmapBinaryImporter } from './read-colmap-binary.js';
import { colmapTextImporter } from './read-colmap-text.js';
import { llffImporter } from './read-llff.js';
import { middleburyImporter } from './read-middlebury.js';
import { transformsJsonImporter } from './read-transforms-json.js';

/** Every format of posed captures; where a folder holds several, the first wins. */
const POSE_IMPORTERS: readonly PoseImporter[] = [
  transformsJsonImporter,
  llffImporter,
  colmapBinaryImporter,
  colmapTextImporter,
  middleburyImporter,
];

export interface ImportOptions {
  /** Folder of the capture that holds the photos, relative to its root; default: the format's customs. */
  readonly imagesFolder?: string | null;
  /** Width at which the photos will be used: lets a capture with several sizes (images_8, images_4) offer the fitting one. */
  readonly widthPx?: number | null;
  /** Fewer are refused; default 2: a reconstruction from photos alone needs parallax. */
  readonly minViews?: 1 | 2;
}

const DEFAULT_MIN_VIEWS = 2;
const MASK_FOLDER = 'masks';

interface FoundPhoto {
  readonly photo: PosedPhoto;
  readonly imagePath: string;
}

async function findPhoto(photo: PosedPhoto, listing: CaptureListing, files: CaptureFiles): Promise<FoundPhoto | null> {
  for (const candidate of photo.imageCandidates) {
    const imagePath = listing.find(candidate);
    if (imagePath !== null) return { photo, imagePath };
  }
  // A host does not list what lies behind a link out of the capture; asked for by name, it says so.
  for (const candidate of photo.imageCandidates) if (await files.has(candidate)) return { photo, imagePath: candidate };
  return null;
}

/** File names where they tell the views apart, else paths with their slashes replaced. */
function viewNames(imagePaths: readonly string[]): string[] {
  const names = imagePaths.map(baseName);
  const isUnique = new Set(names).size === names.length;
  return isUnique ? names : imagePaths.map((path) => path.replaceAll('/', '_'));
}

/** masks/<name without or with its extension>.png, below the same subfolder as the photo has below its images folder. */
function findMask(imagePath: string, captureFolder: string, listing: CaptureListing): string | null {
  const name = baseName(imagePath);
  const below = folderOf(imagePath).slice(captureFolder.length).replace(/^\//, '');
  const subfolder = below.split('/').slice(1).join('/');
  const candidates = [subfolder, ''].flatMap((folder) =>
    [stemOf(name), name].map((stem) => joinPath(captureFolder, MASK_FOLDER, folder, `${stem}.png`)),
  );
  for (const candidate of candidates) {
    const mask = listing.find(candidate);
    if (mask !== null && mask !== imagePath) return mask;
  }
  return null;
}

async function matchPhotos(
  importer: PoseImporter,
  posed: PosedPhotos,
  context: {
    readonly files: CaptureFiles;
    readonly listing: CaptureListing;
    readonly poseFile: string;
    readonly minViews: number;
  },
): Promise<Capture> {
  const { files, listing, poseFile, minViews } = context;
  const warnings = [...posed.warnings];
  const found = new Map<string, FoundPhoto>();
  for (const photo of posed.photos) {
    const match = await findPhoto(photo, listing, files);
    if (match === null)
      warnings.push(`${printable(photo.writtenName)} is named in ${poseFile} but is not there: skipped.`);
    else if (found.has(match.imagePath))
      warnings.push(`${match.imagePath} is posed twice in ${poseFile}: the first pose is used.`);
    else found.set(match.imagePath, match);
  }
  const matches = [...found.values()];
  if (matches.length < minViews)
    throw new ImportError(
      'too-few-views',
      `${posed.photos.length} photos are posed and ${matches.length} of them ${matches.length === 1 ? 'is' : 'are'} there; ` +
        `at least ${minViews === 1 ? 'one is' : 'two are'} needed.`,
      poseFile,
      '',
      `Put the photos where this file names them${posed.photos[0] === undefined ? '' : ` (such as ${posed.photos[0].imageCandidates[0] ?? ''})`}, or name their folder with --images.`,
    );
  const names = viewNames(matches.map(({ imagePath }) => imagePath));
  const views = matches.map(({ photo, imagePath }, i): CaptureView => {
    const namedMask = photo.maskPath === null ? null : listing.find(photo.maskPath);
    if (photo.maskPath !== null && namedMask === null)
      warnings.push(
        `${printable(photo.maskPath)} is named in ${poseFile} but is not there: ${imagePath} is used without it.`,
      );
    return {
      name: names[i] as string,
      imagePath,
      maskPath: namedMask ?? findMask(imagePath, captureFolderOf(folderOf(poseFile)), listing),
      camera: photo.camera,
      distortion: photo.distortion,
      ...(photo.openIntrinsics === null ? {} : { openIntrinsics: photo.openIntrinsics }),
    };
  });
  views.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { format: importer.format, views, warnings };
}

/** The capture counted from near its cameras, where the pose file's coordinates are too large: whichever of its photos are there. */
function countFromNear(capture: Capture, posed: PosedPhotos, poseFile: string): Capture {
  const origin = localOriginOfCameras(posed.photos.map(({ camera }) => camera.cameraFromWorld));
  if (origin === null) return capture;
  const warning = `The coordinates in ${poseFile} are large: the scene counts from ${formatOrigin(origin)}. Add that to its positions for theirs.`;
  return {
    ...capture,
    origin,
    views: capture.views.map((view) => {
      const cameraFromWorld = cameraFromLocalWorld(view.camera.cameraFromWorld, origin);
      return { ...view, camera: { ...view.camera, cameraFromWorld } };
    }),
    warnings: [...capture.warnings, warning],
  };
}

interface Candidate {
  readonly importer: PoseImporter;
  readonly poseFile: string;
}

function candidatesFor(listing: CaptureListing, label: string, poseFile: string | null): Candidate[] {
  if (poseFile !== null) {
    const importer = POSE_IMPORTERS.find((candidate) => candidate.accepts(baseName(poseFile)));
    if (importer !== undefined) return [{ importer, poseFile }];
    throw new ImportError(
      'unsupported',
      'This kind of pose file is not known.',
      poseFile,
      '',
      `Give one of: ${POSE_IMPORTERS.map(({ expects }) => expects).join('; ')}.`,
    );
  }
  const candidates = POSE_IMPORTERS.flatMap((importer) => {
    const path = importer.locate(listing);
    return path === null ? [] : [{ importer, poseFile: path }];
  });
  if (candidates.length > 0) return candidates;
  throw new ImportError(
    'not-found',
    'No camera poses were found in this folder.',
    label,
    '',
    `It should hold one of: ${POSE_IMPORTERS.map(({ expects }) => expects).join('; ')}.`,
  );
}

/** Whether a pose file of a known format is there, readable or not. */
export async function hasPoses(files: CaptureFiles): Promise<boolean> {
  const listing = new CaptureListing(await files.list());
  return POSE_IMPORTERS.some((importer) => importer.locate(listing) !== null);
}

/**
 * Imports a posed capture. The format is found from the files that are there; where several are, the first readable one of
 * the registry is used and a warning names those passed over. Photos that the pose file names and that are missing are
 * named in the warnings and left out. A mask is taken from where the pose file names it, else from
 * `masks/<name>.png` (`0001.png` or `0001.jpg.png` for `0001.jpg`).
 *
 * @param poseFile a pose file of the capture, relative to its root; null lets the format be found.
 * @returns views sorted by name (by UTF-16 code unit), cameras as the pose file states them, counted from `origin` where it is far away;
 * nothing decoded yet.
 * @throws ImportError for everything that is wrong with the files, 'not-found' without any pose file, 'too-few-views' when
 * fewer posed photos are there than `minViews`.
 */
export async function importCapture(
  files: CaptureFiles,
  poseFile: string | null = null,
  options: ImportOptions = {},
): Promise<Capture> {
  const listing = new CaptureListing(await files.list());
  const passedOver: string[] = [];
  let firstError: unknown = null;
  for (const candidate of candidatesFor(listing, files.label, poseFile)) {
    const { importer } = candidate;
    try {
      const request = {
        files,
        listing,
        poseFile: candidate.poseFile,
        imagesFolder: options.imagesFolder ?? null,
        widthPx: options.widthPx ?? null,
      };
      const posed = await importer.read(request);
      const matched = await matchPhotos(importer, posed, {
        files,
        listing,
        poseFile: candidate.poseFile,
        minViews: options.minViews ?? DEFAULT_MIN_VIEWS,
      });
      const capture = countFromNear(matched, posed, candidate.poseFile);
      return { ...capture, warnings: [...passedOver, ...capture.warnings] };
    } catch (error) {
      // An escape attempt is never passed over in favour of another file.
      if (!(error instanceof ImportError) || error.code === 'outside-capture') throw error;
      firstError ??= error;
      passedOver.push(`Passed over: ${error.message}`);
    }
  }
  throw firstError;
}
