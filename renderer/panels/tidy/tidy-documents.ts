/** The edits' place in the project: found again when their scene is shown, written with each edit. */
import type { AppState } from '../../../electron/ipc/contract.js';
import { decodeEdits, encodeEdits, fingerprintSplats } from '../../../engine/scene/edits-document.js';
import { sendCommand } from '../../app/send.js';
import { useAppStore } from '../../app/store.js';
import type { SceneViewer } from '../../viewer/viewer-contract.js';
import { editHistory } from './edit-history.js';
import { OwnEchoes } from './own-echoes.js';
import { showMasks } from './tidy-editing.js';
import { cancelScores } from './tidy-floaters.js';
import { NO_SCENE, useTidyStore } from './tidy-store.js';

/** What the host holds or was told last; undefined: it could not be told. */
let savedText: string | null | undefined = null;
const echoes = new OwnEchoes();
let isTakingUp = false;

function currentText(): string | null {
  const { scene, hidden, removed, crop, counts } = useTidyStore.getState();
  if (scene === null || (counts.hidden === 0 && crop === null)) return null;
  const { sceneId, splats, fingerprint } = scene;
  return encodeEdits({ sceneId, count: splats.count, fingerprint, hidden, removed, crop });
}

function save(): void {
  const { state } = useAppStore.getState();
  const { scene, hasForeignEdits, counts, crop } = useTidyStore.getState();
  if (scene === null || state === null || state.project.isReadOnly) return;
  // Edits of another scene are not thrown away for want of edits of this one.
  if (hasForeignEdits && counts.hidden === 0 && crop === null) return;
  const text = currentText();
  if (text === savedText) return;
  savedText = text;
  echoes.tell(text);
  if (hasForeignEdits) useTidyStore.setState({ hasForeignEdits: false });
  void sendCommand('saveDocument', { name: 'edits', text }).then((answer) => {
    echoes.answered();
    if (answer === null && savedText === text) savedText = undefined;
  });
}

/** Looks whether another scene is shown, or the same one as another object, and takes up its edits. */
function followScene(viewer: SceneViewer): void {
  const { state } = useAppStore.getState();
  const shown = state?.scene ?? null;
  const splats = shown === null || shown.isPreview ? null : viewer.splats;
  const { scene } = useTidyStore.getState();
  if (splats === (scene?.splats ?? null)) return;
  cancelScores();
  if (splats === null || shown === null || state === null) {
    forget();
    return;
  }
  const fingerprint = fingerprintSplats(splats);
  const edited = { sceneId: shown.id, splats, fingerprint };
  // The viewer has kept its marks only for the scene that it shows already.
  if (scene?.sceneId === shown.id && scene.fingerprint === fingerprint) {
    useTidyStore.setState({ scene: edited });
    return;
  }
  forget();
  useTidyStore.setState({ scene: edited });
  takeUp(state.documents.edits);
}

function forget(): void {
  editHistory.clear(({ label }) => label.startsWith('tidy:'));
  useTidyStore.setState(NO_SCENE);
}

function takeUp(text: string | null): void {
  savedText = text;
  isTakingUp = true;
  try {
    showEdits(text);
  } finally {
    isTakingUp = false;
  }
}

function showEdits(text: string | null): void {
  const { scene } = useTidyStore.getState();
  if (scene === null) return;
  const { count } = scene.splats;
  const selected = new Uint8Array(count);
  const nothing = { removed: new Uint8Array(count), selected, crop: null };
  let isForeign = false;
  try {
    const edits = text === null ? null : decodeEdits(text);
    isForeign = edits !== null && (edits.count !== count || edits.fingerprint !== scene.fingerprint);
    showMasks(edits === null || isForeign ? nothing : { removed: edits.removed, selected, crop: edits.crop });
  } catch {
    showMasks(nothing);
    isForeign = true;
  }
  useTidyStore.setState({ hasForeignEdits: isForeign });
}

/** Another project, or edits from another window: what is shown is the host's. Steps of before cannot be undone in it. */
function followHost(now: AppState, before: AppState): void {
  const text = now.documents.edits;
  if (now.project.id !== before.project.id) echoes.forget();
  const isEcho = echoes.take(text);
  const { scene, isDragging } = useTidyStore.getState();
  const isKnown = isEcho || text === before.documents.edits || text === savedText;
  // What is about to be written, or could not be written yet, is newer.
  if (scene === null || isKnown || isDragging || savedText === undefined) return;
  editHistory.clear(({ label }) => label.startsWith('tidy:'));
  takeUp(text);
}

/** Follows the scene from now on; returns how to stop. */
export function startTidyDocuments(viewer: SceneViewer): () => void {
  followScene(viewer);
  const stopHost = useAppStore.subscribe((now, before) => {
    if (now.state !== null && before.state !== null && now.state !== before.state) followHost(now.state, before.state);
    followScene(viewer);
    if (now.connected && !before.connected && savedText === undefined) save();
  });
  // The viewer says nothing when it has taken up a scene, but it draws it.
  const stopViewer = viewer.on('statistics', () => followScene(viewer));
  const stopMasks = useTidyStore.subscribe((now, before) => {
    const isOther = now.hidden !== before.hidden || now.crop !== before.crop || before.isDragging;
    if (isOther && !isTakingUp && !now.isDragging && now.scene === before.scene) save();
  });
  return () => {
    stopHost();
    stopViewer();
    stopMasks();
  };
}
