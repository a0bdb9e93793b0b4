/** `npm run notices`: writes THIRD-PARTY-NOTICES.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LockFile } from './third-party-notices.js';
import { composeNotices } from './third-party-notices.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as LockFile;
writeFileSync(join(root, 'THIRD-PARTY-NOTICES.md'), composeNotices(lock, root));
