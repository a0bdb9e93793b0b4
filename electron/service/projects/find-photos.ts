/** Photos that are not where the project says, and finding them again among files that the user shows. */
import { stat } from 'node:fs/promises';
import { fingerprintFile, isSameContent } from '../import/fingerprint.js';
import type { Fingerprint } from '../import/import-plan.js';
import { foldName } from '../import/read-photos.js';
import type { FoundFile } from '../import/walk-drop.js';
import type { MissingPhoto, ProjectPhoto, RelinkResult } from './project.js';

/** Content that was read once and whose size and time have stayed is not read again. */
export class ContentCheck {
  private readonly known = new Map<string, { readonly stamp: string; readonly fingerprint: Fingerprint }>();

  /** null: there is no such file, or it cannot be read. */
  async fingerprint(path: string, signal?: AbortSignal): Promise<Fingerprint | null> {
    try {
      const info = await stat(path);
      if (!info.isFile()) return null;
      const stamp = `${info.size} ${info.mtimeMs} ${info.ino}`;
      const before = this.known.get(path);
      if (before?.stamp === stamp) return before.fingerprint;
      const fingerprint = await fingerprintFile(path, signal);
      this.known.set(path, { stamp, fingerprint });
      return fingerprint;
    } catch (error) {
      if (signal?.aborted === true) throw error;
      return null;
    }
  }
}

export async function findMissingPhotos(
  photos: readonly ProjectPhoto[],
  check: ContentCheck,
  signal?: AbortSignal,
): Promise<MissingPhoto[]> {
  const missing: MissingPhoto[] = [];
  for (const { id, shownPath, absolutePath, fingerprint } of photos) {
    signal?.throwIfAborted();
    const present = await check.fingerprint(absolutePath, signal);
    if (present === null) missing.push({ photoId: id, shownPath, reason: 'missing' });
    else if (fingerprint !== null && !isSameContent(present, fingerprint))
      missing.push({ photoId: id, shownPath, reason: 'changed' });
  }
  return missing;
}

interface Relinked extends Omit<RelinkResult, 'foundSensorFiles'> {
  readonly photos: readonly ProjectPhoto[];
}

interface KnownContent {
  readonly name: string;
  readonly fingerprint: Fingerprint;
}

/** Among files of the same name first, then among those of the same size, for it may have been renamed; the content decides. */
export async function findByContent(
  { name, fingerprint }: KnownContent,
  files: readonly FoundFile[],
  check: ContentCheck,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const sized = files.filter(({ bytes }) => bytes === fingerprint.bytes);
  const isNamed = (file: FoundFile): boolean => foldName(file.name) === foldName(name);
  for (const file of [...sized.filter(isNamed), ...sized.filter((file) => !isNamed(file))]) {
    const present = await check.fingerprint(file.absolutePath, signal);
    if (present !== null && isSameContent(present, fingerprint)) return file.absolutePath;
  }
  return null;
}

/** @param files that the user shows. @throws the signal's reason. */
export async function relinkPhotos(
  photos: readonly ProjectPhoto[],
  files: readonly FoundFile[],
  check: ContentCheck,
  signal?: AbortSignal,
): Promise<Relinked> {
  const missing = new Map((await findMissingPhotos(photos, check, signal)).map((entry) => [entry.photoId, entry]));
  const rejected: { photoId: string; candidate: string }[] = [];
  const stillMissing: MissingPhoto[] = [];
  const relinked: ProjectPhoto[] = [];
  for (const photo of photos) {
    const entry = missing.get(photo.id);
    const found = entry === undefined ? null : await findOne(photo, files, { check, signal, rejected });
    if (entry !== undefined && found === null) stillMissing.push(entry);
    relinked.push(found === null ? photo : { ...photo, absolutePath: found });
  }
  return { photos: relinked, found: missing.size - stillMissing.length, stillMissing, rejected };
}

async function findOne(
  { id, name, fingerprint }: ProjectPhoto,
  files: readonly FoundFile[],
  context: {
    readonly check: ContentCheck;
    readonly signal: AbortSignal | undefined;
    readonly rejected: { photoId: string; candidate: string }[];
  },
): Promise<string | null> {
  const named = files.filter((file) => foldName(file.name) === foldName(name));
  // Never read, there is nothing to compare with: a single file of the name must do.
  if (fingerprint === null) return named.length === 1 ? (named[0]?.absolutePath ?? null) : null;
  const found = await findByContent({ name, fingerprint }, files, context.check, context.signal);
  const [wrong] = named;
  if (found === null && wrong !== undefined) context.rejected.push({ photoId: id, candidate: wrong.shownPath });
  return found;
}
