/** The edits' place in the project: found again when their scene is shown, written a moment after each edit. */
import { decodeEdits, encodeEdits, fingerprintSplats } from '../../../engine/scene/edits-document.js';
import { sendCommand } from '../../app/send.js';
import { useAppStore } from '../../app/store.js';
import type { SceneViewer } from '../../viewer/viewer-contract.js';
import { editHistory } from './edit-history.js';
import { showMasks } from './tidy-editing.js';
import { cancelScores } from './tidy-floaters.js';
import { NO_SCENE, useTidyStore } from './tidy-store.js';

const SAVE_AFTER_MS = 600;

let saving: ReturnType<typeof setTimeout> | null = null;
let savedText: string | null = null;

function currentText(): string | null {
  const { scene, hidden, removed, crop, counts } = useTidyStore.getState();
  if (scene === null || (counts.hidden === 0 && crop === null)) return null;
  const { sceneId, splats, fingerprint } = scene;
  return encodeEdits({ sceneId, count: splats.count, fingerprint, hidden, removed, crop });
}

function save(): void {
  saving = null;
  const { state } = useAppStore.getState();
  const { scene, hasForeignEdits, counts, crop } = useTidyStore.getState();
  if (scene === null || state === null || state.project.isReadOnly) return;
  // Edits of another scene are not thrown away for want of edits of this one.
  if (hasForeignEdits && counts.hidden === 0 && crop === null) return;
  const text = currentText();
  if (text === savedText) return;
  savedText = text;
  void sendCommand('saveDocument', { name: 'edits', text });
}

function saveSoon(): void {
  if (saving !== null) clearTimeout(saving);
  saving = setTimeout(save, SAVE_AFTER_MS);
}

/** Looks whether another scene is shown, or the same one as another object, and takes up its edits. */
function followScene(viewer: SceneViewer): void {
  const { state } = useAppStore.getState();
  const shown = state?.scene ?? null;
  const splats = shown === null || shown.isPreview ? null : viewer.splats;
  const { scene } = useTidyStore.getState();
  if (splats === (scene?.splats ?? null)) return;
  if (saving !== null) {
    clearTimeout(saving);
    save();
  }
  cancelScores();
  if (splats === null || shown === null || state === null) {
    forget();
    return;
  }
  const fingerprint = fingerprintSplats(splats);
  const edited = { sceneId: shown.id, splats, fingerprint };
  if (scene?.fingerprint === fingerprint) {
    useTidyStore.setState({ scene: edited });
    return;
  }
  forget();
  useTidyStore.setState({ scene: edited });
  takeUp(state.documents.edits, fingerprint, splats.count);
}

function forget(): void {
  editHistory.clear(({ label }) => label.startsWith('tidy:'));
  useTidyStore.setState(NO_SCENE);
}

function takeUp(text: string | null, fingerprint: string, count: number): void {
  savedText = text;
  const selected = new Uint8Array(count);
  const nothing = { removed: new Uint8Array(count), selected, crop: null };
  if (text === null) {
    showMasks(nothing);
    return;
  }
  try {
    const edits = decodeEdits(text);
    const isOurs = edits.count === count && edits.fingerprint === fingerprint;
    showMasks(isOurs ? { removed: edits.removed, selected, crop: edits.crop } : nothing);
    useTidyStore.setState({ hasForeignEdits: !isOurs });
  } catch {
    showMasks(nothing);
    useTidyStore.setState({ hasForeignEdits: true });
  }
}

/** Follows the scene from now on; returns how to stop. */
export function startTidyDocuments(viewer: SceneViewer): () => void {
  followScene(viewer);
  const stopHost = useAppStore.subscribe(() => followScene(viewer));
  // The viewer says nothing when it has taken up a scene, but it draws it.
  const stopViewer = viewer.on('statistics', () => followScene(viewer));
  const stopMasks = useTidyStore.subscribe((now, before) => {
    if (now.scene === before.scene && now.hidden !== before.hidden) saveSoon();
    else if (now.scene === before.scene && now.crop !== before.crop) saveSoon();
  });
  return () => {
    stopHost();
    stopViewer();
    stopMasks();
  };
}
