/** Which dropped files go to the host, under which address: pure, so that odd names can be tested. */
import type { DroppedFile } from '../../electron/ipc/host-connection.js';

/** Litter of operating systems that nobody means to drop. */
const LITTER = /^(\.DS_Store|Thumbs\.db|desktop\.ini|\._.*)$/i;
const LITTER_FOLDERS = /(^|\/)(__MACOSX|\.git|\.Spotlight-V100|\.Trashes)\//i;

export interface PlannedUpload {
  readonly file: DroppedFile['file'];
  /** Each part of the relative path encoded, slashes kept. */
  readonly encodedPath: string;
}

/** The relative path with empty, `.` and `..` parts taken out: nothing may point outside of what was dropped. */
export function cleanRelativePath(path: string): string {
  return path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/');
}

/** Two files of one name (picked from two folders in one drop) would overwrite each other: the later gets a number. */
function unusedPath(path: string, taken: ReadonlySet<string>): string {
  if (!taken.has(path)) return path;
  const dot = path.lastIndexOf('.');
  const [stem, ending] = dot > path.lastIndexOf('/') + 1 ? [path.slice(0, dot), path.slice(dot)] : [path, ''];
  for (let number = 2; ; number++) {
    const candidate = `${stem} (${number})${ending}`;
    if (!taken.has(candidate)) return candidate;
  }
}

export function planUploads(files: readonly DroppedFile[]): readonly PlannedUpload[] {
  const taken = new Set<string>();
  const planned: PlannedUpload[] = [];
  for (const { file, relativePath } of files) {
    const clean = cleanRelativePath(relativePath === '' ? file.name : relativePath);
    const name = clean.slice(clean.lastIndexOf('/') + 1);
    if (clean === '' || LITTER.test(name) || LITTER_FOLDERS.test(clean)) continue;
    const path = unusedPath(clean, taken);
    taken.add(path);
    planned.push({ file, encodedPath: path.split('/').map(encodeURIComponent).join('/') });
  }
  return planned;
}
