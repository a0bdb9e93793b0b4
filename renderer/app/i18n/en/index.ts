/** English is the reference: every other language has exactly its keys. */
import { exporting } from './export.js';
import { general } from './general.js';
import { menu } from './menu.js';
import { outcomes } from './outcomes.js';
import { path } from './path.js';
import { photos } from './photos.js';
import { project } from './project.js';
import { run } from './run.js';
import { sensors } from './sensors.js';
import { tidy } from './tidy.js';
import { viewer } from './viewer.js';
import { welcome } from './welcome.js';

export const en = {
  general,
  welcome,
  photos,
  outcomes,
  run,
  export: exporting,
  project,
  menu,
  viewer,
  tidy,
  sensors,
  path,
} as const;
