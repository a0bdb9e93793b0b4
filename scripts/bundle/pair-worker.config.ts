import { nodeTarget } from './node-target.js';

/** The threads in which pairs of photos are checked. */
export default nodeTarget('pair-worker', 'scripts/bundle/pair-worker.ts');
