/** Files that the system hands over: a double click, a drop on the icon, arguments of a second start. */
import { isAbsolute, resolve } from 'node:path';

export const SPLAT_EXTENSIONS = ['ply', 'spz', 'splat', 'sog', 'ksplat', 'glb'] as const;
const OPENED = new RegExp(`\\.(vantage|${SPLAT_EXTENSIONS.join('|')})[/\\\\]?$`, 'i');

/**
 * Paths among the arguments that the application opens; switches and Electron's own arguments fall out. `folder` is where a relative path
 * starts: of the process that was started, not ours.
 */
export function openedPaths(argv: readonly string[], folder: string): readonly string[] {
  return argv
    .slice(1)
    .filter((argument) => !argument.startsWith('-') && OPENED.test(argument))
    .map((argument) => (isAbsolute(argument) ? argument : resolve(folder, argument)));
}
