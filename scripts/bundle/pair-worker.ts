/** The bundled twin of host/poses/pair-worker.mjs, which registers a TypeScript loader first. */
import { servePairs } from '../../host/poses/serve-pairs.js';

servePairs();
