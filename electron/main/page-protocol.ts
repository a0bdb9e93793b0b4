/** The `app:` scheme: the window's own files and what the service serves under `/media/…`; everything else is not found. */
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { parseMediaAddress } from '../ipc/media.js';
import { PAGE_HEADERS, parsePagePath } from '../ipc/page-headers.js';
import type { AppService, MediaBody } from '../service/app-service.js';
import type { ElectronApi } from './electron-api.js';
import { isOwnAddress, PAGE_SCHEME } from './page-address.js';

export interface PageSource {
  /** Folder of the built window. */
  readonly pageFolder: string;
  readonly service: Pick<AppService, 'media'>;
}

/** Before the application is ready: afterwards Electron refuses. */
export function registerPageScheme(electron: Pick<ElectronApi, 'protocol'>): void {
  electron.protocol.registerSchemesAsPrivileged([
    {
      scheme: PAGE_SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ]);
}

export function servePage(electron: Pick<ElectronApi, 'protocol'>, source: PageSource): void {
  electron.protocol.handle(PAGE_SCHEME, async (request) => answerPageRequest(request, source));
}

/** Never rejects: a failure while reading is an answer of its own. */
export async function answerPageRequest(
  request: { readonly url: string; readonly method: string },
  source: PageSource,
): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return plainAnswer(405, 'Method not allowed');
  // The parser resolves `..`, so what is left of it in the path was written to get past a parser.
  if (!isOwnAddress(request.url)) return plainAnswer(404, 'Not found');
  const path = new URL(request.url).pathname;
  try {
    const answer = path.startsWith('/media/') ? await answerMedia(path, source) : await answerFile(path, source);
    return answer ?? plainAnswer(404, 'Not found');
  } catch {
    return plainAnswer(500, 'Could not be read');
  }
}

async function answerFile(path: string, { pageFolder }: PageSource): Promise<Response | null> {
  const page = parsePagePath(path);
  if (page === null) return null;
  const bytes = await readIfFile(join(pageFolder, page.file));
  if (bytes === null) return null;
  return new Response(bytes, { headers: { ...PAGE_HEADERS, 'Content-Type': page.contentType } });
}

async function answerMedia(path: string, { service }: PageSource): Promise<Response | null> {
  const address = parseMediaAddress(path);
  const media = address === null ? null : await service.media(address);
  if (media === null) return null;
  return new Response(await openBody(media), {
    headers: {
      ...PAGE_HEADERS,
      'Content-Type': media.contentType,
      'Cache-Control': 'no-store',
      ...(media.fileName === undefined
        ? {}
        : { 'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(media.fileName)}` }),
    },
  });
}

async function openBody({ body }: MediaBody): Promise<Uint8Array<ArrayBuffer> | globalThis.ReadableStream> {
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>;
  // Fails here, where it can still become an answer, and not in the middle of the stream.
  await stat(body.file);
  const stream: ReadableStream = Readable.toWeb(createReadStream(body.file));
  return stream as globalThis.ReadableStream;
}

async function readIfFile(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return null;
    throw error;
  }
}

function plainAnswer(status: number, text: string): Response {
  return new Response(text, { status, headers: { ...PAGE_HEADERS, 'Content-Type': 'text/plain; charset=utf-8' } });
}
