/** The window's own files and the host's media, as answers of an HTTP server. */
import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseMediaAddress } from '../ipc/media.js';
import { PAGE_HEADERS, parsePagePath } from '../ipc/page-headers.js';
import type { AppService, MediaBody } from '../service/app-service.js';

export function answerText(response: ServerResponse, status: number, message: string): void {
  const body = Buffer.from(`${message}\n`);
  response.writeHead(status, {
    ...PAGE_HEADERS,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export const NOTHING_HERE = 'There is nothing here.';

/** The file's real path; null where it is none of this folder, links included. */
async function locate(root: string, file: string): Promise<string | null> {
  try {
    const [realRoot, real] = await Promise.all([realpath(root), realpath(join(root, file))]);
    return real.startsWith(realRoot + sep) && (await stat(real)).isFile() ? real : null;
  } catch {
    return null;
  }
}

/** @param path of the address, undecoded: an encoded one names none of our files. */
export async function servePage(rendererFolder: string, path: string, response: ServerResponse): Promise<void> {
  const page = parsePagePath(path);
  const file = page === null ? null : await locate(rendererFolder, page.file);
  if (page === null || file === null) {
    answerText(response, 404, NOTHING_HERE);
    return;
  }
  const body = await readFile(file);
  response.writeHead(200, {
    ...PAGE_HEADERS,
    'Content-Type': page.contentType,
    'Content-Length': body.length,
    'Cache-Control': 'no-cache',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** RFC 6266: a plain name for the old, and the whole one in UTF-8. */
export function contentDisposition(fileName: string): string {
  const plain = fileName.replace(/[^ !#$&+\-.0-9A-Z^_`a-z|~]/g, '_');
  const whole = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}

async function sendBody({ body }: MediaBody, headers: Record<string, string>, response: ServerResponse): Promise<void> {
  const isHead = response.req.method === 'HEAD';
  if (body instanceof Uint8Array) {
    response.writeHead(200, { ...headers, 'Content-Length': body.byteLength });
    response.end(isHead ? undefined : body);
    return;
  }
  const { size } = await stat(body.file);
  response.writeHead(200, { ...headers, 'Content-Length': size });
  if (isHead) response.end();
  // Exactly what was announced, should the file grow meanwhile.
  else if (size === 0) response.end();
  else await pipeline(createReadStream(body.file, { end: size - 1 }), response);
}

export async function serveMedia(
  service: Pick<AppService, 'media'>,
  path: string,
  response: ServerResponse,
): Promise<void> {
  const address = parseMediaAddress(path);
  const media = address === null ? null : await service.media(address);
  if (media === null) {
    answerText(response, 404, NOTHING_HERE);
    return;
  }
  const headers = {
    ...PAGE_HEADERS,
    'Content-Type': media.contentType,
    'Cache-Control': 'no-store',
    ...(media.fileName === undefined ? {} : { 'Content-Disposition': contentDisposition(media.fileName) }),
  };
  await sendBody(media, headers, response);
}
