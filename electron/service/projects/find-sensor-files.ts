/** Clouds and calibrations that are not where the project says, and finding them again among files that the user shows. */
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { fingerprintFile } from '../import/fingerprint.js';
import { foldName } from '../import/read-photos.js';
import type { FoundFile } from '../import/walk-drop.js';
import type { ContentCheck } from './find-photos.js';
import { findByContent } from './find-photos.js';
import type { MissingSensorFile, SensorFile } from './project.js';

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isFile(),
    () => false,
  );
}

/** In their order. One that has other content now counts as there: it is read anew whenever it is used. */
export async function findMissingSensorFiles(files: readonly SensorFile[]): Promise<MissingSensorFile[]> {
  const present = await Promise.all(files.map(({ absolutePath }) => isThere(absolutePath)));
  return files.filter((_, i) => present[i] === false).map(({ id, shownPath }) => ({ fileId: id, shownPath }));
}

/** Those that have none get one; what cannot be read stays without. */
export async function withFingerprints<T extends SensorFile>(files: readonly T[]): Promise<T[]> {
  const completed: T[] = [];
  for (const file of files) {
    const fingerprint = file.fingerprint ?? (await fingerprintFile(file.absolutePath).catch(() => null));
    completed.push({ ...file, fingerprint });
  }
  return completed;
}

/** The name's ending says what a file is: another one would be read as something else. */
function isOfKind(file: SensorFile, { name }: FoundFile): boolean {
  return extname(name).toLowerCase() === extname(file.name).toLowerCase();
}

/**
 * Missing ones take the path of the file that has their content, whatever its name; without a fingerprint, of the only one that has their name
 * and size.
 *
 * @param shown files that the user shows. @throws the signal's reason.
 */
export async function relinkSensorFiles<T extends SensorFile>(
  files: readonly T[],
  shown: readonly FoundFile[],
  check: ContentCheck,
  signal?: AbortSignal,
): Promise<{ readonly files: readonly T[]; readonly found: number }> {
  const missing = new Set((await findMissingSensorFiles(files)).map(({ fileId }) => fileId));
  let found = 0;
  const relinked: T[] = [];
  for (const file of files) {
    const path = missing.has(file.id) ? await findOne(file, shown, check, signal) : null;
    if (path !== null) found++;
    relinked.push(path === null ? file : { ...file, absolutePath: path });
  }
  return { files: relinked, found };
}

async function findOne(
  file: SensorFile,
  shown: readonly FoundFile[],
  check: ContentCheck,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const fitting = shown.filter((candidate) => isOfKind(file, candidate));
  const { name, fingerprint, bytes } = file;
  if (fingerprint !== null) return findByContent({ name, fingerprint }, fitting, check, signal);
  const alike = fitting.filter((candidate) => candidate.bytes === bytes && foldName(candidate.name) === foldName(name));
  return alike.length === 1 ? (alike[0]?.absolutePath ?? null) : null;
}
