/** Opens a cloud, whatever it is. */
import { ImportError } from '../scene/errors.js';
import type { ByteSource } from './byte-source.js';
import type { CloudFormatEntry, OpenCloudOptions } from './cloud-formats.js';
import { CLOUD_FORMATS } from './cloud-formats.js';
import type { CloudReader } from './cloud-reader.js';

/** Enough for every mark, and to tell a text from binary data. */
export const FIRST_BYTES = 512;

/** The format of a file: its first bytes decide, its name where they say nothing; null where neither does. */
export function recogniseCloud(name: string, firstBytes: Uint8Array): CloudFormatEntry | null {
  return (
    CLOUD_FORMATS.find(({ matches }) => matches?.(firstBytes) === true) ??
    CLOUD_FORMATS.find(({ extensions }) => endsWithOneOf(name, extensions)) ??
    null
  );
}

function endsWithOneOf(name: string, extensions: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return extensions.some((extension) => lower.endsWith(extension));
}

/**
 * Opens a cloud: its first bytes say what it is, and its name where they say nothing. A name that ends as one format's while the bytes are
 * none's goes to that format's reader, whose complaint is about the file that the user means.
 *
 * @throws ImportError: 'malformed' for an empty file, 'unsupported' for one that is none of these, and all that its reader throws.
 */
export async function openCloud(source: ByteSource, options: OpenCloudOptions = {}): Promise<CloudReader> {
  if (source.sizeBytes === 0)
    throw new ImportError('malformed', 'The file is empty.', source.name, '', 'Copy or export it again.');
  const firstBytes = await source.read(0, Math.min(source.sizeBytes, FIRST_BYTES));
  const format = recogniseCloud(source.name, firstBytes);
  if (format === null) {
    const titles = CLOUD_FORMATS.map(({ title }) => title).join(', ');
    throw new ImportError(
      'unsupported',
      'This is no point cloud that we know.',
      source.name,
      '',
      `Give one of ${titles}.`,
    );
  }
  return format.open(source, options);
}
