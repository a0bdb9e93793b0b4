/** The loopback host's HTTP server: bound to this machine, everything checked by the gate before anything is looked at. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { CommandName } from '../ipc/contract.js';
import type { AppService } from '../service/app-service.js';
import { PAGE_HEADERS } from '../ipc/page-headers.js';
import { Gate } from './gate.js';
import type { UploadLimits } from './receive-upload.js';
import { UploadReceiver } from './receive-upload.js';
import { answerText, NOTHING_HERE, serveMedia, servePage } from './serve-files.js';
import { MAX_FRAME_BYTES, serveSocket } from './serve-socket.js';

const LOOPBACK = '127.0.0.1';
const MAX_WINDOWS = 32;

export interface LoopbackServerOptions {
  readonly service: AppService;
  /** Holds the built window. */
  readonly rendererFolder: string;
  /** 0 or absent: any free one. */
  readonly port?: number;
  readonly uploadLimits?: UploadLimits;
  readonly maxFrameBytes?: number;
}

export interface LoopbackServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** With the token; works once. */
  readonly url: string;
  close(): Promise<void>;
}

interface Routes {
  readonly gate: Gate;
  readonly service: AppService;
  readonly rendererFolder: string;
  readonly uploads: UploadReceiver;
}

const asked = ({ method = '', url = '', headers }: IncomingMessage) => ({ method, url, headers });

function redirect(response: ServerResponse, more: Record<string, string> = {}): void {
  response.writeHead(303, {
    ...PAGE_HEADERS,
    Location: '/',
    'Cache-Control': 'no-store',
    'Content-Length': 0,
    ...more,
  });
  response.end();
}

async function receiveUpload(
  { gate, uploads }: Routes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const admission = gate.admitWriter(asked(request));
  const { status, message } =
    admission.kind === 'denied' ? admission.denial : await uploads.receive(request.url ?? '', request);
  // A body that nobody wants is not read to its end.
  if (status >= 400) response.setHeader('Connection', 'close');
  answerText(response, status, message);
}

async function respond(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'POST') return receiveUpload(routes, request, response);
  const entrance = routes.gate.enter(asked(request));
  if (entrance.kind === 'denied') {
    answerText(response, entrance.denial.status, entrance.denial.message);
    return;
  }
  if (entrance.kind === 'welcome') {
    redirect(response, { 'Set-Cookie': entrance.cookie });
    return;
  }
  if (entrance.kind === 'back') {
    redirect(response);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    answerText(response, 405, 'This is not how Vantage is spoken to.');
    return;
  }
  const path = (request.url ?? '').split('?')[0] as string;
  if (path.startsWith('/media/')) return serveMedia(routes.service, path, response);
  return servePage(routes.rendererFolder, path, response);
}

/** Whatever goes wrong with one request ends that one alone. */
async function respondSafely(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await respond(routes, request, response);
  } catch {
    if (response.headersSent) response.destroy();
    else answerText(response, 500, 'Something unforeseen happened.');
  }
}

/** What has been taken in does not count any longer. */
function forgettingUploads(service: AppService, uploads: UploadReceiver): Pick<AppService, 'handle' | 'subscribe'> {
  const handle = async (command: CommandName, request: never): Promise<unknown> => {
    try {
      return await service.handle(command, request);
    } finally {
      const { uploadId } = request as { readonly uploadId?: unknown };
      if (typeof uploadId === 'string') uploads.forget(uploadId);
    }
  };
  return { handle: handle as AppService['handle'], subscribe: (listener) => service.subscribe(listener) };
}

function refuseUpgrade(socket: Duplex, status: string, message: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${message}\n`);
}

function acceptSockets(server: Server, { gate, service, uploads }: Routes, maxPayload: number): WebSocketServer {
  const served = forgettingUploads(service, uploads);
  const sockets = new WebSocketServer({ noServer: true, maxPayload, perMessageDeflate: false });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const admission = gate.admitWriter(asked(request));
    if (admission.kind === 'denied') {
      refuseUpgrade(socket, '403 Forbidden', admission.denial.message);
      return;
    }
    if ((request.url ?? '').split('?')[0] !== '/socket') {
      refuseUpgrade(socket, '404 Not Found', NOTHING_HERE);
      return;
    }
    if (sockets.clients.size >= MAX_WINDOWS) {
      refuseUpgrade(socket, '503 Service Unavailable', 'There are too many windows.');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (window) => serveSocket(served, window));
  });
  return sockets;
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Rejects with the system's error when the port is taken. */
export async function startLoopbackServer(options: LoopbackServerOptions): Promise<LoopbackServer> {
  const { service, rendererFolder, uploadLimits } = options;
  const uploads = new UploadReceiver((uploadId) => service.openUpload(uploadId), uploadLimits);
  const server = createServer();
  // The gate names the port, which is known once it is taken; nothing is answered before.
  const port = await listen(server, options.port ?? 0);
  const gate = new Gate(port);
  const routes: Routes = { gate, service, rendererFolder, uploads };
  server.on('request', (request, response) => void respondSafely(routes, request, response));
  const sockets = acceptSockets(server, routes, options.maxFrameBytes ?? MAX_FRAME_BYTES);
  const origin = `http://${LOOPBACK}:${port}`;
  return {
    port,
    origin,
    url: `${origin}/?token=${gate.token}`,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
