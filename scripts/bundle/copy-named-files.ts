/** Vite plugin: files that sources name by `new URL('…', import.meta.url)` come along, and are found from the bundle. */
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Plugin } from 'vite';

const NAMED_FILE = /new URL\(\s*(['"])(\.{1,2}\/[^'"]+)\1,\s*import\.meta\.url,?\s*\)/g;

/** Entries that register a TypeScript loader are bundled on their own instead, beside the others. */
const BUNDLED_ENTRIES: Readonly<Record<string, string>> = {
  'host/splat-formats/splat-worker.mjs': './splat-worker.js',
  'host/poses/pair-worker.mjs': './pair-worker.js',
};

/**
 * The bundle lies in `.vite/build`, the files in `<output>/<path in the repository>`. In a packaged application they are unpacked
 * from the archive: a thread's entry and what native code reads must be real files.
 */
export function copyNamedFiles(root: string, outputFolder: string): Plugin {
  const named = new Set<string>();
  return {
    name: 'copy-named-files',
    enforce: 'pre',
    transform(code, id) {
      const source = id.split('?')[0] as string;
      if (source.includes('/node_modules/') || !code.includes('import.meta.url')) return null;
      const rewritten = code.replace(NAMED_FILE, (_whole, _quote, name: string) => {
        const path = relative(root, join(dirname(source), name))
          .split(sep)
          .join('/');
        if (path.startsWith('..') || !existsSync(join(root, path)))
          throw new Error(`${relative(root, source)} names ${name}, which is not there`);
        const bundled = BUNDLED_ENTRIES[path];
        if (bundled === undefined) named.add(path.replace(/\/$/, ''));
        const address = JSON.stringify(bundled ?? `../../out/files/${path}`);
        return `new URL(${address}, import.meta.url.replace(/\\bapp\\.asar(?=\\/)/, 'app.asar.unpacked'))`;
      });
      return rewritten === code ? null : { code: rewritten, map: null };
    },
    async writeBundle() {
      for (const path of named) await copyInto(root, path, outputFolder);
    },
  };
}

async function copyInto(root: string, path: string, folder: string): Promise<void> {
  const from = join(root, path);
  const to = join(folder, path);
  await mkdir(dirname(to), { recursive: true });
  if (path === 'package.json') {
    // Only for the version: the rest is about how the project is built.
    const { name, version } = JSON.parse(await readFile(from, 'utf8')) as { name: string; version: string };
    await writeFile(to, `${JSON.stringify({ name, version })}\n`);
    return;
  }
  await cp(from, to, { recursive: (await stat(from)).isDirectory() });
}
