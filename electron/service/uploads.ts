/** Folders that a page's files are stored in until they are taken in. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandRefusedError } from './app-service.js';

const UPLOAD_ID = /^[A-Za-z0-9-]{1,64}$/;

export class Uploads {
  private readonly folders = new Map<string, Promise<string>>();

  constructor(private readonly root: string) {}

  /** @throws CommandRefusedError for an id that is none. */
  open(uploadId: string): Promise<string> {
    if (!UPLOAD_ID.test(uploadId)) throw new CommandRefusedError('This is no upload.', 'Drop the files again.');
    const folder = join(this.root, uploadId);
    const opened = this.folders.get(uploadId) ?? mkdir(folder, { recursive: true }).then(() => folder);
    this.folders.set(uploadId, opened);
    return opened;
  }

  /** The folder of an upload, which is the caller's from here on. */
  async take(uploadId: string): Promise<string> {
    const folder = this.folders.get(uploadId);
    if (folder === undefined) throw new CommandRefusedError('These files have not arrived.', 'Drop them again.');
    this.folders.delete(uploadId);
    return folder;
  }

  async discard(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true });
  }
}
