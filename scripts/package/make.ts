/** `npm run make`: installers of this system from the folder that `npm run package` made. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'electron-builder';
import { REPOSITORY_FOLDER } from '../bundle/repository-folder.js';
import { explainFailure } from './explain-failure.js';
import { INSTALLERS } from './installers.js';
import { describeSigning } from './signing.js';

const packaged = join(REPOSITORY_FOLDER, 'release', `Vantage-${process.platform}-${process.arch}`);
if (!existsSync(packaged)) {
  console.error('There is nothing to make installers from; run: npm run package');
  process.exitCode = 1;
} else {
  try {
    const files = await build({
      projectDir: REPOSITORY_FOLDER,
      prepackaged: packaged,
      config: INSTALLERS,
      publish: 'never',
    });
    for (const file of files) console.log(`Made ${file}`);
    console.log(describeSigning(process.env, process.platform));
  } catch (error) {
    console.error(explainFailure(error));
    process.exitCode = 1;
  }
}
