// Entry of a job process when the sources run as they are: registers tsx, then starts. A packaged application has job-main bundled.
import { fileURLToPath } from 'node:url';
import { register } from 'tsx/esm/api';

// Our own settings, or tsx would take up a tsconfig.json of the folder that the user stands in.
register({ tsconfig: fileURLToPath(new URL('../../tsconfig.base.json', import.meta.url)) });
await import('./job-main.ts');
