/** What the user dropped, from the files that the page found in it: the folders themselves where there were any. */

export interface LocatedFile {
  /** Absolute, as the system spells it; empty for what a page made itself. */
  readonly path: string;
  /** Where it lay in what was dropped, with forward slashes. */
  readonly relativePath: string;
}

/**
 * A folder that was dropped arrives as its files. The host is given the folder again, so that it can see what belongs together (photos,
 * cameras, masks); single files are given as they are. Each path is named once, in the order of the drop.
 */
export function droppedPaths(files: readonly LocatedFile[]): readonly string[] {
  const paths = files.flatMap(({ path, relativePath }) => {
    if (path === '') return [];
    const parts = relativePath.split('/').filter((part) => part !== '');
    return [parts.length < 2 ? path : (droppedFolder(path, parts) ?? path)];
  });
  return [...new Set(paths)];
}

/** The path up to the first part of `parts`; null when the path does not end in them. */
function droppedFolder(path: string, parts: readonly string[]): string | null {
  const below = parts.slice(1);
  let end = path.length;
  for (const part of [...below].reverse()) {
    const start = end - part.length;
    const isPart = path.slice(start, end) === part && (path[start - 1] === '/' || path[start - 1] === '\\');
    if (!isPart) return null;
    end = start - 1;
  }
  const folder = path.slice(0, end);
  return folder.endsWith(parts[0] as string) ? folder : null;
}
