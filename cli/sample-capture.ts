import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';

const TransformsSplit = z.object({ test_filenames: z.array(z.string()) });

/** File names of the views that a transforms.json sets apart for testing (nerfstudio's `test_filenames`). */
export async function readTestNames(captureFolder: string): Promise<ReadonlySet<string>> {
  const text = await readFile(join(captureFolder, 'transforms.json'), 'utf8');
  return new Set(TransformsSplit.parse(JSON.parse(text)).test_filenames.map((path) => basename(path)));
}
