/** Finds a network's file by name or path, and makes sure that it is what the manifest says. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { ImportError } from '../engine/scene/errors.js';
import type { DepthNetworkEntry } from './manifest.js';
import { DEPTH_NETWORKS, findDepthNetworkEntry } from './manifest.js';

/** Larger files are refused before they are read: no network that runs on a desktop's CPU comes near, and protobuf ends at 2 GiB. */
export const MAX_MODEL_BYTES = 1024 ** 3;

/** A model file in memory: what was verified is what will run, even if the file changes meanwhile. */
export interface StoredModel {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Null for a file that the manifest does not know. */
  readonly entry: DepthNetworkEntry | null;
}

export interface StoreOptions {
  /** Where named models live; by default {@link locateModelFolder}. */
  readonly folder?: string;
  /** The manifest to look in. */
  readonly networks?: readonly DepthNetworkEntry[];
}

/**
 * The user's model folder: `VANTAGE_MODELS` when set, else `vantage/models` under %LOCALAPPDATA% (Windows), ~/Library/Application Support
 * (macOS), or $XDG_DATA_HOME, ~/.local/share (elsewhere). It need not exist.
 */
export function locateModelFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  if (environment['VANTAGE_MODELS']) return environment['VANTAGE_MODELS'];
  if (platform === 'win32') {
    return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'vantage', 'models');
  }
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'vantage', 'models');
  return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'vantage', 'models');
}

/**
 * Reads a model given by manifest name (from the model folder) or by path. A file whose sha256 the manifest knows gets its entry,
 * wherever it lies and whatever it is called; any other path is returned with `entry: null`.
 *
 * @throws ImportError `not-found`, `unreadable`, `too-large` (over {@link MAX_MODEL_BYTES}), `size-mismatch` or `malformed` when a file that
 * should be a manifest model has another length or sha256.
 */
export async function loadStoredModel(nameOrPath: string, options: StoreOptions = {}): Promise<StoredModel> {
  const networks = options.networks ?? DEPTH_NETWORKS;
  const named = findDepthNetworkEntry(nameOrPath, networks);
  const folder = options.folder ?? locateModelFolder();
  const path = named ? join(folder, named.fileName) : nameOrPath;
  const size = await measureFile(path, () => describeMissing(nameOrPath, named, folder, networks));
  const expected = named ?? networks.find((entry) => entry.fileName === basename(path)) ?? null;
  if (expected && size !== expected.bytes) throw contentError('size-mismatch', path, expected, `${size} bytes long`);
  const bytes = await readModel(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const entry = networks.find((candidate) => candidate.sha256 === sha256) ?? null;
  if (expected && entry !== expected) throw contentError('malformed', path, expected, `has sha256 ${sha256}`);
  return { path, bytes, entry };
}

async function measureFile(path: string, describeAbsence: () => string): Promise<number> {
  let stats;
  try {
    stats = await stat(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new ImportError('not-found', 'There is no such depth model.', path, '', describeAbsence());
    }
    throw new ImportError(
      'unreadable',
      `The depth model cannot be read (${code}).`,
      path,
      '',
      'Check its permissions.',
    );
  }
  if (!stats.isFile()) {
    throw new ImportError('unreadable', 'This is not a file.', path, '', 'Give the path of an .onnx file.');
  }
  if (stats.size > MAX_MODEL_BYTES) {
    throw new ImportError(
      'too-large',
      `The file is ${stats.size} bytes long.`,
      path,
      '',
      'Use a model of at most 1 GiB.',
    );
  }
  return stats.size;
}

async function readModel(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    const { message } = error as Error;
    throw new ImportError(
      'unreadable',
      `The depth model cannot be read: ${message}.`,
      path,
      '',
      'Check its permissions.',
    );
  }
}

function describeMissing(
  nameOrPath: string,
  named: DepthNetworkEntry | null,
  folder: string,
  networks: readonly DepthNetworkEntry[],
): string {
  if (named?.url) return `Download ${named.url} (${Math.ceil(named.bytes / 1e6)} MB) to that place.`;
  if (named) return `Put the file there: ${named.source}.`;
  const names = networks.map((entry) => entry.name).join(', ');
  return `"${nameOrPath}" is neither a file nor a known name (${names}; their files belong in ${folder}).`;
}

function contentError(
  code: 'size-mismatch' | 'malformed',
  path: string,
  entry: DepthNetworkEntry,
  found: string,
): ImportError {
  const expected = code === 'size-mismatch' ? `${entry.bytes} bytes` : `sha256 ${entry.sha256}`;
  const problem = `It should be the model "${entry.name}" (${expected}), but ${code === 'malformed' ? found : `is ${found}`}.`;
  const hint = 'Delete it and get it again; if it is another network on purpose, rename it and give its path.';
  return new ImportError(code, problem, path, '', hint);
}
