/** What goes into a packaged application: the bundles, the window, the icon, licences, and the packages that bundles and threads load. No sources. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findRuntimePackages } from '../bundle/runtime-packages.js';

const PACKED = ['/.vite/build', '/out/files', '/out/renderer', '/assets/icons/icon.png', '/package.json'];
const LICENCES = ['/LICENSE', '/THIRD-PARTY-NOTICES.md'];

/** Of packages: sources, types, maps, tests, and builds that nothing here loads. */
const LEFT_OUT_OF_PACKAGES: readonly RegExp[] = [
  /\.(map|d\.[cm]?ts|ts|tsx|md|markdown|flow|gyp|gypi|cc|cpp|h)$/i,
  /\/node_modules\/[^/]+(\/[^/]+)?\/(test|tests|__tests__|example|examples|docs?|scripts|\.github)\//i,
  /\/node_modules\/playcanvas\/build\/(?!playcanvas(\/|$))/,
  /\/node_modules\/@playcanvas\/splat-transform\/(bin|dist\/cli)/,
  /\/node_modules\/@tensorflow\/[^/]+\/dist\/.*_test\.js$/,
  // All but the decompressor, and where the package is found by its name.
  /\/node_modules\/@loaders\.gl\/las\/(src|dist\/(?!index\.js$|libs(\/laz-rs-wasm|$)))/,
  // Bundles for browsers.
  /\/node_modules\/@tensorflow\/[^/]+\/dist\/tf-[^/]*\.(es2017|fesm|min)[^/]*\.js$/,
];

/** Licence texts stay, whatever they are called. */
const LICENCE_TEXT = /\/(licen[cs]e|copying|notice|thirdpartynotices)[^/]*$/i;

/**
 * The packager's `ignore`: true leaves a path out. Paths start with a slash and lie below the project; folders are asked for before what is
 * in them. `platform` and `arch`: native code for other systems stays behind.
 */
export function createIgnore(root: string, platform: string, arch: string): (path: string) => boolean {
  const packages = findRuntimePackages(root).map((folder) => `/${folder}`);
  const roots = [...PACKED, ...LICENCES, ...packages];
  return (path) => {
    if (path === '') return false;
    // On the way down to something that is packed.
    if (roots.some((wanted) => wanted.startsWith(`${path}/`))) return false;
    const holder = roots.filter((wanted) => path === wanted || path.startsWith(`${wanted}/`)).sort(byLength)[0];
    if (holder === undefined) return true;
    if (!packages.includes(holder)) return false;
    if (path.slice(holder.length).startsWith('/node_modules')) return true;
    if (isForeignBinary(path, platform, arch)) return true;
    return !LICENCE_TEXT.test(path) && LEFT_OUT_OF_PACKAGES.some((pattern) => pattern.test(path));
  };
}

function byLength(a: string, b: string): number {
  return b.length - a.length;
}

/** onnxruntime-node and webgpu bring the binaries of all systems. */
function isForeignBinary(path: string, platform: string, arch: string): boolean {
  const onnx = /\/onnxruntime-node\/bin\/napi-v\d+\/([a-z0-9]+)(?:\/([a-z0-9]+))?/.exec(path);
  if (onnx !== null) return onnx[1] !== platform || (onnx[2] !== undefined && onnx[2] !== arch);
  const dawn = /\/webgpu\/dist\/([a-z0-9]+)-([a-z0-9]+)\.dawn\.node$/.exec(path);
  if (dawn !== null) return dawn[1] !== platform || (dawn[2] !== arch && dawn[2] !== 'universal');
  return path.endsWith('/webgpu/dist/d3dcompiler_47.dll') && platform !== 'win32';
}

/** Native code, WASM, threads' entries, and what is read by them: real files beside the archive. */
export const UNPACKED =
  '{splat-worker*.js,pair-worker*.js,**/{out/files,node_modules/{sharp,@img,onnxruntime-node,webgpu,@adobe/spz,@tensorflow/tfjs-backend-wasm,@playcanvas/splat-transform,playcanvas,@techstark/opencv-js,@loaders.gl/las}}/**}';

/** The `package.json` of the packaged application: what Electron reads, and nothing of how the project is built. */
export async function slimPackageFile(folder: string): Promise<void> {
  const file = join(folder, 'package.json');
  const given = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  const kept = ['name', 'productName', 'version', 'description', 'license', 'type', 'main'];
  const slim = Object.fromEntries(kept.filter((key) => key in given).map((key) => [key, given[key]]));
  await writeFile(file, `${JSON.stringify(slim, null, 2)}\n`);
}
