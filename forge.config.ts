/** Electron Forge: builds the bundles, packs them, burns the fuses. Run by `npm run package`. */
import type { ForgeConfig } from '@electron-forge/shared-types';
import { FusesPlugin } from '@electron-forge/plugin-fuses';
import { VitePlugin } from '@electron-forge/plugin-vite';
import { FUSES } from './scripts/package/fuses.js';
import { createIgnore, slimPackageFile, UNPACKED } from './scripts/package/packed-files.js';
import { signing } from './scripts/package/signing.js';

const electronZipDir = process.env['VANTAGE_ELECTRON_ZIPS'];

const config: ForgeConfig = {
  outDir: 'release',
  packagerConfig: {
    name: 'Vantage',
    executableName: 'vantage',
    appBundleId: 'org.vantage.desktop',
    icon: 'assets/icons/icon',
    asar: { unpack: UNPACKED },
    ignore: createIgnore(import.meta.dirname, process.platform, process.arch),
    // `ignore` names what is packed, package by package.
    prune: false,
    // The last word on it: Forge writes the file before this.
    afterCopy: [
      (folder, _version, _platform, _arch, done) => {
        slimPackageFile(folder).then(() => done(), done);
      },
    ],
    extraResource: ['LICENSE', 'THIRD-PARTY-NOTICES.md'],
    ...(electronZipDir === undefined ? {} : { electronZipDir }),
    ...signing(process.env, process.platform),
  },
  // sharp, onnxruntime-node and webgpu come built against Node-API, which does not change with Electron.
  rebuildConfig: { onlyModules: [] },
  plugins: [
    new VitePlugin({
      concurrent: 1,
      build: [
        { entry: 'electron/preload/preload.ts', config: 'scripts/bundle/vite.preload.config.ts', target: 'preload' },
        { entry: 'scripts/bundle/splat-worker.ts', config: 'scripts/bundle/splat-worker.config.ts' },
        { entry: 'scripts/bundle/pair-worker.ts', config: 'scripts/bundle/pair-worker.config.ts' },
        { entry: 'electron/jobs/job-main.ts', config: 'scripts/bundle/vite.job.config.ts' },
        { entry: 'electron/main/main.ts', config: 'scripts/bundle/vite.main.config.ts' },
      ],
      renderer: [{ name: 'window', config: 'vite.config.ts' }],
    }),
    new FusesPlugin(FUSES),
  ],
};

export default config;
