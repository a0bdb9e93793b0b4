/** `npm run package`: the application as a folder that starts on this system, in `release/`. */
import { api } from '@electron-forge/core';
import { explainFailure } from './explain-failure.js';
import { REPOSITORY_FOLDER } from '../bundle/repository-folder.js';
import { describeSigning } from './signing.js';

const [outDir] = process.argv.slice(2);
try {
  await api.package({ dir: REPOSITORY_FOLDER, interactive: false, ...(outDir === undefined ? {} : { outDir }) });
  console.log(`Packaged in ${outDir ?? 'release'}.`);
  console.log(describeSigning(process.env, process.platform));
} catch (error) {
  console.error(explainFailure(error));
  process.exitCode = 1;
}
