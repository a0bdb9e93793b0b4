import { join } from 'node:path';
import { defineConfig } from 'vite';
import { REPOSITORY_FOLDER } from './repository-folder.js';

/** A sandboxed preload is one CommonJS script that can require nothing but Electron. */
export default defineConfig({
  root: REPOSITORY_FOLDER,
  build: {
    lib: false,
    outDir: join(REPOSITORY_FOLDER, '.vite', 'build'),
    emptyOutDir: false,
    target: 'es2022',
    minify: false,
    sourcemap: false,
    copyPublicDir: false,
    modulePreload: false,
    rollupOptions: {
      input: join(REPOSITORY_FOLDER, 'electron', 'preload', 'preload.ts'),
      external: ['electron'],
      output: { format: 'cjs', entryFileNames: 'preload.cjs', inlineDynamicImports: true },
    },
  },
});
