/** `npm start`: the window in Electron; where its program cannot be had, the same window in a browser. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildStaleBundles } from '../bundle/build-bundles.js';
import { REPOSITORY_FOLDER } from '../bundle/repository-folder.js';
import { findElectron } from './find-electron.js';

const DOWNLOADS = 'https://github.com/electron/electron/releases/download/';
const PROBE_LIMIT_MS = 6000;
const DOWNLOAD_LIMIT_MS = { online: 15 * 60_000, offline: 10_000 };

async function isServerThere(): Promise<boolean> {
  // As Electron's own installer reads it.
  const mirror = process.env['ELECTRON_MIRROR'] ?? process.env['npm_config_electron_mirror'] ?? DOWNLOADS;
  await fetch(mirror, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
  return true;
}

/** Ends with the program's own code. */
async function run(program: string, parameters: readonly string[]): Promise<number> {
  const child = spawn(program, parameters, { stdio: 'inherit', cwd: REPOSITORY_FOLDER });
  // Ctrl-C reaches the child too; it decides how to end.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

const given = process.argv.slice(2);
const electron = await findElectron({
  packageFolder: join(REPOSITORY_FOLDER, 'node_modules', 'electron'),
  nodeVersion: process.versions.node,
  overrideFolder: process.env['ELECTRON_OVERRIDE_DIST_PATH'],
  probe: isServerThere,
  onDownload: () => console.error('Downloading Electron, about 100 MB; Ctrl-C stops it.'),
  limitMs: DOWNLOAD_LIMIT_MS,
});
if (electron.program === null) {
  console.error(`Electron cannot be started: ${electron.reason}. Vantage opens in your browser instead.`);
  process.exitCode = await run(process.execPath, [
    join(REPOSITORY_FOLDER, 'electron', 'loopback', 'start-web.mjs'),
    ...given,
  ]);
} else {
  await buildStaleBundles((what) => console.error(`Building ${what}…`));
  process.exitCode = await run(electron.program, [REPOSITORY_FOLDER, ...given]);
}
