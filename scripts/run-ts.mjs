// Runs a TypeScript entry point: `node scripts/run-ts.mjs FILE [arguments]`.
import { pathToFileURL } from 'node:url';
import { register } from 'tsx/esm/api';

register();
const [, , file, ...rest] = process.argv;
process.argv = [process.argv[0], file, ...rest];
await import(pathToFileURL(file).href);
