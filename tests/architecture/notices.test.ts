import { describe, expect, it } from 'vitest';
import type { LockFile } from '../../scripts/third-party-notices.js';
import { composeNotices, findUnacceptableLicences } from '../../scripts/third-party-notices.js';
import { readText, REPOSITORY_ROOT } from './repository.js';

const lock = JSON.parse(readText('package-lock.json')) as LockFile;

describe('third-party notices', () => {
  it('are up to date with the lock file (npm run notices)', () => {
    expect(readText('THIRD-PARTY-NOTICES.md') === composeNotices(lock, REPOSITORY_ROOT)).toBe(true);
  });

  it('refuse copyleft and unknown licences of shipped packages, not of tools', () => {
    const packages = {
      '': { version: '1.0.0' },
      'node_modules/good': { version: '1.0.0', license: '(GPL-2.0 OR MIT)' },
      'node_modules/tool': { version: '1.0.0', license: 'GPL-3.0', dev: true },
      'node_modules/a/node_modules/gpl': { version: '1.0.0', license: 'GPL-3.0' },
      'node_modules/both': { version: '1.0.0', license: 'MIT AND GPL-2.0' },
      'node_modules/lgpl': { version: '1.0.0', license: 'LGPL-3.0-or-later' },
      'node_modules/@img/sharp-libvips-linux-x64': { version: '1.0.0', license: 'LGPL-3.0-or-later' },
      'node_modules/silent': { version: '1.0.0' },
    };
    expect(findUnacceptableLicences({ packages })).toEqual([
      'both: MIT AND GPL-2.0',
      'gpl: GPL-3.0',
      'lgpl: LGPL-3.0-or-later',
      'silent: unknown',
    ]);
  });
});
