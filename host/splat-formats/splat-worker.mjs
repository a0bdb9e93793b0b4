// The process (in Electron: the thread) in which other people's splat code runs: one job, then it ends. See run-splat-worker.ts.
import { fileURLToPath } from 'node:url';
// Before the TypeScript loader, which would work through its megabytes for ten seconds.
import * as library from '@playcanvas/splat-transform';
import { register } from 'tsx/esm/api';

register({ tsconfig: fileURLToPath(new URL('../../tsconfig.base.json', import.meta.url)) });
const { serveSplatJob } = await import('./serve-splat-job.ts');
await serveSplatJob(library);
