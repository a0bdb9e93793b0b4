/** The projects that were open lately, in `recents.json` of the application's own folder. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../../host/atomic-write.js';
import type { Recent } from '../../ipc/contract.js';
import { PROJECT_FILE } from './read-project.js';

const MAX_RECENTS = 20;
const MAX_BYTES = 4 * 1024 * 1024;

const storedSchema = z.object({
  recents: z
    .array(z.object({ name: z.string().max(1000), folder: z.string().min(1).max(4096), openedAtMs: z.number() }))
    .max(1000),
});
type Stored = z.infer<typeof storedSchema>['recents'][number];

/** An id that does not tell the path. */
export function idOfFolder(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 24);
}

async function exists(folder: string): Promise<boolean> {
  return stat(join(folder, PROJECT_FILE)).then(
    (info) => info.isFile(),
    () => false,
  );
}

export class Recents {
  private readonly path: string;
  /** One change after another; each reads anew, as another window may have written. */
  private changes: Promise<void> = Promise.resolve();

  constructor(dataFolder: string) {
    this.path = join(dataFolder, 'recents.json');
  }

  /** Newest first; what is gone is marked, not left out. */
  async list(): Promise<(Recent & Stored)[]> {
    await this.changes;
    return Promise.all(
      (await this.read()).map(async (entry) => ({
        ...entry,
        id: idOfFolder(entry.folder),
        exists: await exists(entry.folder),
      })),
    );
  }

  async folderOf(recentId: string): Promise<string | null> {
    await this.changes;
    return (await this.read()).find(({ folder }) => idOfFolder(folder) === recentId)?.folder ?? null;
  }

  remember(entry: Stored): Promise<void> {
    return this.change((entries) => [entry, ...entries.filter(({ folder }) => folder !== entry.folder)]);
  }

  forget(recentId: string): Promise<void> {
    return this.change((entries) => entries.filter(({ folder }) => idOfFolder(folder) !== recentId));
  }

  forgetFolder(folder: string): Promise<void> {
    return this.forget(idOfFolder(folder));
  }

  /** A list that cannot be read or written is no reason to fail: it is a convenience. */
  private change(edit: (entries: Stored[]) => Stored[]): Promise<void> {
    this.changes = this.changes.then(async () => {
      try {
        const recents = edit(await this.read()).slice(0, MAX_RECENTS);
        await writeFileAtomic(this.path, JSON.stringify({ recents }, null, 1));
      } catch {
        // See above.
      }
    });
    return this.changes;
  }

  private async read(): Promise<Stored[]> {
    try {
      if ((await stat(this.path)).size > MAX_BYTES) return [];
      return storedSchema.parse(JSON.parse(await readFile(this.path, 'utf8'))).recents.slice(0, MAX_RECENTS);
    } catch {
      return [];
    }
  }
}
