/** The photos of a drop: what each is, and which of them are the same. One that cannot be read never stops the rest. */
import { readFile } from 'node:fs/promises';
import { ImportError } from '../../../engine/scene/errors.js';
import { measurePhoto, sniffPhotoFormat } from '../../../host/photo-decoder.js';
import { fingerprintBytes } from './fingerprint.js';
import type { Fingerprint, ImportProblem, PhotoFormat } from './import-plan.js';
import type { FoundFile } from './walk-drop.js';

/** Reading is what takes the time; more at once does not help a disk. */
const READ_AT_ONCE = 3;
/** As the decoder's bound: nothing larger is read into memory. */
const MAX_PHOTO_BYTES = 256 * 1024 * 1024;

export interface ReadPhoto {
  readonly file: FoundFile;
  readonly format: PhotoFormat;
  readonly width: number;
  readonly height: number;
  readonly fingerprint: Fingerprint;
}

export function problemOf(
  file: FoundFile,
  problem: Omit<ImportProblem, 'file' | 'absolutePath' | 'severity'> & { severity?: ImportProblem['severity'] },
): ImportProblem {
  return { severity: 'warning', ...problem, file: file.shownPath, absolutePath: file.absolutePath };
}

function problemOfError(file: FoundFile, error: unknown): ImportProblem {
  if (error instanceof ImportError) {
    const kind = error.code === 'unsupported' ? 'unsupported' : error.code === 'too-large' ? 'limit' : 'broken';
    return problemOf(file, { kind, message: error.problem, hint: error.hint, isPhoto: true });
  }
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
  return problemOf(file, {
    kind: 'unreadable',
    message: `The photo cannot be read (${code}).`,
    hint: 'Check its permissions.',
    isPhoto: true,
  });
}

async function readPhoto(file: FoundFile): Promise<ReadPhoto> {
  if (file.bytes > MAX_PHOTO_BYTES)
    throw new ImportError('too-large', 'The photo is larger than 256 MiB.', file.shownPath, '', 'Scale it down first.');
  const bytes = await readFile(file.absolutePath);
  const size = await measurePhoto(bytes, file.shownPath);
  return { file, format: sniffPhotoFormat(bytes) ?? 'jpeg', ...size, fingerprint: fingerprintBytes(bytes) };
}

/** Photos in the order in which they were given. @throws the signal's reason, and nothing else. */
export async function readPhotos(
  files: readonly FoundFile[],
  problems: ImportProblem[],
  context: { readonly signal?: AbortSignal | undefined; readonly onPhoto?: () => void },
): Promise<ReadPhoto[]> {
  const results: (ReadPhoto | null)[] = [];
  let next = 0;
  const readOn = async (): Promise<void> => {
    while (next < files.length) {
      context.signal?.throwIfAborted();
      const index = next++;
      const file = files[index] as FoundFile;
      try {
        results[index] = await readPhoto(file);
      } catch (error) {
        results[index] = null;
        problems.push(problemOfError(file, error));
      }
      context.onPhoto?.();
    }
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, readOn));
  return results.filter((photo) => photo !== null);
}

export function contentKey({ bytes, sha256, covers }: Fingerprint): string {
  return `${bytes} ${covers} ${sha256}`;
}

/** File systems and tools disagree on letter case and on composed characters (é as one or as two): this makes them equal. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
