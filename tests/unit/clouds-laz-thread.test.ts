/** LAZ that is damaged, and a decompressor that misbehaves: always an ImportError, never points. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ArithmeticIntegers, CodeEndError } from '../../engine/formats/arithmetic-integers.js';
import { bytesAsSource } from '../../engine/formats/byte-source.js';
import type { LazChunk } from '../../engine/formats/laz-decoder.js';
import { LazDecodeError } from '../../engine/formats/laz-decoder.js';
import { openLas } from '../../engine/formats/read-las.js';
import { openLazThread } from '../../host/clouds/laz-thread.js';
import { expectImportError } from '../fixtures/captures/expect-import-error.js';
import { readWhole } from '../fixtures/clouds/read-whole.js';

const DATA = fileURLToPath(new URL('../../../shared/data/clouds/laz', import.meta.url));
const isThere = existsSync(DATA);
if (!isThere) console.log(`SKIPPED: damaging LAZ files: ${DATA} is not there`);

const CHUNK: LazChunk = {
  bytes: new Uint8Array(100),
  points: 5,
  pointFormat: 0,
  recordBytes: 20,
  items: Uint8Array.of(6, 0, 20, 0, 2, 0),
};

/** A thread that does as it is told instead of decompressing. */
const misbehaving = (code: string): URL =>
  new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'; ${code}`)}`);

async function failureOf(workerUrl: URL, limitMs: number, signal?: AbortSignal): Promise<unknown> {
  const decoder = openLazThread({ workerUrl, limitMs });
  try {
    await decoder.decode(CHUNK, signal).next();
    return null;
  } catch (error) {
    return error;
  } finally {
    await decoder.close();
  }
}

describe('the LAZ thread', () => {
  it.each([
    ['hangs', 'parentPort.on("message", () => { for (;;); })', 300, /no end/],
    ['ends', 'parentPort.on("message", () => process.exit(0))', 60_000, /ended/],
    [
      'throws where nobody catches',
      'parentPort.on("message", () => { throw new Error("boom"); })',
      60_000,
      /broke down/,
    ],
    ['does not start', 'throw new Error("boom")', 60_000, /broke down/],
  ])('that %s is ended and told of', async (_how, code, limitMs, message) => {
    const error = await failureOf(misbehaving(code), limitMs);
    expect(error).toBeInstanceOf(LazDecodeError);
    expect((error as LazDecodeError).message).toMatch(message);
  });

  it('is stopped in the middle of its work by the signal, whose reason is thrown', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const failing = failureOf(misbehaving('parentPort.on("message", () => { for (;;); })'), 60_000, controller.signal);
    setTimeout(() => controller.abort(reason), 100);
    expect(await failing).toBe(reason);
  });

  it('says that a chunk of zeros is cut off', async () => {
    const decoder = openLazThread();
    const error: unknown = await decoder
      .decode({ ...CHUNK, bytes: new Uint8Array(10) })
      .next()
      .catch((thrown: unknown) => thrown);
    await decoder.close();
    expect(error).toBeInstanceOf(LazDecodeError);
  });
});

describe('integers in an arithmetic code', () => {
  it('that end early are an error, not numbers without end', () => {
    expect(() => new ArithmeticIntegers(Uint8Array.of(1, 2, 3), 2)).toThrow(CodeEndError);
    const integers = new ArithmeticIntegers(Uint8Array.of(0x9c, 0x31, 0x77, 0x20, 0xab), 2);
    expect(() => {
      for (let i = 0; i < 1000; i++) integers.next(0, 1);
    }).toThrow(CodeEndError);
  });
});

describe.skipIf(!isThere)('a damaged LAZ file', () => {
  const original = isThere ? new Uint8Array(readFileSync(join(DATA, 'simple.laz'))) : new Uint8Array(0);
  const open = (bytes: Uint8Array) =>
    openLas(bytesAsSource(bytes, 'damaged.laz'), { openLazDecoder: () => openLazThread() });

  it.each([0.001, 0.01, 0.02, 0.3, 0.9, 0.999, 0.9999])('that ends after %f of it gives no point', async (share) => {
    const error = await expectImportError('truncated', () =>
      open(original.slice(0, Math.floor(original.length * share))),
    );
    expect(error.where).toMatch(/^byte \d+$/);
  });

  it('with a byte changed among its points is refused with the byte of its chunk', async () => {
    for (const at of [400, 1500, 9000, 17_000]) {
      const bytes = original.slice();
      bytes[at]! ^= 0x5a;
      const error = await expectImportError('malformed', async () => readWhole(await open(bytes)));
      // The only chunk begins eight bytes after the points' offset, 333.
      expect(error.where).toBe('byte 341');
    }
  });

  it.each<[string, (view: DataView) => void, RegExp]>([
    ['a chunk table before its chunks', (view) => view.setBigInt64(333, 10n, true), /byte 333/],
    ['a chunk table beyond its end', (view) => view.setBigInt64(333, 1n << 40n, true), /byte 333/],
    ['more chunks than it has room for', (view) => view.setUint32(18_203 + 4, 1e9, true), /byte/],
    ['more points than its chunks', (view) => view.setUint32(107, 70_000, true), /byte/],
    ['parts that make up no point', (view) => view.setUint16(227 + 54 + 36, 30, true), /byte/],
    ['compression of an unknown kind', (view) => view.setUint16(227 + 54, 9, true), /byte 281/],
    ['no record that says how it is compressed', (view) => view.setUint32(100, 0, true), /byte 227/],
  ])('with %s is refused before its first point', async (_name, damage, where) => {
    const bytes = original.slice();
    damage(new DataView(bytes.buffer));
    const error: unknown = await open(bytes).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ImportError', where: expect.stringMatching(where) as string });
  });

  it('cannot be opened where nobody brings a decompressor', async () => {
    await expectImportError('unsupported', () => openLas(bytesAsSource(original, 'x.laz')));
  });
});
