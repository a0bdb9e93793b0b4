/** What is handed to COLMAP, what is made of its answer, and what happens when it does not answer well: with a stand-in for it. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ImportError } from '../../engine/scene/errors.js';
import { CaptureFolder } from '../../host/capture-folder.js';
import type { SearchedCameras } from '../../host/poses/find-cameras-with.js';
import { findCamerasWith } from '../../host/poses/find-cameras-with.js';
import type { CameraSearchOptions } from '../../host/poses/find-cameras-with.js';
import { handPhotosOver } from '../../host/poses/hand-photos-over.js';
import { makeStandIn } from '../fixtures/colmap-stand-in.js';

/** The stand-in is a shell's script. */
const IS_POSIX = process.platform !== 'win32';
if (!IS_POSIX) console.log('SKIPPED: COLMAP and its failures: the stand-in needs a POSIX shell');

const root = mkdtempSync(join(tmpdir(), 'vantage colmap 日本-'));
const photos = join(root, 'fo tos é');
const [temporary, logFile] = [join(root, 'temporary'), join(root, 'out', 'colmap.log')];
const NAMES = ['a.jpg', 'z.jpg', 'ü 日本.png'];

beforeAll(async () => {
  mkdirSync(photos);
  for (const name of NAMES)
    await sharp({ create: { width: 40, height: 30, channels: 3, background: '#a63' } }).toFile(join(photos, name));
  writeFileSync(join(photos, 'broken.jpg'), 'no photo');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(() => {
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const folder of [temporary, join(root, 'bin'), join(root, 'out')])
    rmSync(folder, { recursive: true, force: true });
});

function standIn(script: string, help?: string) {
  const made = makeStandIn(join(root, 'bin'), script, help);
  vi.stubEnv('PATH', `${made.folder}${delimiter}${process.env['PATH'] ?? ''}`);
  return made;
}

async function find(options: Partial<CameraSearchOptions> = {}, signal?: AbortSignal): Promise<SearchedCameras> {
  const files = await CaptureFolder.open(photos);
  const all = { seed: 1, finder: 'colmap', logFile, ...options } as const;
  return findCamerasWith(files, [...NAMES, 'broken.jpg'], all, signal === undefined ? {} : { signal });
}

async function failure(options: Partial<CameraSearchOptions> = {}): Promise<ImportError> {
  const error: unknown = await find(options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ImportError);
  return error as ImportError;
}

/** Ended processes that nobody asked about stay as zombies. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const file = `/proc/${pid}/stat`;
  return !existsSync(file) || !/^\d+ \(.*\) Z/.test(readFileSync(file, 'utf8'));
}

describe.skipIf(!IS_POSIX)('COLMAP', () => {
  it('that is not on the PATH is an error that says what to do, before anything is done', async () => {
    vi.stubEnv('PATH', join(root, 'nowhere'));
    const { code, hint } = await failure();
    expect(code).toBe('not-found');
    expect(hint).toMatch(/Install COLMAP .*or leave it/);
    expect(readdirSync(temporary)).toEqual([]);
    expect(existsSync(logFile)).toBe(false);
  });

  it('that fails is quoted, with the step and where its log is', async () => {
    const fake = standIn('echo starting; echo "the disk is full" >&2; exit 3');
    const error = await failure();
    expect(error.problem).toBe('feature_extractor ended with code 3: the disk is full');
    expect(error.hint).toContain(logFile);
    expect(fake.calls()).toHaveLength(1);
    expect(readFileSync(logFile, 'utf8')).toMatch(
      /^COLMAP 9\.8\.7\ncolmap feature_extractor .*\n(starting\n)?the disk is full/,
    );
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('that cannot be started is named', async () => {
    const { folder } = standIn('');
    writeFileSync(join(folder, 'colmap'), '#!/nowhere/at/all\n');
    const { file, problem } = await failure();
    expect(file).toBe(join(folder, 'colmap'));
    expect(problem).toContain('ENOENT');
  });

  it('that says nothing of a model, or that there is none, has placed nothing', async () => {
    for (const script of [
      '',
      '[ "$1" = mapper ] && { echo "ERROR: failed to create sparse model"; exit 1; }; exit 0',
    ]) {
      standIn(script);
      const found = await find();
      expect(found.model).toBeNull();
      expect(found.finder).toEqual({ name: 'colmap', version: '9.8.7' });
      expect(found.photos).toEqual(
        NAMES.map((name) => ({ name, isPlaced: false, reason: 'unexplained', matchCount: null })),
      );
      expect(found.problems.map(({ file }) => file)).toEqual(['broken.jpg']);
      expect(existsSync(logFile)).toBe(true);
      expect(readdirSync(temporary)).toEqual([]);
    }
  });

  it.each([
    ['garbage', 'mkdir "$out/0"; echo garbage > "$out/0/images.bin"', 'truncated'],
    // 2⁶³ images in a file of eight bytes.
    ['an absurd count', 'mkdir "$out/0"; printf "\\0\\0\\0\\0\\0\\0\\0\\200" > "$out/0/images.bin"', 'truncated'],
    ['no images', 'mkdir "$out/0"', 'not-found'],
    ['a link that leads out', 'mkdir "$out/0"; ln -s /etc/passwd "$out/0/images.bin"', 'outside-capture'],
  ])('that writes %s is found out', async (_, script, code) => {
    standIn(`[ "$1" = mapper ] || exit 0\n${script}`);
    expect((await failure()).code).toBe(code);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('that takes too long is ended, and so is what it started', async () => {
    const pids = join(root, 'out', 'pids');
    mkdirSync(join(root, 'out'));
    // The stand-in and its child do not listen to SIGTERM.
    standIn(`trap '' TERM\nsh -c "trap '' TERM; while true; do sleep 1; done" &\necho $$ $! > '${pids}'\nwait`);
    const error = await failure({ timeoutMs: 1500 });
    expect(error.problem).toMatch(/had not finished after 1 minutes, and was ended in feature_extractor/);
    const numbers = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
    expect(numbers).toHaveLength(2);
    await vi.waitFor(() => expect(numbers.filter(isRunning)).toEqual([]), 10_000);
  });

  it('that is cancelled is gone, with its child, its files and its log', async () => {
    const pids = join(root, 'pids');
    standIn(`trap '' TERM\nsh -c "trap '' TERM; while true; do sleep 1; done" &\necho $$ $! > '${pids}'\nwait`);
    const controller = new AbortController();
    const running = find({}, controller.signal).catch((reason: unknown) => reason);
    await vi.waitFor(() => expect(readFileSync(pids, 'utf8')).toMatch(/^\d+ \d+\n/), 20_000);
    controller.abort(new Error('enough'));
    expect(await running).toMatchObject({ message: 'enough' });
    const numbers = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
    await vi.waitFor(() => expect(numbers.filter(isRunning)).toEqual([]), 10_000);
    expect(readdirSync(temporary)).toEqual([]);
    expect(existsSync(logFile)).toBe(false);
  });

  it('is asked for one lens a folder, on the CPU, by the names that its version has for that', async () => {
    const old = standIn('');
    await find({ threads: 3, seed: 7 });
    const [features, matches, mapper] = old.calls();
    for (const part of [
      '--ImageReader.single_camera_per_folder 1',
      '--ImageReader.camera_model RADIAL',
      '--SiftExtraction.use_gpu 0 --SiftExtraction.num_threads 3',
      '--random_seed 7',
    ])
      expect(features).toContain(part);
    expect(matches).toContain('--SiftMatching.use_gpu 0 --SiftMatching.num_threads 3');
    expect(mapper).toContain('--Mapper.num_threads 3');
    rmSync(old.folder, { recursive: true });
    const young = standIn('', '--FeatureExtraction.use_gpu arg --FeatureMatching.use_gpu');
    await find();
    expect(young.calls()[0]).toContain('--FeatureExtraction.use_gpu 0');
    expect(young.calls()[1]).toContain('--FeatureMatching.use_gpu 0');
  });
});

describe('photos that are handed over', () => {
  const source = join(root, 'mixed');
  const target = join(root, 'handed');

  beforeAll(async () => {
    mkdirSync(source);
    const plain = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: '#37c' } });
    // Saved on its side: as seen it is 30 wide and 40 high.
    await plain(40, 30).jpeg().withMetadata({ orientation: 6 }).toFile(join(source, '1 turned.jpg'));
    await plain(30, 40).tiff().toFile(join(source, '2 日本.tif'));
    // 100 mm on film, whose diagonal is 43.27 mm: 2.311 of the photo's diagonal of 50, which is 2.889 of its longer side.
    const film = plain(40, 30).withExif({ IFD2: { FocalLengthIn35mmFilm: '100' } });
    await film.jpeg().toFile(join(source, '3 film.jpg'));
    await plain(4000, 1000).jpeg().toFile(join(source, '4 wide.jpg'));
  });

  async function handOver(areLensesSeparate: boolean) {
    rmSync(target, { recursive: true, force: true });
    const files = await CaptureFolder.open(source);
    const paths = [...(await files.list())].sort();
    const { photos: handed, problems } = await handPhotosOver(files, paths, target, areLensesSeparate, {});
    expect(problems).toEqual([]);
    return handed;
  }

  it('stand upright, one folder a lens, are never enlarged, and state the focal length as COLMAP reads it', async () => {
    const handed = await handOver(false);
    expect(
      handed.map(({ name, handedName, fileSize, handedSize }) => [name, handedName, fileSize, handedSize]),
    ).toEqual([
      ['1 turned.jpg', 'lens-1/000001.jpg', { width: 30, height: 40 }, { width: 30, height: 40 }],
      ['2 日本.tif', 'lens-1/000002.jpg', { width: 30, height: 40 }, { width: 30, height: 40 }],
      ['3 film.jpg', 'lens-2/000003.jpg', { width: 40, height: 30 }, { width: 40, height: 30 }],
      ['4 wide.jpg', 'lens-3/000004.jpg', { width: 4000, height: 1000 }, { width: 3200, height: 800 }],
    ]);
    for (const { handedName, handedSize } of handed) {
      const { format, orientation = 1, ...size } = await sharp(join(target, handedName)).metadata();
      expect({ format, orientation, size }).toMatchObject({ format: 'jpeg', orientation: 1, size: handedSize });
    }
    const exif = async (name: string) => (await sharp(join(target, name)).metadata()).exif;
    expect(await exif('lens-1/000001.jpg')).toBeUndefined();
    // COLMAP takes 35 mm for 1 longer side: 2.889 of them are 101.1.
    const { readExif } = await import('../../engine/formats/read-exif.js');
    expect(readExif((await exif('lens-2/000003.jpg'))!)).toMatchObject({ focal35Mm: 101, make: null, model: null });
  });

  it('have a folder each where each has a lens of its own', async () => {
    const folders = (await handOver(true)).map(({ handedName }) => handedName.split('/')[0]);
    expect(folders).toEqual(['lens-1', 'lens-2', 'lens-3', 'lens-4']);
  });
});
