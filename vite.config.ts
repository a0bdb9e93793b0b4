import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// Inherited from a test runner, another value would bundle React's development build, which takes several times as long per update.
process.env.NODE_ENV = 'production';

/** The window's pages and workers; the same files are served by both hosts. */
export default defineConfig({
  root: fileURLToPath(new URL('renderer', import.meta.url)),
  base: '/',
  publicDir: false,
  esbuild: { jsx: 'automatic' },
  build: {
    outDir: fileURLToPath(new URL('out/renderer', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Inlined assets would be data: addresses, which the content security policy refuses for scripts, workers and fetches.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 4000,
  },
  worker: { format: 'es' },
});
