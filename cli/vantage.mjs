#!/usr/bin/env node
// Vantage's command line. The sources are TypeScript and run as they are, through tsx.
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  console.error(`vantage needs Node.js 20.12 or newer; this is ${process.versions.node}.`);
  process.exit(4);
}
const { register } = await import('tsx/esm/api');
// Our own settings, or tsx would take up (and stumble over) a tsconfig.json of the folder that the user stands in.
register({ tsconfig: fileURLToPath(new URL('../tsconfig.base.json', import.meta.url)) });
const { main } = await import('./main.ts');
process.exitCode = await main(process.argv.slice(2));
