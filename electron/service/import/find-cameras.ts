/** Which pose file of a drop counts, and which photos it gives cameras to. */
import { ImportError } from '../../../engine/scene/errors.js';
import type { ClassifyOptions, ImportProblem, KnownPhoto } from './import-plan.js';
import type { PoseGroup } from './pose-groups.js';
import type { FoundPoses, NamedFile } from './read-poses.js';
import { groupOfSource, pendingSource, poseProblem, readPosesByName, readPosesInFolder } from './read-poses.js';
import type { FoundFile } from './walk-drop.js';
import { walkDrop } from './walk-drop.js';

/** Errors that mean that the photos are elsewhere, not that the file is wrong. */
const PHOTOS_ELSEWHERE = ['too-few-views', 'size-mismatch', 'not-found', 'outside-capture'];
const WARNINGS_SHOWN = 3;

export interface DropCameras {
  readonly found: FoundPoses | null;
  /** Looked at beside a pose file that was dropped by itself. */
  readonly besidePoseFile: readonly FoundFile[];
  readonly problems: readonly ImportProblem[];
}

interface CameraSearch {
  readonly files: readonly FoundFile[];
  readonly photos: readonly FoundFile[];
  readonly options: ClassifyOptions;
}

function named(photos: readonly FoundFile[], known: readonly KnownPhoto[]): NamedFile[] {
  return [
    ...photos.map(({ name, absolutePath }) => ({ name, file: absolutePath })),
    ...known.map(({ name, absolutePath }) => ({ name, file: absolutePath })),
  ];
}

async function orImportError<T>(attempt: Promise<T>): Promise<T | ImportError> {
  try {
    return await attempt;
  } catch (error) {
    if (error instanceof ImportError) return error;
    // A file that went away in the meantime is the user's business too.
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return new ImportError('unreadable', `It cannot be read (${code}).`, '', '', 'Check the file and its permissions.');
  }
}

async function camerasOfGroup(
  group: PoseGroup,
  search: CameraSearch,
): Promise<{ result: FoundPoses | ImportError; beside: readonly FoundFile[] }> {
  const loose = named(search.photos, search.options.known ?? []);
  if (!group.isLone) {
    const inFolder = await orImportError(readPosesInFolder(group, search.files));
    if (!(inFolder instanceof ImportError) || !PHOTOS_ELSEWHERE.includes(inFolder.code) || loose.length < 2)
      return { result: inFolder, beside: [] };
    const byName = await orImportError(readPosesByName(group, loose));
    return { result: byName instanceof ImportError ? inFolder : byName, beside: [] };
  }
  const byName = loose.length >= 2 ? await orImportError(readPosesByName(group, loose)) : null;
  if (byName !== null && !(byName instanceof ImportError)) return { result: byName, beside: [] };
  // Dropped alone, a pose file means the photos that it names.
  const beside = await walkDrop([group.root], group.root, search.options.signal);
  const inFolder = await orImportError(readPosesInFolder(group, beside.files));
  return { result: inFolder, beside: inFolder instanceof ImportError ? [] : beside.files };
}

function warningsOf(group: PoseGroup, warnings: readonly string[]): ImportProblem[] {
  if (warnings.length === 0) return [];
  const more = warnings.length - WARNINGS_SHOWN;
  const poseFile = group.poseFiles[0];
  return [
    {
      kind: 'poses',
      severity: 'warning',
      file: poseFile?.shownPath ?? group.label,
      absolutePath: poseFile?.absolutePath ?? null,
      message: `${warnings.slice(0, WARNINGS_SHOWN).join(' ')}${more > 0 ? ` And ${more} more of the kind.` : ''}`,
      hint: 'Everything else is used as it is.',
      isPhoto: false,
    },
  ];
}

function isWaiting(group: PoseGroup, error: ImportError, search: CameraSearch): boolean {
  return group.isLone && search.photos.length === 0 && PHOTOS_ELSEWHERE.includes(error.code);
}

/** The first group that gives cameras counts: two captures have two origins, and cameras of both would not fit together. */
async function camerasOfGroups(groups: readonly PoseGroup[], search: CameraSearch): Promise<DropCameras> {
  const problems: ImportProblem[] = [];
  let counting: { found: FoundPoses; beside: readonly FoundFile[] } | null = null;
  for (const group of groups) {
    if (counting !== null) {
      const poseFile = group.poseFiles[0] as FoundFile;
      problems.push({
        kind: 'poses',
        severity: 'warning',
        file: poseFile.shownPath,
        absolutePath: poseFile.absolutePath,
        message: 'This is a second capture; its cameras have another origin and were left out.',
        hint: 'Make a project for each capture.',
        isPhoto: false,
      });
      continue;
    }
    const { result, beside } = await camerasOfGroup(group, search);
    if (!(result instanceof ImportError)) {
      counting = { found: result, beside };
      problems.push(...warningsOf(group, result.warnings));
    } else if (isWaiting(group, result, search)) {
      counting = { found: { source: pendingSource(group), posed: [], root: null, warnings: [] }, beside: [] };
      problems.push({
        ...poseProblem(group, result, 'info'),
        hint: 'Drop its photos too; they are matched by file name.',
      });
    } else problems.push(poseProblem(group, result, 'error'));
  }
  return { found: counting?.found ?? null, besidePoseFile: counting?.beside ?? [], problems };
}

/**
 * Cameras from the pose files of the drop; without any, from the project's pose file for photos that came after it.
 *
 * @throws the signal's reason, and nothing about the files.
 */
export async function findCameras(groups: readonly PoseGroup[], search: CameraSearch): Promise<DropCameras> {
  if (groups.length > 0) return camerasOfGroups(groups, search);
  const { knownCapture, known } = search.options;
  if (knownCapture === undefined || knownCapture === null || search.photos.length === 0)
    return { found: null, besidePoseFile: [], problems: [] };
  const group = groupOfSource(knownCapture);
  const result = await orImportError(readPosesByName(group, named(search.photos, known ?? [])));
  // That these photos are none of the pose file's is no fault of theirs.
  return { found: result instanceof ImportError ? null : result, besidePoseFile: [], problems: [] };
}
