/** Files of the project that are not where it says. */
import type { Project } from '../../../electron/ipc/contract.js';

export interface MissingFile {
  /** Of the photo, the sensor or the calibration. */
  readonly id: string;
  readonly shownPath: string;
}

/** Photos first, then clouds and calibrations. */
export function missingFiles({ missingPhotos, missingSensorFiles }: Project): readonly MissingFile[] {
  return [
    ...missingPhotos.map(({ photoId, shownPath }) => ({ id: photoId, shownPath })),
    ...missingSensorFiles.map(({ fileId, shownPath }) => ({ id: fileId, shownPath })),
  ];
}

export const isFileMissing = (project: Project, id: string): boolean =>
  missingFiles(project).some((file) => file.id === id);

/** For a sentence that has no room for all of them. */
const MOST_NAMES = 3;

/** Names of the clouds and calibrations that are gone, those of the first few. */
export function missingSensorNames({ missingSensorFiles }: Project): string {
  const names = missingSensorFiles.map(({ shownPath }) => shownPath.slice(shownPath.lastIndexOf('/') + 1));
  return [...names.slice(0, MOST_NAMES), ...(names.length > MOST_NAMES ? ['…'] : [])].join(', ');
}
