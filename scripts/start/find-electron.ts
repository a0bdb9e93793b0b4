/** Where Electron's program is; it is no part of the npm package, which downloads it on first use. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type FoundElectron =
  { readonly program: string; readonly reason: null } | { readonly program: null; readonly reason: string };

export interface FindOptions {
  /** `node_modules/electron`. */
  readonly packageFolder: string;
  /** Such as '20.12.0'. */
  readonly nodeVersion: string;
  readonly overrideFolder: string | undefined;
  /** Whether the server of the downloads answers at all. */
  readonly probe: () => Promise<boolean>;
  readonly onDownload: () => void;
  /** How long the installer may take when the server answers, and when it does not (it may still find a copy that was kept). */
  readonly limitMs: { readonly online: number; readonly offline: number };
}

/** Never rejects and never waits longer than the limits: what is missing is told in a sentence. */
export async function findElectron(options: FindOptions): Promise<FoundElectron> {
  const { packageFolder } = options;
  const installer = join(packageFolder, 'install.js');
  if (!existsSync(installer)) return missing('the package `electron` is not installed (run: npm ci)');
  const installed = installedProgram(options);
  if (installed !== null) return { program: installed, reason: null };
  const needed = readNeededNode(packageFolder);
  if (isOlder(options.nodeVersion, needed))
    return missing(`its installer needs Node.js ${needed} or newer, and this is ${options.nodeVersion}`);
  const isOnline = await options.probe().catch(() => false);
  if (isOnline) options.onDownload();
  const outcome = await runInstaller(installer, isOnline ? options.limitMs.online : options.limitMs.offline);
  const program = installedProgram(options);
  if (program !== null) return { program, reason: null };
  if (!isOnline) return missing('it is downloaded on first use, and its server cannot be reached from here');
  return missing(outcome === 'too slow' ? 'its download took too long' : 'its download failed');
}

function missing(reason: string): FoundElectron {
  return { program: null, reason };
}

function installedProgram({ packageFolder, overrideFolder }: FindOptions): string | null {
  const pathFile = join(packageFolder, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : null;
  if (overrideFolder === undefined && name === null) return null;
  const program = join(overrideFolder ?? join(packageFolder, 'dist'), name ?? 'electron');
  return existsSync(program) ? program : null;
}

function readNeededNode(packageFolder: string): string {
  const { engines } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    engines?: { node?: string };
  };
  return /\d+(\.\d+)*/.exec(engines?.node ?? '')?.[0] ?? '0';
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

async function runInstaller(installer: string, limitMs: number): Promise<'ended' | 'too slow'> {
  const child = spawn(process.execPath, [installer], { stdio: 'ignore' });
  return new Promise((resolve) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      resolve('too slow');
    }, limitMs);
    const end = (): void => {
      clearTimeout(limit);
      resolve('ended');
    };
    child.on('error', end);
    child.on('exit', end);
  });
}
