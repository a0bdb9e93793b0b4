/** What `npm start` builds before it starts Electron: without Electron's program too. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildProcesses } from '../../scripts/bundle/build-bundles.js';
import { REPOSITORY_ROOT } from '../architecture/repository.js';

it('builds the entry of every process, and brings the files that they name', async () => {
  await buildProcesses();
  const built = ['main.js', 'preload.cjs', 'job-main.js', 'splat-worker.js', 'pair-worker.js'].map((name) =>
    join('.vite', 'build', name),
  );
  const named = ['engine/wasm/vantage.wasm', 'host/wasm-worker.mjs'].map((name) => join('out', 'files', name));
  for (const path of [...built, ...named]) expect(existsSync(join(REPOSITORY_ROOT, path)), path).toBe(true);
});
