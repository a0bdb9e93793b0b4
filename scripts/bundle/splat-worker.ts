/** The bundled twin of host/splat-formats/splat-worker.mjs, which registers a TypeScript loader first. */
import { isMainThread } from 'node:worker_threads';
import * as library from '@playcanvas/splat-transform';
import { serveSplatJob } from '../../host/splat-formats/serve-splat-job.js';

// Ctrl-C is the business of whoever asked.
if (isMainThread) process.on('SIGINT', () => undefined);
await serveSplatJob(library);
