/** What electron-builder makes from the folder that `npm run package` made: its fuses are burnt already, its modules are in place. */
import type { Configuration } from 'electron-builder';

const SPLAT_FILE = { name: 'Gaussian splats', role: 'Viewer', rank: 'Alternate' } as const;

export const INSTALLERS: Configuration = {
  appId: 'org.vantage.desktop',
  productName: 'Vantage',
  copyright: 'Apache-2.0, Vantage contributors',
  directories: { output: 'release/installers', buildResources: 'assets/icons' },
  npmRebuild: false,
  // No search for updates, so nothing to publish to.
  publish: null,
  fileAssociations: [
    { ext: 'vantage', name: 'Vantage project', role: 'Editor', icon: 'icon' },
    { ext: 'ply', mimeType: 'application/x-ply', ...SPLAT_FILE },
    { ext: 'spz', mimeType: 'application/x-spz', ...SPLAT_FILE },
    { ext: 'splat', mimeType: 'application/x-splat', ...SPLAT_FILE },
    { ext: 'sog', mimeType: 'application/x-sog', ...SPLAT_FILE },
  ],
  win: { target: 'nsis', icon: 'assets/icons/icon.ico' },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
  mac: { target: 'dmg', icon: 'assets/icons/icon.icns', category: 'public.app-category.graphics-design' },
  linux: {
    target: ['AppImage', 'deb'],
    icon: 'assets/icons/icon.png',
    category: 'Graphics',
    maintainer: 'Vantage contributors',
    synopsis: 'A few photos in, a 3D scene to look around in out',
    executableName: 'vantage',
  },
};
