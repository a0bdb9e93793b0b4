import { nodeTarget } from './node-target.js';

/** Electron's main process. */
export default nodeTarget('main', 'electron/main/main.ts');
