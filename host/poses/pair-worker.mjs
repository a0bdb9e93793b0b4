// A thread that checks pairs of photos. See pair-threads.ts.
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

register({ tsconfig: fileURLToPath(new URL('../../tsconfig.base.json', import.meta.url)) });
const { servePairs } = await import('./serve-pairs.ts');
servePairs();
