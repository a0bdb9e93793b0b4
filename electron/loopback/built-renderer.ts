/** The window's files, built from the sources where they are missing or older than these. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const RENDERER_FOLDER = join(ROOT, 'out', 'renderer');
/** What the window is built from. */
const SOURCES = ['renderer', 'electron/ipc', 'engine/scene', 'engine/math', 'vite.config.ts', 'package-lock.json'];

async function newestChange(path: string): Promise<number> {
  const { mtimeMs } = await stat(path);
  const entries = (await stat(path)).isDirectory() ? await readdir(path, { withFileTypes: true }) : [];
  const below = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() || entry.isFile())
      .map((entry) => newestChange(join(path, entry.name))),
  );
  return Math.max(mtimeMs, ...below);
}

/** A packaged window comes without sources, and is never stale. */
export async function isRendererStale(root = ROOT): Promise<boolean> {
  const page = join(root, 'out', 'renderer', 'index.html');
  if (!existsSync(page)) return true;
  const sources = SOURCES.map((source) => join(root, source)).filter(existsSync);
  const changes = await Promise.all(sources.map(newestChange));
  return Math.max(0, ...changes) > (await stat(page)).mtimeMs;
}

function findVite(): string {
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve('vite/package.json')), 'bin', 'vite.js');
  } catch {
    throw new Error('the window has not been built, and what builds it is not installed. Run `npm ci` first.');
  }
}

async function runVite(outputFolder: string): Promise<void> {
  const parameters = [findVite(), 'build', '--logLevel', 'error', '--outDir', outputFolder, '--emptyOutDir'];
  // What it says goes to our error output: the standard output carries the address and nothing else.
  const child = spawn(process.execPath, parameters, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  if (code !== 0) throw new Error(`vite ended with code ${code ?? 'none'}`);
}

/** Builds beside what is served, and puts it in its place when it is whole. */
export async function buildRenderer(): Promise<void> {
  const fresh = join(ROOT, 'out', `renderer-${process.pid}`);
  const old = join(ROOT, 'out', `renderer-${process.pid}-old`);
  try {
    await runVite(fresh);
    if (existsSync(RENDERER_FOLDER)) await rename(RENDERER_FOLDER, old);
    await rename(fresh, RENDERER_FOLDER);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
}
