// The window in a browser, without Electron. The sources are TypeScript and run as they are, through tsx.
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

// Our own settings, or tsx would take up a tsconfig.json of the folder that the user stands in.
register({ tsconfig: fileURLToPath(new URL('../../tsconfig.base.json', import.meta.url)) });
const { main } = await import('./main.ts');
process.exit(await main(process.argv.slice(2)));
