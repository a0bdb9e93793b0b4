/** Which pose files of a drop belong together, and where their capture's root is. */
import { basename, dirname, relative, sep } from 'node:path';
import type { CaptureFile, CaptureSource } from './import-plan.js';
import type { FoundFile } from './walk-drop.js';
import { isInsideFolder } from './walk-drop.js';

/** Pose files of one capture: of several formats perhaps, the one to try first at the front. */
export interface PoseGroup {
  /** Absolute. */
  readonly root: string;
  readonly label: string;
  readonly poseFiles: readonly FoundFile[];
  /** Pose files and what they need beside them, as importers see them. */
  readonly files: readonly CaptureFile[];
  /** The pose file was dropped by itself, without the folder around it. */
  readonly isLone: boolean;
}

const FORMATS: readonly (readonly [RegExp, CaptureSource['format']])[] = [
  [/^transforms(_train)?\.json$/i, 'transforms-json'],
  [/^poses_bounds\.npy$/i, 'llff'],
  [/^images\.bin$/i, 'colmap-binary'],
  [/^images\.txt$/i, 'colmap-text'],
  [/_par\.txt$/i, 'middlebury'],
];
const MODEL_FOLDER = /^(.*?)[\\/](?:colmap[\\/])?sparse(?:[\\/]\d+)?$/;

export function formatOfPoseFile(name: string): CaptureSource['format'] {
  return FORMATS.find(([pattern]) => pattern.test(name))?.[1] ?? 'transforms-json';
}

function rankOf(file: FoundFile): number {
  return FORMATS.findIndex(([pattern]) => pattern.test(file.name));
}

/** The folder that holds the photos: above `sparse/0` for COLMAP, as far up as the drop reaches. */
function captureRootOf(file: FoundFile): string {
  const folder = dirname(file.absolutePath);
  const above = /^images\.(bin|txt)$/i.test(file.name) ? MODEL_FOLDER.exec(folder)?.[1] : undefined;
  if (above === undefined || above === '') return folder;
  if (file.root === null || isInsideFolder(file.root, above)) return above;
  return file.root;
}

export function pathBelow(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

/** Groups by capture root, in the order in which they were found. */
export function groupPoseFiles(poseFiles: readonly FoundFile[], companions: readonly FoundFile[]): PoseGroup[] {
  const byRoot = new Map<string, FoundFile[]>();
  for (const file of poseFiles) {
    const root = captureRootOf(file);
    byRoot.set(root, [...(byRoot.get(root) ?? []), file]);
  }
  return [...byRoot].map(([root, members]) => {
    const folders = new Set(members.map((file) => dirname(file.absolutePath)));
    const beside = companions.filter((file) => folders.has(dirname(file.absolutePath)));
    const files = [...members, ...beside].map((file) => ({
      path: pathBelow(root, file.absolutePath),
      file: file.absolutePath,
    }));
    const poses = [...members].sort((a, b) => rankOf(a) - rankOf(b) || (a.absolutePath < b.absolutePath ? -1 : 1));
    return {
      root,
      label: basename(root),
      poseFiles: poses,
      files,
      isLone: members.every((file) => file.root === null),
    };
  });
}
