/** Files that a page sends are streamed into a folder of their own, within bounds. */
import type { IncomingMessage } from 'node:http';
import { mkdir, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { safeUploadPath } from './safe-upload-path.js';

export interface UploadLimits {
  readonly fileBytes: number;
  readonly totalBytes: number;
  readonly files: number;
  readonly uploads: number;
}

const GIB = 2 ** 30;
export const UPLOAD_LIMITS: UploadLimits = { fileBytes: 4 * GIB, totalBytes: 32 * GIB, files: 20_000, uploads: 200 };

export interface UploadAnswer {
  readonly status: number;
  readonly message: string;
}

interface Upload {
  readonly folder: Promise<string>;
  bytes: number;
  files: number;
}

const ADDRESS = /^\/upload\/([A-Za-z0-9-]{8,64})\/([^?#]+)$/;
const MAX_SAME_NAME = 1000;

const answer = (status: number, message: string): UploadAnswer => ({ status, message });
const TOO_LARGE = answer(413, 'This is more than Vantage takes in at once.');

/** A file that was not there before; one of the same name gets a number. */
async function createFile(folder: string, parts: readonly string[]): Promise<{ handle: FileHandle; path: string }> {
  const wanted = join(folder, ...parts);
  await mkdir(dirname(wanted), { recursive: true });
  for (let number = 1; number <= MAX_SAME_NAME; number++) {
    const path = number === 1 ? wanted : wanted.replace(/(\.[^./\\]*)?$/, ` (${number})$1`);
    try {
      return { handle: await open(path, 'wx'), path };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new Error('too many files of one name');
}

export class UploadReceiver {
  private readonly uploads = new Map<string, Upload>();

  constructor(
    private readonly openUpload: (uploadId: string) => Promise<string>,
    private readonly limits: UploadLimits = UPLOAD_LIMITS,
  ) {}

  /** @param url the request's address as sent. */
  async receive(url: string, request: IncomingMessage): Promise<UploadAnswer> {
    const [, uploadId, encoded] = ADDRESS.exec(url) ?? [];
    if (uploadId === undefined || encoded === undefined) return answer(404, 'There is nothing here.');
    const parts = safeUploadPath(encoded);
    if (parts === null) return answer(400, 'The name of this file cannot be used.');
    if (Number(request.headers['content-length'] ?? 0) > this.limits.fileBytes) return TOO_LARGE;
    const upload = this.find(uploadId);
    if (upload === null || upload.files >= this.limits.files) return TOO_LARGE;
    upload.files++;
    try {
      return await this.store(upload, parts, request);
    } catch (error) {
      const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC';
      return answer(isFull ? 507 : 500, isFull ? 'The disk is full.' : 'The file could not be stored.');
    }
  }

  /** What was sent under this id has been taken in, or never will be. */
  forget(uploadId: string): void {
    this.uploads.delete(uploadId);
  }

  private find(uploadId: string): Upload | null {
    const known = this.uploads.get(uploadId);
    if (known !== undefined) return known;
    if (this.uploads.size >= this.limits.uploads) return null;
    const upload: Upload = { folder: this.openUpload(uploadId), bytes: 0, files: 0 };
    this.uploads.set(uploadId, upload);
    return upload;
  }

  private async store(upload: Upload, parts: readonly string[], request: IncomingMessage): Promise<UploadAnswer> {
    const { handle, path } = await createFile(await upload.folder, parts);
    let isWhole = false;
    let fileBytes = 0;
    try {
      // The answer must still be possible when reading ends early.
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        fileBytes += chunk.length;
        upload.bytes += chunk.length;
        if (fileBytes > this.limits.fileBytes || upload.bytes > this.limits.totalBytes) return TOO_LARGE;
        await handle.write(chunk);
      }
      isWhole = request.complete;
      return isWhole ? answer(201, 'Stored.') : answer(400, 'The file was cut off.');
    } finally {
      await handle.close();
      if (!isWhole) {
        upload.bytes -= fileBytes;
        await rm(path, { force: true });
      }
    }
  }
}
