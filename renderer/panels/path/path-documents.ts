/** The path's place in the project: read when a project opens, written a moment after each edit; files of its own on demand. */
import type { AppState } from '../../../electron/ipc/contract.js';
import type { DroppedFile } from '../../../electron/ipc/host-connection.js';
import { sendCommand } from '../../app/send.js';
import { useAppStore } from '../../app/store.js';
import { showDock, showRefusal } from '../../app/ui-store.js';
import { i18next } from '../../app/i18n/index.js';
import type { PathReadResult } from '../../viewer/path/path-document.js';
import {
  MAX_PATH_CHARACTERS,
  readPathDocument,
  writeNerfstudioPath,
  writePathDocument,
} from '../../viewer/path/path-document.js';
import { seek, STOPPED } from '../../viewer/path/playback.js';
import { editHistory } from '../tidy/edit-history.js';
import { saveBlob } from './save-file.js';
import { replacePath } from './path-editing.js';
import { haveSameCameras, photoPathOf } from './photo-path-source.js';
import { usePathStore } from './path-store.js';

const SAVE_AFTER_MS = 600;

/** What the host holds or was told last. */
let hostText: string | null = null;
/** What we told the host and it has not said back yet: everything else that it says comes from another window. */
let sent: (string | null)[] = [];
let saving: ReturnType<typeof setTimeout> | null = null;

function currentText(): string | null {
  const { path, isAutomatic } = usePathStore.getState();
  return isAutomatic ? null : writePathDocument(path);
}

function saveSoon(): void {
  if (saving !== null) clearTimeout(saving);
  saving = setTimeout(() => {
    saving = null;
    const text = currentText();
    const state = useAppStore.getState().state;
    if (text === hostText || state === null || state.project.isReadOnly) return;
    hostText = text;
    sent.push(text);
    void sendCommand('saveDocument', { name: 'camera-path', text });
  }, SAVE_AFTER_MS);
}

function load(state: AppState): void {
  if (saving !== null) clearTimeout(saving);
  saving = null;
  sent = [];
  hostText = state.documents['camera-path'];
  const read = hostText === null ? null : readPathDocument(hostText);
  if (read !== null && !read.ok) showReadFailure(read);
  const path = read?.ok === true ? read.path : photoPathOf(state.photos);
  const { playback } = usePathStore.getState();
  usePathStore.setState({
    path,
    isAutomatic: read?.ok !== true,
    selectedKeyId: null,
    playback: seek({ ...STOPPED, speed: playback.speed }, path, playback.timeMs),
  });
}

/** Follows the project and its photos from now on; returns how to stop. */
export function startPathDocuments(): () => void {
  const { state } = useAppStore.getState();
  if (state !== null) load(state);
  const stopHost = useAppStore.subscribe(({ state: now }, { state: before }) => {
    if (now === null || now === before) return;
    if (before === null || now.project.id !== before.project.id) {
      editHistory.clear(({ label }) => label.startsWith('path:'));
      usePathStore.setState({ isFollowing: false, playback: STOPPED });
      load(now);
    } else if (now.documents['camera-path'] !== before.documents['camera-path']) {
      const echo = sent.indexOf(now.documents['camera-path']);
      if (echo >= 0) sent.splice(0, echo + 1);
      else if (saving === null && now.documents['camera-path'] !== hostText) load(now);
    } else if (usePathStore.getState().isAutomatic && !haveSameCameras(now.photos, before.photos)) {
      const path = photoPathOf(now.photos);
      const { playback } = usePathStore.getState();
      usePathStore.setState({ path, selectedKeyId: null, playback: seek(playback, path, playback.timeMs) });
    }
  });
  const stopPath = usePathStore.subscribe((now, before) => {
    if (now.path !== before.path || now.isAutomatic !== before.isAutomatic) saveSoon();
  });
  return () => {
    stopHost();
    stopPath();
  };
}

function showReadFailure(result: Exclude<PathReadResult, { ok: true }>): void {
  showRefusal({
    message: i18next.t(`failure_${result.failure}`, { ns: 'path', where: result.where }),
    hint: i18next.t('failureHint', { ns: 'path' }),
  });
}

export async function openPathFile(file: Blob): Promise<void> {
  const read: PathReadResult =
    file.size > MAX_PATH_CHARACTERS
      ? { ok: false, failure: 'too-large', where: '' }
      : readPathDocument(await file.text());
  if (read.ok) replacePath(read.path);
  else showReadFailure(read);
}

/**
 * A path that is dropped anywhere by itself: opened here, where it can be undone. The host would take it in as well, as part of a
 * project.
 */
export async function takeDroppedPath(files: readonly DroppedFile[]): Promise<boolean> {
  const file = files[0]?.file;
  if (files.length !== 1 || file === undefined || !/\.json$/i.test(file.name)) return false;
  if (file.size > MAX_PATH_CHARACTERS) return false;
  const read = readPathDocument(await file.text());
  if (!read.ok && (read.failure === 'not-json' || read.failure === 'not-a-path')) return false;
  showDock('path');
  if (read.ok) replacePath(read.path);
  else showReadFailure(read);
  return true;
}

export function pickPathFile(): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.json,application/json';
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    if (file !== undefined) void openPathFile(file);
  });
  input.click();
}

export function savePathFile(format: 'vantage' | 'nerfstudio'): void {
  const { path } = usePathStore.getState();
  const isOurs = format === 'vantage';
  const text = isOurs ? writePathDocument(path) : writeNerfstudioPath(path, 1920, 1080);
  saveBlob(new Blob([text], { type: 'application/json' }), isOurs ? 'vantage-path.json' : 'camera_path.json');
}
