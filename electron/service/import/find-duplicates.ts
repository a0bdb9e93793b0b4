import type { ClassifyOptions, ImportProblem } from './import-plan.js';
import type { PosedFile } from './read-poses.js';
import type { ReadPhoto } from './read-photos.js';
import { contentKey, problemOf } from './read-photos.js';

/** A folder dropped again holds nothing but duplicates; one sentence says so. */
const DUPLICATES_SHOWN = 20;

export interface UniquePhotos {
  readonly photos: readonly ReadPhoto[];
  /** Poses of copies of photos that the project has, with the project's file. */
  readonly posedCopies: readonly PosedFile[];
  readonly problems: readonly ImportProblem[];
}

/**
 * Leaves out photos whose content is there already, in the project or earlier in the drop, and names both. Of two equal ones the one
 * with a camera stays; two that both have one stay both, as their capture says.
 */
export function findDuplicates(
  read: readonly ReadPhoto[],
  posedByFile: ReadonlyMap<string, PosedFile>,
  options: ClassifyOptions,
): UniquePhotos {
  const isPosed = (photo: ReadPhoto): boolean => posedByFile.has(photo.file.absolutePath);
  const known = new Map(
    (options.known ?? []).flatMap((k) => (k.fingerprint === null ? [] : [[contentKey(k.fingerprint), k]])),
  );
  const kept = new Map<string, ReadPhoto>();
  for (const photo of read) {
    const key = contentKey(photo.fingerprint);
    const other = kept.get(key);
    if (other === undefined || (isPosed(photo) && !isPosed(other))) kept.set(key, photo);
  }
  const photos: ReadPhoto[] = [];
  const posedCopies: PosedFile[] = [];
  const duplicates: ImportProblem[] = [];
  const name = (photo: ReadPhoto, of: string): void => {
    const message = `This photo is the same as ${of}, and was left out.`;
    const hint = 'Nothing is to be done.';
    duplicates.push(problemOf(photo.file, { kind: 'duplicate', severity: 'info', message, hint, isPhoto: false }));
  };
  for (const photo of read) {
    const key = contentKey(photo.fingerprint);
    const inProject = known.get(key);
    const first = kept.get(key) as ReadPhoto;
    if (inProject !== undefined) {
      const posed = posedByFile.get(photo.file.absolutePath);
      if (posed !== undefined) posedCopies.push({ ...posed, file: inProject.absolutePath });
      name(photo, `${inProject.shownPath}, which the project has already`);
    } else if (first === photo || (isPosed(photo) && isPosed(first))) photos.push(photo);
    else name(photo, first.file.shownPath);
  }
  const [firstLeftOut] = duplicates.splice(DUPLICATES_SHOWN);
  if (firstLeftOut !== undefined) {
    const count = read.length - photos.length - DUPLICATES_SHOWN;
    duplicates.push({ ...firstLeftOut, message: `${count} more photos are there already, and were left out.` });
  }
  return { photos, posedCopies, problems: duplicates };
}
