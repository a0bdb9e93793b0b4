/** Builds what the desktop application starts from, where it is missing or older than its sources. */
import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { REPOSITORY_FOLDER } from './repository-folder.js';

const PAGE_SOURCES = ['renderer', 'electron/ipc', 'engine/scene', 'engine/math', 'vite.config.ts', 'package-lock.json'];
const PROCESS_SOURCES = ['electron', 'engine', 'host', 'native-models', 'scripts/bundle', 'package-lock.json'];

export async function buildStaleBundles(onBuild: (what: string) => void): Promise<void> {
  if (await isStale(join('.vite', 'build', 'main.js'), PROCESS_SOURCES)) {
    onBuild("the application's processes");
    await buildProcesses();
  }
  if (await isStale(join('out', 'renderer', 'index.html'), PAGE_SOURCES)) {
    onBuild('the window');
    await build({ configFile: join(REPOSITORY_FOLDER, 'vite.config.ts'), logLevel: 'error' });
  }
}

/** Main last: its age says how old all of them are. */
const BUNDLES = [
  'vite.preload.config.ts',
  'splat-worker.config.ts',
  'pair-worker.config.ts',
  'vite.job.config.ts',
  'vite.main.config.ts',
];

export async function buildProcesses(): Promise<void> {
  for (const old of ['.vite', join('out', 'files')])
    await rm(join(REPOSITORY_FOLDER, old), { recursive: true, force: true });
  for (const settings of BUNDLES) {
    const configFile = join(REPOSITORY_FOLDER, 'scripts', 'bundle', settings);
    await build({ configFile, logLevel: 'error' });
  }
}

async function isStale(output: string, sources: readonly string[]): Promise<boolean> {
  const file = join(REPOSITORY_FOLDER, output);
  if (!existsSync(file)) return true;
  const { mtimeMs } = await stat(file);
  for (const source of sources) if ((await newestChange(join(REPOSITORY_FOLDER, source))) > mtimeMs) return true;
  return false;
}

async function newestChange(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const below = await Promise.all((await readdir(path)).map((name) => newestChange(join(path, name))));
  return Math.max(0, ...below);
}
