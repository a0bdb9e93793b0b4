// The process (in Electron: the thread) in which other people's splat code runs: one job, then it ends. See run-splat-worker.ts.
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

// Ctrl-C reaches every process of a terminal; whoever asked decides what becomes of the job.
if (isMainThread) process.on('SIGINT', () => undefined);
// Before the TypeScript loader, which would work through its megabytes for ten seconds.
const library = await import('@playcanvas/splat-transform');
const { register } = await import('tsx/esm/api');
register({ tsconfig: fileURLToPath(new URL('../../tsconfig.base.json', import.meta.url)) });
const { serveSplatJob } = await import('./serve-splat-job.ts');
await serveSplatJob(library);
