/** Puts one project in the place of another, with everything that the window shows of it. */
import { stat } from 'node:fs/promises';
import { IDLE_RUN } from './initial-state.js';
import type { OpenProject } from './projects/project.js';
import { assertNoRun } from './run-machine.js';
import type { ServiceContext } from './service-context.js';

type Parts = Pick<
  ServiceContext,
  'store' | 'projects' | 'session' | 'scene' | 'sceneKeeper' | 'run' | 'estimator' | 'notices'
>;

export async function refreshRecents({ store, projects }: Pick<Parts, 'store' | 'projects'>): Promise<void> {
  const [recents, recoveries] = await Promise.all([projects.recents(), projects.recoveries()]);
  store.set('recents', recents.slice(0, 50));
  store.set('recoveries', recoveries.slice(0, 50));
}

/** By any path to it; null for what is not there. */
async function identify(folder: string): Promise<string | null> {
  return stat(folder, { bigint: true }).then(
    ({ dev, ino }) => `${dev} ${ino}`,
    () => null,
  );
}

/** @throws what `switchProject` does. */
export async function openProjectFolder(parts: Parts, folder: string): Promise<void> {
  const { current } = parts.session;
  // We hold its lock: opened once more, it would be read-only.
  if (current !== null && !current.isReadOnly) {
    const wanted = await identify(folder);
    if (wanted !== null && wanted === (await identify(current.paths.folder))) return;
  }
  await switchProject(parts, () => parts.projects.open(folder));
}

/** @param open null: an empty project. @throws CommandRefusedError during a run; ProjectError. */
export async function switchProject(parts: Parts, open: (() => Promise<OpenProject>) | null): Promise<void> {
  const { store, session, scene, sceneKeeper, estimator, notices } = parts;
  assertNoRun(store.current.run.status, 'no other project can be opened');
  // Before anything of the present one is let go: what cannot be opened changes nothing.
  const project = open === null ? null : await open();
  await parts.run.dispose();
  // They were about what was open until now.
  notices.dismiss(null);
  await session.replace(project);
  scene.clear();
  store.set('run', IDLE_RUN);
  store.resetHistory();
  estimator.refresh();
  if (project !== null) {
    const [checkpoint] = await project.listCheckpoints();
    if (checkpoint !== undefined) {
      const { iteration, iterations, savedAtMs } = checkpoint;
      store.change('run', (run) => ({ ...run, checkpoint: { iteration, iterations, savedAtMs } }));
    }
    await sceneKeeper.show(project);
    await session
      .findMissing()
      .catch(() =>
        notices.add({ severity: 'warning', message: 'The photos could not be looked for.', hint: 'Check the disk.' }),
      );
  }
  await refreshRecents(parts);
}
