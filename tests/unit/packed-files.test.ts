/** What a packaged application must hold for the threads whose entries are copied as they are: no bundler looks into these. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createIgnore, UNPACKED } from '../../scripts/package/packed-files.js';
import { REPOSITORY_ROOT } from '../architecture/repository.js';

/** Bundled on their own: they start with a TypeScript loader that a package does without. */
const BUNDLED = [join('host', 'splat-formats', 'splat-worker.mjs'), join('host', 'poses', 'pair-worker.mjs')];

const isLeftOut = createIgnore(REPOSITORY_ROOT, process.platform, process.arch);
const entries = (readdirSync(join(REPOSITORY_ROOT, 'host'), { recursive: true }) as string[])
  .map((path) => join('host', path))
  .filter((path) => path.endsWith('.mjs') && !BUNDLED.includes(path));

/** Names of packages that an entry imports or requires. */
function packagesOf(entry: string): string[] {
  const code = readFileSync(join(REPOSITORY_ROOT, entry), 'utf8');
  const loads = code.matchAll(/(?:from|import|import\(|require\(|\)\()\s*'([^'\n]+)'/g);
  return [...loads].map(([, name = '']) => name).filter((name) => !/^(\.|node:)/.test(name));
}

describe('a packaged application', () => {
  it('has threads of its own, one of them with a package', () => {
    expect(entries).toContain(join('host', 'features', 'akaze-worker.mjs'));
    expect(entries.flatMap(packagesOf)).toContain('@techstark/opencv-js');
  });

  it.each(entries)('holds %s and every file that its packages are loaded from, outside the archive', (entry) => {
    expect(isLeftOut(`/out/files/${entry.split(sep).join('/')}`)).toBe(false);
    const require = createRequire(join(REPOSITORY_ROOT, entry));
    for (const name of packagesOf(entry)) {
      const main = `/${relative(REPOSITORY_ROOT, require.resolve(name)).split(sep).join('/')}`;
      expect(isLeftOut(main), main).toBe(false);
      expect(isLeftOut(`/node_modules/${name}/package.json`)).toBe(false);
      // A thread's entry lies beside the archive and finds only what lies there too.
      expect(UNPACKED).toContain(name);
    }
  });

  it('holds the LAZ decompressor, which its thread asks for by its place in a package, and not the rest of that package', () => {
    const folder = '/node_modules/@loaders.gl/las';
    for (const name of ['package.json', 'dist/index.js', 'dist/libs/laz-rs-wasm/laz_rs_wasm.js'])
      expect(isLeftOut(`${folder}/${name}`), name).toBe(false);
    expect(isLeftOut(`${folder}/dist/libs/laz-rs-wasm/laz_rs_wasm_bg.wasm`)).toBe(false);
    expect(UNPACKED).toContain('@loaders.gl/las');
    for (const name of ['src/index.ts', 'dist/dist.dev.js', 'dist/libs/laz-perf/laz-perf.js', 'dist/workers'])
      expect(isLeftOut(`${folder}/${name}`), name).toBe(true);
    for (const name of ['apache-arrow', '@loaders.gl/core', 'laz-perf'])
      expect(isLeftOut(`/node_modules/${name}/package.json`), name).toBe(true);
  });

  it('leaves out what only builds and tests need', () => {
    for (const name of ['typescript', 'vitest', 'tsx'])
      expect(isLeftOut(`/node_modules/${name}/package.json`)).toBe(true);
    expect(isLeftOut('/node_modules/@techstark/opencv-js/dist/src/index.d.ts')).toBe(true);
  });
});
