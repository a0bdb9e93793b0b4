/** The loopback host's door: who gets in, what can be reached, and that nothing from outside brings it down. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import type { AppService } from '../../electron/service/app-service.js';
import { CommandRefusedError } from '../../electron/service/app-service.js';
import type { LoopbackServer } from '../../electron/loopback/server.js';
import { startLoopbackServer } from '../../electron/loopback/server.js';

const SECRET = 'outside of the window';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let folder: string;
let server: LoopbackServer;

function fakeService(uploads: string): AppService {
  const handle = (command: string): Promise<unknown> => {
    if (command === 'getHistory') return Promise.resolve([]);
    return Promise.reject(new CommandRefusedError(`no ${command}`, 'a hint'));
  };
  return {
    handle: handle as AppService['handle'],
    subscribe: () => () => undefined,
    media: ({ kind, id }) =>
      Promise.resolve(
        kind === 'export' && id === 'known'
          ? { contentType: 'application/octet-stream', body: new Uint8Array([1, 2, 3]), fileName: 'Küche 日本 "1".ply' }
          : null,
      ),
    openUpload: async (uploadId) => {
      const path = join(uploads, uploadId);
      await mkdir(path, { recursive: true });
      return path;
    },
    dispose: () => Promise.resolve(),
  };
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-loopback-'));
  const rendererFolder = join(folder, 'renderer');
  await mkdir(join(rendererFolder, 'assets'), { recursive: true });
  await writeFile(join(rendererFolder, 'index.html'), '<title>window</title>');
  await writeFile(join(rendererFolder, 'assets', 'main.js'), '1;');
  await writeFile(join(folder, 'secret.js'), SECRET);
  await symlink(join(folder, 'secret.js'), join(rendererFolder, 'assets', 'link.js'));
  server = await startLoopbackServer({
    service: fakeService(join(folder, 'uploads')),
    rendererFolder,
    uploadLimits: { fileBytes: 1000, totalBytes: 1500, files: 4, uploads: 2 },
    maxFrameBytes: 10_000,
  });
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

function ask(
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: string | Buffer;
  } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, path, method: options.method ?? 'GET', headers: options.headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}

async function enter(): Promise<string> {
  const { headers } = await ask(server.url.slice(server.origin.length));
  return ((headers['set-cookie']?.[0] ?? '').split(';')[0] as string) || 'none';
}

/** 'open', or the status that the upgrade was refused with. */
function knock(
  headers: Record<string, string>,
  path = '/socket',
): Promise<{ outcome: 'open' | number; socket: WebSocket }> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
  return new Promise((resolve) => {
    socket.on('open', () => resolve({ outcome: 'open', socket }));
    socket.on('unexpected-response', (_, response) => resolve({ outcome: response.statusCode ?? 0, socket }));
    socket.on('error', () => undefined);
  });
}

describe('the token', () => {
  it('buys a cookie that scripts cannot read, and the address without it', async () => {
    const { status, headers } = await ask(server.url.slice(server.origin.length));
    expect(status).toBe(303);
    expect(headers.location).toBe('/');
    expect(headers['set-cookie']?.[0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
    const cookie = (headers['set-cookie']?.[0] ?? '').split(';')[0] as string;
    expect(await ask('/', { headers: { cookie } })).toMatchObject({ status: 200, body: '<title>window</title>' });
  });

  it('works once', async () => {
    await enter();
    const again = await ask(server.url.slice(server.origin.length));
    expect(again.status).toBe(403);
    expect(again.headers['set-cookie']).toBeUndefined();
    expect(again.body).toContain('used already');
  });

  it('is not needed by who has the cookie already: reload, second tab, history', async () => {
    const cookie = await enter();
    expect((await ask(server.url.slice(server.origin.length), { headers: { cookie } })).status).toBe(303);
  });

  it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(5000)])('is refused when it is wrong: %s', async (token) => {
    expect((await ask(`/?token=${token}`)).status).toBe(403);
    // A wrong guess does not use up the right one.
    expect(await enter()).not.toBe('none');
  });

  it('opens nothing but the front door', async () => {
    const token = new URL(server.url).searchParams.get('token') ?? '';
    expect((await ask(`/assets/main.js?token=${token}`)).status).toBe(403);
    expect((await knock({ origin: server.origin }, `/socket?token=${token}`)).outcome).toBe(403);
  });
});

describe('who may ask', () => {
  it.each(['/', '/assets/main.js', '/media/export/known', '/nowhere'])(
    'nobody without the cookie: %s',
    async (path) => {
      expect((await ask(path)).status).toBe(403);
      expect((await ask(path, { headers: { cookie: `vantage-${server.port}=${'A'.repeat(43)}` } })).status).toBe(403);
    },
  );

  it.each(['evil.example', 'localhost', '127.0.0.1', '127.0.0.1:1', '[::1]', '0.0.0.0'])(
    'nobody at another address, as after DNS rebinding: %s',
    async (host) => {
      const cookie = await enter();
      expect((await ask('/', { headers: { cookie, host } })).status).toBe(403);
    },
  );

  it('at localhost as well', async () => {
    const cookie = await enter();
    expect((await ask('/', { headers: { cookie, host: `localhost:${server.port}` } })).status).toBe(200);
  });

  it.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1', 'http://localhost'])(
    'no page of another origin: %s',
    async (origin) => {
      const cookie = await enter();
      expect((await ask('/', { headers: { cookie, origin } })).status).toBe(403);
      expect((await ask('/upload/upload-1/a.jpg', { method: 'POST', headers: { cookie, origin } })).status).toBe(403);
      expect((await knock({ cookie, origin })).outcome).toBe(403);
    },
  );

  it('no frame, picture or script of another site, whose requests carry no origin', async () => {
    const cookie = await enter();
    const from = (site: string, mode: string): Promise<Answer> =>
      ask('/assets/main.js', { headers: { cookie, 'sec-fetch-site': site, 'sec-fetch-mode': mode } });
    expect((await from('cross-site', 'no-cors')).status).toBe(403);
    expect((await from('same-site', 'no-cors')).status).toBe(403);
    expect((await from('same-origin', 'no-cors')).status).toBe(200);
  });

  it('uploads and sockets must say where they come from', async () => {
    const cookie = await enter();
    expect((await ask('/upload/upload-1/a.jpg', { method: 'POST', headers: { cookie }, body: 'x' })).status).toBe(403);
    expect((await knock({ cookie })).outcome).toBe(403);
    expect((await knock({ origin: server.origin })).outcome).toBe(403);
    const { outcome, socket } = await knock({ cookie, origin: server.origin });
    socket.terminate();
    expect(outcome).toBe('open');
  });
});

describe('what is served', () => {
  it('comes with the policy, isolation and no sniffing, refusals included', async () => {
    const cookie = await enter();
    for (const answer of [
      await ask('/', { headers: { cookie } }),
      await ask('/'),
      await ask('/no', { headers: { cookie } }),
    ]) {
      expect(answer.headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; " +
          "img-src 'self' blob: data:; style-src 'self'; font-src 'self'; media-src 'self' blob:; base-uri 'none'; " +
          "form-action 'none'; frame-ancestors 'none'",
      );
      expect(answer.headers['cross-origin-opener-policy']).toBe('same-origin');
      expect(answer.headers['cross-origin-embedder-policy']).toBe('require-corp');
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it.each([
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/..%2fsecret.js',
    '/assets/..%5c..%5csecret.js',
    '/assets\\..\\..\\secret.js',
    '//secret.js',
    '/assets/main.js%00.html',
    '/assets/link.js',
    '/assets',
    '/assets/',
    '/media/export/..%2f..%2fsecret.js',
    '/media/export/unknown',
    '/media/unknown/known',
  ])('is nothing outside of the window: %s', async (path) => {
    const cookie = await enter();
    const { status, body } = await ask(path, { headers: { cookie } });
    expect(status).toBe(404);
    expect(body).not.toContain(SECRET);
  });

  it('downloads under any name', async () => {
    const cookie = await enter();
    const { status, headers, body } = await ask('/media/export/known', { headers: { cookie } });
    expect([status, body]).toEqual([200, '\x01\x02\x03']);
    expect(headers['content-disposition']).toBe(
      'attachment; filename="K_che __ _1_.ply"; filename*=UTF-8\'\'K%C3%BCche%20%E6%97%A5%E6%9C%AC%20%221%22.ply',
    );
  });

  it('to GET and HEAD alone', async () => {
    const cookie = await enter();
    expect((await ask('/', { method: 'PUT', headers: { cookie } })).status).toBe(405);
    const head = await ask('/', { method: 'HEAD', headers: { cookie } });
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', '21']);
  });

  it('survives what is no HTTP', async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.end('\x00\xff nonsense\r\n\r\n'));
      socket.on('close', () => resolve());
      socket.on('error', () => undefined);
      socket.resume();
    });
    expect((await ask('/')).status).toBe(403);
  });
});

describe('uploads', () => {
  const post = async (
    path: string,
    body: string | Buffer,
    cookie: string,
    more: Record<string, string> = {},
  ): Promise<Answer> => ask(path, { method: 'POST', headers: { cookie, origin: server.origin, ...more }, body });
  const stored = async (): Promise<string[]> => {
    const entries = await readdir(join(folder, 'uploads'), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  };

  it('keep folders and names: spaces, é, 日本', async () => {
    const cookie = await enter();
    const parts = ['Été à Kyōto', '日本', 'photo 1.jpg'];
    const answer = await post(`/upload/upload-1/${parts.map(encodeURIComponent).join('/')}`, 'pixels', cookie);
    expect(answer.status).toBe(201);
    expect(await readFile(join(folder, 'uploads', 'upload-1', ...parts), 'utf8')).toBe('pixels');
  });

  it.each([
    'upload-1/../escaped.jpg',
    'upload-1/%2e%2e/escaped.jpg',
    'upload-1/..%2f..%2fescaped.jpg',
    'upload-1/a%5c..%5cescaped.jpg',
    'upload-1/%2fetc%2fescaped.jpg',
    'upload-1//escaped.jpg',
    'upload-1/nul%00escaped.jpg',
    'upload-1/line%0aescaped.jpg',
    'upload-1/bad%ffescaped.jpg',
    'upload-1/bad%escaped.jpg',
    '..%2fx/escaped.jpg',
    `upload-1/${'deep/'.repeat(40)}escaped.jpg`,
    'upload-1/',
    'upload-1',
  ])('never leave their folder: %s', async (path) => {
    const cookie = await enter();
    const { status } = await post(`/upload/${path}`, 'x', cookie);
    expect([400, 404]).toContain(status);
    expect((await readdir(folder)).sort()).toEqual(['renderer', 'secret.js']);
  });

  it('shorten names that are too long for a file system, each to its own', async () => {
    const cookie = await enter();
    const long = '日'.repeat(120);
    expect((await post(`/upload/upload-1/${encodeURIComponent(`${long}a.jpeg`)}`, '1', cookie)).status).toBe(201);
    expect((await post(`/upload/upload-1/${encodeURIComponent(`${long}b.jpeg`)}`, '2', cookie)).status).toBe(201);
    const names = await stored();
    expect(new Set(names).size).toBe(2);
    expect(names.every((name) => name.endsWith('.jpeg') && Buffer.byteLength(name) <= 255)).toBe(true);
  });

  it('of one name stand beside each other', async () => {
    const cookie = await enter();
    await post('/upload/upload-1/a.jpg', '1', cookie);
    await post('/upload/upload-1/a.jpg', '2', cookie);
    expect((await stored()).sort()).toEqual(['a (2).jpg', 'a.jpg']);
  });

  it('are bounded: a file, all of them, their number', async () => {
    const cookie = await enter();
    expect((await post('/upload/upload-1/large.jpg', Buffer.alloc(1001), cookie)).status).toBe(413);
    const chunked = await post('/upload/upload-1/large.jpg', Buffer.alloc(1001), cookie, {
      'transfer-encoding': 'chunked',
    });
    expect(chunked.status).toBe(413);
    expect(await stored()).toEqual([]);
    expect((await post('/upload/upload-1/a.jpg', Buffer.alloc(1000), cookie)).status).toBe(201);
    expect((await post('/upload/upload-1/b.jpg', Buffer.alloc(501), cookie)).status).toBe(413);
    expect((await post('/upload/upload-1/c.jpg', Buffer.alloc(500), cookie)).status).toBe(201);
    expect((await post('/upload/upload-1/d.jpg', 'x', cookie)).status).toBe(413);
    await post('/upload/upload-2/a.jpg', 'x', cookie);
    expect((await post('/upload/upload-3/a.jpg', 'x', cookie)).status).toBe(413);
    expect((await stored()).sort()).toEqual(['a.jpg', 'a.jpg', 'c.jpg']);
  });
});

describe('the socket', () => {
  const open = async (): Promise<WebSocket> => (await knock({ cookie: await enter(), origin: server.origin })).socket;
  const next = (socket: WebSocket): Promise<unknown> =>
    new Promise((resolve) => socket.once('message', (data) => resolve(JSON.parse((data as Buffer).toString('utf8')))));
  const closed = (socket: WebSocket): Promise<number> => new Promise((resolve) => socket.once('close', resolve));

  it('answers commands, refusals in words', async () => {
    const socket = await open();
    socket.send(JSON.stringify({ id: 7, command: 'getHistory', request: {} }));
    expect(await next(socket)).toEqual({ type: 'answer', id: 7, response: [] });
    socket.send(JSON.stringify({ id: 8, command: 'newProject', request: {} }));
    expect(await next(socket)).toEqual({
      type: 'refusal',
      id: 8,
      refusal: { message: 'no newProject', hint: 'a hint' },
    });
    socket.terminate();
  });

  it.each([
    ['an unknown command', 'format-disk', {}],
    ['a property of every object', 'constructor', {}],
    ['a request of another form', 'startRun', { from: 'nowhere' }],
    ['paths, which only the other host may be told', 'importPaths', { paths: ['/etc/passwd'] }],
  ])('refuses %s and goes on', async (_, command, request) => {
    const socket = await open();
    socket.send(JSON.stringify({ id: 1, command, request }));
    expect(await next(socket)).toMatchObject({
      type: 'refusal',
      id: 1,
      refusal: { hint: expect.stringMatching(/Reload/) as string },
    });
    socket.send(JSON.stringify({ id: 2, command: 'getHistory', request: {} }));
    expect(await next(socket)).toMatchObject({ type: 'answer', id: 2 });
    socket.terminate();
  });

  it.each([
    '',
    'no json',
    '[]',
    'null',
    '{"id":-1,"command":"getHistory","request":{}}',
    '{"id":1}',
    `{"id":1,"command":"${'x'.repeat(65)}","request":{}}`,
  ])('closes on what is no envelope: %s', async (frame) => {
    const socket = await open();
    socket.send(frame);
    expect(await closed(socket)).toBe(1008);
  });

  it('closes on binary frames and on frames that are too large', async () => {
    const cookieOfFirst = await enter();
    const first = (await knock({ cookie: cookieOfFirst, origin: server.origin })).socket;
    first.send(Buffer.from('{}'));
    expect(await closed(first)).toBe(1003);
    const second = (await knock({ cookie: cookieOfFirst, origin: server.origin })).socket;
    second.send(JSON.stringify({ id: 1, command: 'getHistory', request: {}, more: 'x'.repeat(20_000) }));
    expect(await closed(second)).toBe(1009);
  });
});
