/** Packages that the bundles load from `node_modules` at run time, because they bring native code, WASM or workers as files beside them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

export const RUNTIME_PACKAGES = [
  'sharp',
  'onnxruntime-node',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  '@playcanvas/splat-transform',
] as const;

/** Packages that no bundle loads, but threads whose entries are copied as they are, to `out/files`. */
export const THREAD_PACKAGES = ['@techstark/opencv-js', '@loaders.gl/las'] as const;

/** Never installed by us, asked for at run time. */
export const OPTIONAL_PACKAGES = ['@tensorflow/tfjs-node-gpu'] as const;

interface PackageFile {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Packages that only a library's installer needs, or parts of it that nothing here loads: they would bring hundreds of files along. */
const NEVER_LOADED: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['adm-zip', 'global-agent'],
  // Of it one module is loaded, with its WASM: host/clouds/laz-worker.mjs.
  '@loaders.gl/las': [
    '@loaders.gl/core',
    '@loaders.gl/loader-utils',
    '@loaders.gl/schema',
    '@loaders.gl/schema-utils',
    'laz-perf',
  ],
};

/**
 * Folders of the packages above and of all that they need, relative to `root` with forward slashes, as Node would find them. Packages for
 * other systems are not installed, so they are not named.
 *
 * @throws Error when a package that is needed is not installed
 */
export function findRuntimePackages(
  root: string,
  names: readonly string[] = [...RUNTIME_PACKAGES, ...THREAD_PACKAGES],
): readonly string[] {
  const found = new Map<string, string>();
  const visit = (name: string, from: string, isNeeded: boolean): void => {
    const folder = findPackage(name, from, root);
    if (folder === null) {
      if (isNeeded) throw new Error(`${name} is not installed; run: npm ci`);
      return;
    }
    if (found.has(folder)) return;
    found.set(folder, name);
    const { dependencies, optionalDependencies, peerDependencies } = readPackage(folder);
    for (const needed of Object.keys(dependencies ?? {})) {
      if (!isOnlyForTypes(needed) && NEVER_LOADED[name]?.includes(needed) !== true) visit(needed, folder, false);
    }
    for (const wished of Object.keys({ ...optionalDependencies, ...peerDependencies }))
      if (NEVER_LOADED[name]?.includes(wished) !== true) visit(wished, folder, false);
  };
  for (const name of names) visit(name, root, true);
  return [...found.keys()].map((folder) => relative(root, folder).split(sep).join('/')).sort();
}

function isOnlyForTypes(name: string): boolean {
  return name.startsWith('@types/');
}

function readPackage(folder: string): PackageFile {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile;
}

function findPackage(name: string, from: string, root: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === root || dirname(folder) === folder) return null;
  }
}
