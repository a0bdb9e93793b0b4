import { nodeTarget } from './node-target.js';

/** The thread in which other people's splat code runs. */
export default nodeTarget('splat-worker', 'scripts/bundle/splat-worker.ts');
