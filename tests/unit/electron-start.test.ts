/** How `npm start` finds Electron's program, on packages that stand in for Electron's. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REPOSITORY_ROOT } from '../architecture/repository.js';
import { explainFailure } from '../../scripts/package/explain-failure.js';
import { INSTALLERS } from '../../scripts/package/installers.js';
import { describeSigning, signing } from '../../scripts/package/signing.js';
import type { FindOptions } from '../../scripts/start/find-electron.js';
import { findElectron } from '../../scripts/start/find-electron.js';

let folder: string;
let downloads: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vantage-start-'));
  downloads = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function writePackage(installer: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ engines: { node: '>= 22.12.0' } }));
  // The real one is CommonJS too.
  await writeFile(join(folder, 'install.js'), installer);
}

function find(options: Partial<FindOptions> = {}): ReturnType<typeof findElectron> {
  return findElectron({
    packageFolder: folder,
    nodeVersion: '22.12.0',
    overrideFolder: undefined,
    probe: () => Promise.resolve(true),
    onDownload: () => downloads++,
    limitMs: { online: 20_000, offline: 20_000 },
    ...options,
  });
}

const INSTALLS = `
const fs = require('node:fs'), path = require('node:path');
fs.mkdirSync(path.join(__dirname, 'dist'));
fs.writeFileSync(path.join(__dirname, 'dist', 'program'), '');
fs.writeFileSync(path.join(__dirname, 'path.txt'), 'program');
`;

describe('npm start', () => {
  it('takes what is installed and downloads nothing', async () => {
    await writePackage('throw new Error("must not run")');
    await mkdir(join(folder, 'dist'));
    await writeFile(join(folder, 'dist', 'electron'), '');
    await writeFile(join(folder, 'path.txt'), 'electron');
    // An old Node can start a program that is there.
    const found = await find({ nodeVersion: '20.12.0', probe: () => Promise.reject(new Error('offline')) });
    expect(found).toEqual({ program: join(folder, 'dist', 'electron'), reason: null });
    expect(downloads).toBe(0);
  });

  it('installs it on first use', async () => {
    await writePackage(INSTALLS);
    expect(await find()).toEqual({ program: join(folder, 'dist', 'program'), reason: null });
    expect(downloads).toBe(1);
  });

  it('finds a copy that was kept, without a network', async () => {
    await writePackage(INSTALLS);
    const found = await find({ probe: () => Promise.reject(new Error('offline')) });
    expect(found.program).toBe(join(folder, 'dist', 'program'));
    expect(downloads).toBe(0);
  });

  it('says in words why there is none', async () => {
    const reasonOf = async (options: Partial<FindOptions> = {}): Promise<string | null> => (await find(options)).reason;
    expect(await reasonOf()).toMatch(/not installed/);
    await writePackage(INSTALLS);
    expect(await reasonOf({ nodeVersion: '22.11.9' })).toMatch(
      /needs Node.js 22\.12\.0 or newer, and this is 22\.11\.9/,
    );
    expect(await reasonOf({ nodeVersion: '9.99.0' })).toMatch(/needs Node/);
    await writePackage('process.exit(1)');
    expect(await reasonOf()).toMatch(/download failed/);
    expect(await reasonOf({ probe: () => Promise.reject(new Error('offline')) })).toMatch(/cannot be reached/);
  });

  it('does not wait for an installer that hangs', async () => {
    await writePackage('setInterval(() => undefined, 1000)');
    const limitMs = { online: 300, offline: 300 };
    expect((await find({ limitMs })).reason).toMatch(/took too long/);
    expect((await find({ limitMs, probe: () => Promise.resolve(false) })).reason).toMatch(/cannot be reached/);
  });
});

describe('npm run package', () => {
  it('says what helps where nothing can be downloaded', () => {
    for (const failure of ['getaddrinfo ENOTFOUND github.com', 'connect ETIMEDOUT', 'Response code 403 (Forbidden)'])
      expect(explainFailure(new Error(failure))).toMatch(/cannot be downloaded.*VANTAGE_ELECTRON_ZIPS/s);
    expect(explainFailure(new Error('main.ts: unexpected token'))).not.toMatch(/downloaded/);
  });

  it('signs only with a whole certificate, and says so', () => {
    expect(signing({}, 'darwin')).toEqual({});
    expect(signing({ APPLE_ID: 'a', APPLE_PASSWORD: 'b' }, 'darwin')).toEqual({});
    expect(signing({ APPLE_ID: 'a', APPLE_PASSWORD: 'b', APPLE_TEAM_ID: 'c' }, 'darwin')).toMatchObject({
      osxNotarize: { appleId: 'a', appleIdPassword: 'b', teamId: 'c' },
    });
    expect(signing({ WINDOWS_CERTIFICATE_FILE: 'f', WINDOWS_CERTIFICATE_PASSWORD: 'p' }, 'win32')).toEqual({
      windowsSign: { certificateFile: 'f', certificatePassword: 'p' },
    });
    for (const platform of ['linux', 'darwin', 'win32']) expect(describeSigning({}, platform)).toMatch(/^Not signed/);
  });
});

describe('npm run make', () => {
  it('has a configuration that electron-builder takes, for every system', async () => {
    const { validateConfiguration } = await import('app-builder-lib/out/util/config/config.js');
    const { DebugLogger } = await import('builder-util');
    const validate = (config: object): Promise<void> => validateConfiguration(config, new DebugLogger(false));
    await validate(INSTALLERS);
    await expect(validate({ ...INSTALLERS, nsiss: {} })).rejects.toThrow('nsiss');
    const { win, mac, linux, fileAssociations, publish } = INSTALLERS;
    expect([win?.target, mac?.target, linux?.target]).toEqual(['nsis', 'dmg', ['AppImage', 'deb']]);
    expect([fileAssociations].flat().map((association) => association?.ext)).toEqual([
      'vantage',
      'ply',
      'spz',
      'splat',
      'sog',
    ]);
    for (const icon of [win?.icon, mac?.icon, linux?.icon])
      expect(existsSync(join(REPOSITORY_ROOT, String(icon)))).toBe(true);
    expect(publish).toBeNull();
  });
});
