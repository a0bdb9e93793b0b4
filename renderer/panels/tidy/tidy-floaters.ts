/** The floater slider: scores come from a worker once for a scene, a change of strength only compares them. */
import { i18next } from '../../app/i18n/index.js';
import { useAppStore } from '../../app/store.js';
import { announce, showRefusal } from '../../app/ui-store.js';
import { invertRigid } from '../../../engine/math/rigid-transform.js';
import type { Mat3 } from '../../../engine/math/rigid-transform.js';
import { scoreFloatersAside } from '../../viewer/tools/floater-client.js';
import { findFloaters } from '../../viewer/tools/floater-scores.js';
import { countMarked } from '../../viewer/tools/masks.js';
import type { EditedScene } from './tidy-store.js';
import { useTidyStore } from './tidy-store.js';

let running: AbortController | null = null;

export function setFloaterStrength(strength: number): void {
  const { scene, floaters, hidden } = useTidyStore.getState();
  if (scene === null) return;
  if (floaters.scores === null) {
    useTidyStore.setState({ floaters: { ...floaters, strength, isComputing: strength > 0 } });
    if (strength > 0 && running === null) void computeScores(scene);
    return;
  }
  const found = strength > 0 ? findFloaters(floaters.scores, strength, hidden) : null;
  const count = found === null ? 0 : countMarked(found);
  useTidyStore.setState({ floaters: { ...floaters, strength, found, count, isComputing: false } });
}

export function announceFloaters(): void {
  const { count, found } = useTidyStore.getState().floaters;
  if (found !== null) announce(i18next.t('floatersFound', { ns: 'tidy', count }));
}

/** The scene has gone: its scores are of no use. */
export function cancelScores(): void {
  running?.abort();
  running = null;
}

async function computeScores(scene: EditedScene): Promise<void> {
  const abort = new AbortController();
  running = abort;
  try {
    const seenCounts = await fetchSeenCounts(scene.splats.count);
    const scores = await scoreFloatersAside(
      { splats: scene.splats, seenCounts, cameras: cameraCentres() },
      abort.signal,
    );
    if (useTidyStore.getState().scene !== scene) return;
    const { floaters } = useTidyStore.getState();
    useTidyStore.setState({ floaters: { ...floaters, scores } });
    setFloaterStrength(floaters.strength);
    announceFloaters();
  } catch (error) {
    if (abort.signal.aborted) return;
    const { floaters } = useTidyStore.getState();
    useTidyStore.setState({ floaters: { ...floaters, isComputing: false } });
    const hint = error instanceof Error ? error.message : '';
    showRefusal({ message: i18next.t('floatersFailed', { ns: 'tidy' }), hint });
  } finally {
    if (running === abort) running = null;
  }
}

/** null: not known, or not of this scene. */
async function fetchSeenCounts(count: number): Promise<Uint8Array | null> {
  const url = useAppStore.getState().state?.scene?.seenUrl ?? null;
  if (url === null) return null;
  const response = await fetch(url).catch(() => null);
  if (response?.ok !== true) return null;
  const counts = new Uint8Array(await response.arrayBuffer());
  return counts.length === count ? counts : null;
}

function cameraCentres(): Float32Array {
  const photos = useAppStore.getState().state?.photos ?? [];
  return Float32Array.from(
    photos.flatMap(({ camera }) =>
      camera === null
        ? []
        : invertRigid({ rotation: camera.rotation as Mat3, translation: camera.translation }).translation,
    ),
  );
}
