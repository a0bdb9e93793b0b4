import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cameraSchema } from '../../electron/ipc/photo-contract.js';
import { classifyDrop } from '../../electron/service/import/classify-drop.js';
import type { ImportPlan, ProblemKind } from '../../electron/service/import/import-plan.js';
import type { MergeTarget } from '../../electron/service/import/merge-import.js';
import { knownPhotosOf, mergeImport } from '../../electron/service/import/merge-import.js';

const EMPTY: MergeTarget = { photos: [], capture: null };

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'vantage drop é 日本 '));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function put(path: string, content: string | Uint8Array): Promise<string> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

/** A photo of its own for every shade. */
function photo(path: string, shade: number, size = { width: 20, height: 10 }): Promise<string> {
  const picture = sharp({ create: { ...size, channels: 3, background: { r: shade, g: 255 - shade, b: 90 } } });
  const format = /\.(png|webp|tiff?)$/i.exec(path)?.[1]?.toLowerCase();
  const encoded =
    format === 'png'
      ? picture.png()
      : format === 'webp'
        ? picture.webp()
        : format === undefined
          ? picture.jpeg()
          : picture.tiff();
  return encoded.toBuffer().then((bytes) => put(path, bytes));
}

/** A camera that looks along +z of the world from (x, 0, 0), in the OpenGL axes of transforms.json. */
function frame(filePath: string, x: number): object {
  const transform_matrix = [
    [1, 0, 0, x],
    [0, -1, 0, 0],
    [0, 0, -1, 0],
    [0, 0, 0, 1],
  ];
  return { file_path: filePath, transform_matrix };
}

function transforms(names: readonly string[], more: object = {}): string {
  return JSON.stringify({ fl_x: 100, w: 20, h: 10, frames: names.map((name, x) => frame(name, x)), ...more });
}

function problemsOf(plan: ImportPlan, kind: ProblemKind): string[] {
  return plan.problems.filter((problem) => problem.kind === kind).map(({ file }) => file);
}

const shown = (plan: ImportPlan): string[] => plan.photos.map(({ shownPath }) => shownPath);
const posed = (plan: ImportPlan): string[] => plan.photos.flatMap(({ name, pose }) => (pose === null ? [] : [name]));

describe('photos in a drop', () => {
  it('are found by name and content in files and folders, whatever they are called', async () => {
    const long = `${'x'.repeat(230)}.jpg`;
    await photo('shoot/a b.JPG', 1);
    await photo('shoot/deep/日本.webp', 2);
    await photo(`shoot/${long}`, 3);
    await photo('shoot/e\u0301.tif', 4);
    await put('shoot/.DS_Store', 'x');
    await put('shoot/Thumbs.db', 'x');
    await put('shoot/._a b.JPG', 'x');
    await photo('shoot/.hidden/b.jpg', 5);
    const alone = await photo('alone.png', 6, { width: 7, height: 5 });
    const plan = await classifyDrop([join(root, 'shoot'), alone]);
    expect(shown(plan).sort()).toEqual(
      ['alone.png', 'shoot/a b.JPG', 'shoot/deep/日本.webp', 'shoot/e\u0301.tif', `shoot/${long}`].sort(),
    );
    expect(plan.problems).toEqual([]);
    expect(plan.photos.find(({ name }) => name === 'alone.png')).toMatchObject({
      width: 7,
      height: 5,
      format: 'png',
      pose: null,
      fingerprint: {
        sha256: createHash('sha256')
          .update(await readFile(alone))
          .digest('hex'),
      },
    });
  });

  it('that are broken, empty, of a wrong kind or mislabelled are named, and the rest goes on', async () => {
    await photo('s/good.jpg', 1);
    await put('s/empty.jpg', '');
    await put('s/text.jpg', 'no photo at all');
    await put('s/heic.jpg', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0', 'latin1'));
    await put('s/phone.HEIC', 'x');
    await put('s/clip.mov', 'x');
    await put('s/notes.txt', 'x');
    await writeFile(join(root, 's/cut.png'), (await readFile(await photo('whole.png', 2))).subarray(0, 20));
    const plan = await classifyDrop([join(root, 's'), join(root, 'gone.jpg')]);
    expect(shown(plan)).toEqual(['s/good.jpg']);
    expect(problemsOf(plan, 'empty')).toEqual(['s/empty.jpg']);
    expect(problemsOf(plan, 'unsupported').sort()).toEqual(['s/heic.jpg', 's/phone.HEIC', 's/text.jpg']);
    expect(problemsOf(plan, 'not-yet')).toEqual(['s/clip.mov']);
    expect(problemsOf(plan, 'broken')).toEqual(['s/cut.png']);
    expect(problemsOf(plan, 'ignored')).toEqual(['s/notes.txt']);
    expect(problemsOf(plan, 'unreadable')).toEqual(['gone.jpg']);
    for (const { message, hint } of plan.problems) expect([message, hint]).not.toContain('');
    // Sixty of a kind are a few lines, not sixty.
    for (let number = 0; number < 60; number++) await put(`h/${number}.heic`, 'x');
    expect((await classifyDrop([join(root, 'h')])).problems).toHaveLength(11);
  });

  it('with the same content are taken once and both are named; one file given twice is one', async () => {
    const first = await photo('s/first.jpg', 1);
    await put('s/second copy.jpg', await readFile(first));
    const plan = await classifyDrop([join(root, 's'), first, first]);
    expect(shown(plan)).toEqual(['s/first.jpg']);
    expect(plan.problems).toMatchObject([
      { kind: 'duplicate', file: 's/second copy.jpg', message: expect.stringContaining('s/first.jpg') as string },
    ]);
  });

  it('behind links that lead out of the dropped folder are refused; circles end', async () => {
    await photo('outside/secret.jpg', 1);
    await photo('s/in.jpg', 2);
    await symlink(join(root, 'outside'), join(root, 's/out'));
    await symlink(join(root, 'outside/secret.jpg'), join(root, 's/out.jpg'));
    await symlink(join(root, 's'), join(root, 's/circle'));
    const plan = await classifyDrop([join(root, 's')]);
    expect(shown(plan)).toEqual(['s/in.jpg']);
    expect(problemsOf(plan, 'refused').sort()).toEqual(['s/out', 's/out.jpg']);
    // The user may drop a link himself.
    expect(shown(await classifyDrop([join(root, 's/out')]))).toEqual(['out/secret.jpg']);
  });

  it('stop being read when told to', async () => {
    await photo('s/a.jpg', 1);
    await expect(classifyDrop([join(root, 's')], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });
});

describe('cameras of a drop', () => {
  it('come with the folder of a capture, with its split and masks, and the sizes it holds twice are taken once', async () => {
    for (const [shade, name] of ['1.jpg', '2.jpg', '3.jpg'].entries()) {
      await photo(`cap/images/${name}`, shade + 1);
      await photo(`cap/images_2/${name}`, shade + 1, { width: 10, height: 5 });
    }
    await photo('cap/images/extra.jpg', 90);
    await photo('cap/masks/2.png', 200);
    const split = { train_filenames: ['images/1.jpg', 'images/3.jpg'], test_filenames: ['images/2.jpg'] };
    await put(
      'cap/transforms.json',
      transforms(['images/1.jpg', 'images/2.jpg', 'images/3.jpg', 'images/4.jpg'], split),
    );
    const plan = await classifyDrop([join(root, 'cap')]);
    expect(shown(plan)).toEqual(['1.jpg', '2.jpg', '3.jpg', 'extra.jpg'].map((name) => `cap/images/${name}`));
    expect(posed(plan)).toEqual(['1.jpg', '2.jpg', '3.jpg']);
    expect(plan.photos.map(({ split }) => split)).toEqual(['train', 'held-out', 'train', null]);
    expect(plan.photos.map(({ mask }) => mask?.file ?? null)).toEqual([
      null,
      join(root, 'cap/masks/2.png'),
      null,
      null,
    ]);
    expect(plan.capture).toMatchObject({ format: 'transforms-json', poseFile: 'transforms.json' });
    expect(problemsOf(plan, 'poses')).toEqual(['cap/transforms.json']);
    // Looking along +z from (1, 0, 0): no turn, and the centre goes to -t.
    const camera = cameraSchema.parse(plan.photos[1]?.shownCamera);
    expect([camera.fx, camera.width, camera.cx]).toEqual([100, 20, 10]);
    [1, 0, 0, 0, 1, 0, 0, 0, 1].forEach((value, i) => expect(camera.rotation[i]).toBeCloseTo(value, 12));
    [-1, 0, 0].forEach((value, i) => expect(camera.translation[i]).toBeCloseTo(value, 12));
  });

  it('reach loose photos by file name, in one drop, before them or after them', async () => {
    const photos = await Promise.all(
      ['a.jpg', 'caf\u00e9.jpg', 'c.jpg'].map((name, i) => photo(`loose/${name}`, i + 1)),
    );
    const poses = await put(
      'poses/transforms.json',
      transforms(['shots/a.jpg', 'shots/cafe\u0301.jpg', 'shots/d.jpg']),
    );
    const WITH_CAMERA = ['a.jpg', 'caf\u00e9.jpg'];

    expect(posed(await classifyDrop([...photos, poses]))).toEqual(WITH_CAMERA);

    const first = mergeImport(EMPTY, await classifyDrop(photos));
    const known = { known: knownPhotosOf(first.photos), knownCapture: first.capture };
    const after = mergeImport(first, await classifyDrop([poses], known));
    expect(after.photos.filter(({ pose }) => pose !== null).map(({ name }) => name)).toEqual(WITH_CAMERA);
    expect(after.photos.map(({ id }) => id)).toEqual(first.photos.map(({ id }) => id));
    expect(after.addedIds).toEqual([]);

    const waiting = await classifyDrop([poses]);
    expect(waiting.problems).toMatchObject([{ kind: 'poses', severity: 'info' }]);
    const before = mergeImport(EMPTY, waiting);
    const then = mergeImport(before, await classifyDrop(photos, { known: [], knownCapture: before.capture }));
    expect(then.photos.filter(({ pose }) => pose !== null).map(({ name }) => name)).toEqual(WITH_CAMERA);
  });

  it('come to a photo that is added later, and leave the others as they are', async () => {
    await photo('cap/images/1.jpg', 1);
    await photo('cap/images/2.jpg', 2);
    await put('cap/transforms.json', transforms(['images/1.jpg', 'images/2.jpg', 'images/3.jpg']));
    const first = mergeImport(EMPTY, await classifyDrop([join(root, 'cap')]));
    const late = await photo('late/3.jpg', 3);
    const plan = await classifyDrop([late, join(root, 'cap/images/1.jpg')], {
      known: knownPhotosOf(first.photos),
      knownCapture: first.capture,
    });
    expect(problemsOf(plan, 'duplicate')).toEqual(['1.jpg']);
    const merged = mergeImport(first, plan);
    expect(merged.photos.map(({ name, pose }) => [name, pose !== null])).toEqual([
      ['1.jpg', true],
      ['2.jpg', true],
      ['3.jpg', true],
    ]);
    expect(merged.photos.slice(0, 2)).toEqual(first.photos);
    expect(merged.capture).toEqual(first.capture);
  });

  it('of georeferenced photos are counted from one place, however many of them are there yet', async () => {
    await photo('cap/images/1.jpg', 1);
    await photo('cap/images/2.jpg', 2);
    const frames = [636_001, 636_002, 636_203].map((x, i) => frame(`images/${i + 1}.jpg`, x));
    await put('cap/transforms.json', transforms([], { frames }));
    const first = mergeImport(EMPTY, await classifyDrop([join(root, 'cap')]));
    expect(first.capture?.origin).toEqual([636_000, 0, 0]);
    const known = knownPhotosOf(first.photos);
    const plan = await classifyDrop([await photo('late/3.jpg', 3)], { known, knownCapture: first.capture });
    const merged = mergeImport(first, plan);
    expect(merged.capture?.origin).toEqual([636_000, 0, 0]);
    // They look along +z without a turn: the centre is −t.
    expect(merged.photos.map(({ pose }) => -pose!.camera.cameraFromWorld.translation[0])).toEqual([1, 2, 203]);
  });

  it('of a second capture are left out: they have another origin', async () => {
    for (const folder of ['one', 'two']) {
      for (const number of [1, 2])
        await photo(`${folder}/images/${folder}${number}.jpg`, folder.length * 40 + number * 9 + folder.charCodeAt(0));
      await put(`${folder}/transforms.json`, transforms([`images/${folder}1.jpg`, `images/${folder}2.jpg`]));
    }
    const both = await classifyDrop([join(root, 'one'), join(root, 'two')]);
    expect(posed(both)).toEqual(['one1.jpg', 'one2.jpg']);
    expect(problemsOf(both, 'poses')).toEqual(['two/transforms.json']);

    const first = mergeImport(EMPTY, await classifyDrop([join(root, 'one')]));
    const second = await classifyDrop([join(root, 'two')], {
      known: knownPhotosOf(first.photos),
      knownCapture: first.capture,
    });
    const merged = mergeImport(first, second);
    expect(merged.photos.map(({ pose }) => pose !== null)).toEqual([true, true, false, false]);
    expect(merged.capture).toEqual(first.capture);
    expect(merged.problems.at(-1)).toMatchObject({ kind: 'poses', severity: 'warning' });
  });

  it('in a pose file that is wrong are a problem with its place, and the photos are taken without', async () => {
    await photo('cap/images/1.jpg', 1);
    await photo('cap/images/2.jpg', 2);
    await put('cap/transforms.json', transforms(['images/1.jpg', 'images/2.jpg']).replace('"fl_x":100', '"fl_x":"x"'));
    const plan = await classifyDrop([join(root, 'cap')]);
    expect([plan.photos.length, posed(plan).length]).toEqual([2, 0]);
    expect(plan.problems).toMatchObject([{ kind: 'poses', severity: 'error', file: 'cap/transforms.json' }]);
  });

  it('in a pose file that names files elsewhere give away nothing from there', async () => {
    const secret = await photo('secret/1.jpg', 1);
    await photo('secret/2.jpg', 2);
    await put('cap/transforms.json', transforms([secret, '../secret/2.jpg']));
    const plan = await classifyDrop([join(root, 'cap')]);
    expect(plan.photos).toEqual([]);
    expect(plan.problems).toMatchObject([{ kind: 'poses', severity: 'error' }]);
  });
});

describe('other things in a drop', () => {
  it('are told apart by what they hold: splats, points, projects, camera paths', async () => {
    const ply = (property: string): string =>
      `ply\nformat binary_little_endian 1.0\nelement vertex 0\nproperty float ${property}\nend_header\n`;
    await put('d/splats.ply', ply('f_dc_0'));
    await put('d/points.ply', ply('x'));
    await put('d/small.compressed.ply', ply('x').replace('float x', 'uint packed_position'));
    await put('d/a.spz', 'NGSP…');
    await put('d/b.spz', 'what is this');
    await put('d/a.splat', new Uint8Array(64));
    await put('d/b.splat', new Uint8Array(65));
    await put('d/sog/meta.json', '{"version": 2, "means": {}, "quats": {}}');
    await photo('d/sog/means_l.webp', 1);
    await put('d/path.json', '{"keyframes": []}');
    await put('d/broken.json', '{"keyframes": [');
    await put('d/My scene.vantage/project.json', '{}');
    await photo('d/My scene.vantage/photos/in.jpg', 2);
    const plan = await classifyDrop([join(root, 'd')]);
    expect(plan.scenes.map(({ format, name }) => [format, name]).sort()).toEqual([
      ['ply', 'small.compressed.ply'],
      ['ply', 'splats.ply'],
      ['sog-folder', 'meta.json'],
      ['splat', 'a.splat'],
      ['spz', 'a.spz'],
    ]);
    expect(plan.projects).toEqual([join(root, 'd/My scene.vantage')]);
    expect(plan.cameraPaths).toEqual([{ shownPath: 'd/path.json', text: '{"keyframes": []}' }]);
    expect(plan.photos).toEqual([]);
    expect(problemsOf(plan, 'broken').sort()).toEqual(['d/b.splat', 'd/b.spz', 'd/broken.json']);
    expect(plan.clouds.map(({ shownPath }) => shownPath)).toEqual(['d/points.ply']);
  });

  it('masks find photos that came before, and are named when there are none', async () => {
    const first = mergeImport(EMPTY, await classifyDrop([await photo('p/One.jpg', 1), await photo('p/two.jpg', 2)]));
    await photo('masks/one.png', 200);
    await photo('masks/two.jpg.png', 201);
    await photo('masks/three.png', 202);
    const merged = mergeImport(
      first,
      await classifyDrop([join(root, 'masks')], { known: knownPhotosOf(first.photos) }),
    );
    expect(merged.photos.map(({ mask }) => mask?.file)).toEqual([
      join(root, 'masks/one.png'),
      join(root, 'masks/two.jpg.png'),
    ]);
    expect(merged.problems.map(({ file }) => file)).toEqual(['masks/three.png']);
  });

  it('of an upload are shown as the user dropped them', async () => {
    await photo('uploads/42/castle/1.jpg', 1);
    const uploads = join(root, 'uploads/42');
    const plan = await classifyDrop([uploads], { shownRoot: uploads });
    expect(shown(plan)).toEqual(['castle/1.jpg']);
  });
});
