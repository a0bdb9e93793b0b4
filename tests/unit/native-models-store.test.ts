import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadModel } from '../../native-models/download-model.js';
import type { DepthNetworkEntry } from '../../native-models/manifest.js';
import { DEPTH_NETWORKS } from '../../native-models/manifest.js';
import { loadStoredModel, locateModelFolder } from '../../native-models/store.js';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
const sha256 = createHash('sha256').update(content).digest('hex');

let folder = '';
let server: Server | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-models-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  server = null;
  await rm(folder, { recursive: true, force: true });
});

function entryOf(url: string | null): DepthNetworkEntry {
  return { ...DEPTH_NETWORKS[0]!, name: 'test-net', fileName: 'test-net.onnx', url, bytes: content.length, sha256 };
}

/** Serves on the loopback interface and returns the entry that points there. */
async function serve(listener: RequestListener): Promise<DepthNetworkEntry> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return entryOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/model.onnx`);
}

describe('the model folder', () => {
  it('follows VANTAGE_MODELS, then the platform', () => {
    expect(locateModelFolder({ VANTAGE_MODELS: '/m' }, 'linux', '/home/u')).toBe('/m');
    expect(locateModelFolder({}, 'linux', '/home/u')).toBe('/home/u/.local/share/vantage/models');
    expect(locateModelFolder({ XDG_DATA_HOME: '/data' }, 'linux', '/home/u')).toBe('/data/vantage/models');
    expect(locateModelFolder({}, 'darwin', '/Users/u')).toBe('/Users/u/Library/Application Support/vantage/models');
    expect(locateModelFolder({ LOCALAPPDATA: '/local' }, 'win32', '/u')).toBe('/local/vantage/models');
  });
});

describe('finding a model', () => {
  it('takes a verified file by name, and recognises it under another one', async () => {
    const networks = [entryOf(null)];
    await writeFile(join(folder, 'test-net.onnx'), content);
    const byName = await loadStoredModel('test-net', { folder, networks });
    expect(byName.entry).toBe(networks[0]);
    expect(Buffer.compare(byName.bytes, content)).toBe(0);
    const renamed = join(folder, 'renamed.onnx');
    await writeFile(renamed, content);
    expect((await loadStoredModel(renamed, { folder, networks })).entry).toBe(networks[0]);
  });

  it('says where a missing one belongs and how to get it', async () => {
    const at = (name: string, networks: DepthNetworkEntry[]) => loadStoredModel(name, { folder, networks });
    await expect(at('test-net', [entryOf('https://example.org/n.onnx')])).rejects.toMatchObject({
      code: 'not-found',
      file: join(folder, 'test-net.onnx'),
      hint: expect.stringContaining('https://example.org/n.onnx') as string,
    });
    await expect(at('test-nett', [entryOf(null)])).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringMatching(/test-net.*belong in/) as string,
    });
    await expect(at(folder, [entryOf(null)])).rejects.toMatchObject({ code: 'unreadable' });
  });

  it('refuses a manifest model with other content, and takes any other file as unknown', async () => {
    const networks = [entryOf(null)];
    const path = join(folder, 'test-net.onnx');
    await writeFile(path, content.subarray(1));
    await expect(loadStoredModel('test-net', { folder, networks })).rejects.toMatchObject({
      code: 'size-mismatch',
      file: path,
    });
    const flipped = Buffer.from(content);
    flipped[1234]! ^= 1;
    await writeFile(path, flipped);
    await expect(loadStoredModel(path, { folder, networks })).rejects.toMatchObject({ code: 'malformed', file: path });
    const own = join(folder, 'own.onnx');
    await writeFile(own, flipped);
    expect((await loadStoredModel(own, { folder, networks })).entry).toBeNull();
  });
});

describe('downloading a model', () => {
  it('stores what verifies, reports progress, and does not fetch it twice', async () => {
    let requests = 0;
    const entry = await serve((request, response) => {
      requests++;
      if (request.url === '/model.onnx') response.writeHead(302, { location: '/there' }).end();
      else response.writeHead(200, { 'content-length': content.length }).end(content);
    });
    const progress: number[] = [];
    const path = await downloadModel(entry, {
      folder: join(folder, 'new'),
      onProgress: (bytes) => progress.push(bytes),
    });
    expect(Buffer.compare(await readFile(path), content)).toBe(0);
    expect(progress.at(-1)).toBe(content.length);
    expect(await readdir(join(folder, 'new'))).toEqual(['test-net.onnx']);
    await downloadModel(entry, { folder: join(folder, 'new') });
    expect(requests).toBe(2);
  });

  it('stores all files of a model, the first one last, and says how far all of them are', async () => {
    const weights = Buffer.from(content.map((byte) => byte ^ 255));
    const asked: string[] = [];
    const served = await serve((request, response) => {
      asked.push(request.url!);
      response.end(request.url === '/weights' ? weights : content);
    });
    const digest = createHash('sha256').update(weights).digest('hex');
    const url = served.url!.replace('model.onnx', 'weights');
    const companion = { fileName: 'test-net.onnx_data', location: 'w', url, bytes: weights.length, sha256: digest };
    const entry = { ...served, companions: [companion] };
    const progress: [number, number][] = [];
    const onProgress = (...told: [number, number]): unknown => progress.push(told);
    const path = await downloadModel(entry, { folder, onProgress });
    expect(path).toBe(join(folder, 'test-net.onnx'));
    expect(asked).toEqual(['/weights', '/model.onnx']);
    expect(Buffer.compare(await readFile(join(folder, 'test-net.onnx_data')), weights)).toBe(0);
    expect(progress.at(-1)).toEqual([2 * content.length, 2 * content.length]);
    expect(progress.every(([received], i) => i === 0 || received > progress[i - 1]![0])).toBe(true);
    // Only what is damaged is fetched anew.
    await writeFile(join(folder, 'test-net.onnx_data'), weights.subarray(1));
    await downloadModel(entry, { folder });
    expect(asked).toEqual(['/weights', '/model.onnx', '/weights']);
    // Where the weights are not what they should be, the first file does not come at all.
    const wrong = { ...entry, companions: [{ ...companion, sha256 }] };
    const elsewhere = join(folder, 'elsewhere');
    await expect(downloadModel(wrong, { folder: elsewhere })).rejects.toMatchObject({ code: 'malformed' });
    expect(await readdir(elsewhere)).toEqual([]);
  });

  it.each<[string, string, RequestListener]>([
    ['an error page', 'unreadable', (_, response) => response.writeHead(404).end('no')],
    ['too short a length', 'truncated', (_, response) => response.writeHead(200, { 'content-length': 3 }).end('abc')],
    ['fewer bytes than promised', 'truncated', (_, response) => response.end(content.subarray(0, 1000))],
    [
      'bytes without end',
      'size-mismatch',
      (_, response) => {
        const push = (): void => {
          while (!response.destroyed && response.write(content));
          if (!response.destroyed) response.once('drain', push);
        };
        push();
      },
    ],
    ['other bytes', 'malformed', (_, response) => response.end(Buffer.alloc(content.length))],
    [
      'a dropped connection',
      'unreadable',
      (_, response) => {
        response.writeHead(200, { 'content-length': content.length });
        response.write(content.subarray(0, 5000), () => response.destroy());
      },
    ],
    [
      'silence',
      'unreadable',
      (_, response) => response.writeHead(200, { 'content-length': content.length }).write('x'),
    ],
    [
      'a redirect to an unencrypted server',
      'unsupported',
      (request, response) => {
        // Another name of this machine that is not a loopback name: reachable, and to be refused.
        if (request.headers.host?.startsWith('127.0.0.1')) {
          const port = request.headers.host.split(':')[1]!;
          response.writeHead(302, { location: `http://127.0.0.2:${port}/` }).end();
        } else response.end(content);
      },
    ],
  ])('keeps nothing of %s', async (_, code, listener) => {
    const entry = await serve(listener);
    if (code === 'unsupported') {
      // 127.0.0.2 is reached only when the server listens on every loopback address.
      server!.closeAllConnections();
      await new Promise<void>((resolve) => server!.close(() => resolve()));
      server = createServer(listener);
      await new Promise<void>((resolve) => server!.listen(Number(new URL(entry.url!).port), '0.0.0.0', resolve));
    }
    await expect(downloadModel(entry, { folder, idleTimeoutMs: 300 })).rejects.toMatchObject({ name: 'ImportError' });
    await expect(downloadModel(entry, { folder, idleTimeoutMs: 300 })).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual([]);
  });

  it('stops when aborted, with the reason, and leaves nothing', async () => {
    const controller = new AbortController();
    const entry = await serve((_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000), () => controller.abort(new Error('enough')));
    });
    await expect(downloadModel(entry, { folder, signal: controller.signal })).rejects.toThrow('enough');
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses a model without a url or with an unencrypted one', async () => {
    await expect(downloadModel(entryOf(null), { folder })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(downloadModel(entryOf('http://example.org/m'), { folder })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });
});
