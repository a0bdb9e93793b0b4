/** Settings that the bundles of Electron's main process and of the job process share. */
import { join } from 'node:path';
import type { UserConfig } from 'vite';
import { copyNamedFiles } from './copy-named-files.js';
import { REPOSITORY_FOLDER } from './repository-folder.js';
import { OPTIONAL_PACKAGES, RUNTIME_PACKAGES } from './runtime-packages.js';

const OUTPUT = join(REPOSITORY_FOLDER, '.vite', 'build');

/** Everything in one folder: each chunk finds its files the same way. */
export function nodeTarget(name: string, entry: string): UserConfig {
  return {
    root: REPOSITORY_FOLDER,
    plugins: [copyNamedFiles(REPOSITORY_FOLDER, join(REPOSITORY_FOLDER, 'out', 'files'))],
    // Only what brings files of its own stays in node_modules.
    ssr: { target: 'node', noExternal: true, external: ['electron', ...RUNTIME_PACKAGES, ...OPTIONAL_PACKAGES] },
    build: {
      ssr: true,
      // Electron Forge would set a library build, which turns addresses of files into data: addresses.
      lib: false,
      outDir: OUTPUT,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      sourcemap: false,
      copyPublicDir: false,
      rollupOptions: {
        input: { [name]: join(REPOSITORY_FOLDER, entry) },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: `${name}-[name]-[hash].js` },
      },
    },
  };
}
