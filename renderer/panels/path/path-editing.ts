/** Edits of the camera path, each a step of the history. Edits of one kind to one key follow each other as one step until it is sealed. */
import { i18next } from '../../app/i18n/index.js';
import { announce } from '../../app/ui-store.js';
import type { CameraPath } from '../../viewer/path/camera-path.js';
import {
  deleteKeyframe,
  duplicateKeyframe,
  EMPTY_PATH,
  retimeKeyframe,
  setDuration,
  setFps,
  setLoop,
  updateKeyframe,
} from '../../viewer/path/camera-path.js';
import { insertAtPlayhead, keyAt, withOwnTimes } from '../../viewer/path/playhead-keys.js';
import { seek } from '../../viewer/path/playback.js';
import { rotationAbout } from '../../viewer/path/quaternion.js';
import { multiplyMat } from '../../../engine/math/rigid-transform.js';
import type { Operation } from '../../viewer/tools/history.js';
import type { ViewPose } from '../../viewer/viewer-contract.js';
import { editHistory } from '../tidy/edit-history.js';
import { getViewer } from '../viewer/viewer-instance.js';
import type { PathState } from './path-store.js';
import { LOOK_AHEAD, samplerOf, usePathStore } from './path-store.js';
import { photoPathOf } from './photo-path-source.js';

const BYTES_PER_KEY = 400;

export type PathEditLabel =
  | 'historyAdd'
  | 'historyMove'
  | 'historyUpdate'
  | 'historyDelete'
  | 'historyDuplicate'
  | 'historyClear'
  | 'historyReset'
  | 'historyOpen'
  | 'historyTiming'
  | 'historyLens';

/** From one state of the path to another; both are kept, keys that are alike are shared. */
class PathOperation implements Operation {
  readonly label: string;
  readonly bytes: number;

  constructor(
    readonly name: PathEditLabel,
    readonly target: string,
    readonly before: PathState,
    readonly after: PathState,
  ) {
    this.label = `path:${name}`;
    this.bytes = BYTES_PER_KEY * (before.path.keyframes.length + after.path.keyframes.length + 1);
  }

  do(): void {
    showState(this.after);
  }

  undo(): void {
    showState(this.before);
  }

  merge(next: Operation): Operation | null {
    const follows = next instanceof PathOperation && next.name === this.name && next.target === this.target;
    return follows && this.target !== '' ? new PathOperation(this.name, this.target, this.before, next.after) : null;
  }
}

function showState(state: PathState): void {
  const { playback } = usePathStore.getState();
  usePathStore.setState({ ...state, playback: seek(playback, state.path, playback.timeMs) });
}

/** `target`: edits of the same name and target melt into one step; empty: each stands for itself. */
function edit(name: PathEditLabel, target: string, after: Partial<PathState> & { readonly path: CameraPath }): void {
  const { path, isAutomatic, selectedKeyId } = usePathStore.getState();
  const before = { path, isAutomatic, selectedKeyId };
  editHistory.run(new PathOperation(name, target, before, { isAutomatic: false, selectedKeyId, ...after }));
}

let counter = 0;
function newId(): string {
  return `key-${Date.now().toString(36)}-${(counter++).toString(36)}`;
}

/** Puts the playhead onto a key. */
function goTo(keyId: string): void {
  const { path, playback } = usePathStore.getState();
  const at = path.keyframes.findIndex(({ id }) => id === keyId);
  const timeMs = samplerOf(path).keyTimesMs[at];
  if (timeMs !== undefined) usePathStore.setState({ playback: seek({ ...playback, isPlaying: false }, path, timeMs) });
}

export function selectKey(keyId: string | null, shouldGo = true): void {
  usePathStore.setState({ selectedKeyId: keyId });
  if (keyId !== null && shouldGo) {
    goTo(keyId);
    usePathStore.setState({ isFollowing: true, look: LOOK_AHEAD });
  }
}

export function addKeyFromView(): void {
  const { path, playback } = usePathStore.getState();
  const viewer = getViewer();
  const id = newId();
  const added = insertAtPlayhead(path, { id, pose: viewer.pose, photoId: viewer.photoId }, playback.timeMs);
  const arrived = added.keyframes.some((key) => key.id === id);
  edit('historyAdd', '', { path: added, ...(arrived ? { selectedKeyId: id } : {}) });
  if (arrived) goTo(id);
  announce(i18next.t('announceAdded', { ns: 'path', count: added.keyframes.length }));
}

/** The selected key, or the one under the playhead. */
export function editedKeyId(): string | null {
  const { path, playback, selectedKeyId } = usePathStore.getState();
  if (path.keyframes.some(({ id }) => id === selectedKeyId)) return selectedKeyId;
  return keyAt(path, samplerOf(path).keyTimesMs, playback.timeMs)?.id ?? null;
}

export function updateKeyFromView(): void {
  const id = editedKeyId();
  if (id === null) return;
  const { pose, photoId } = getViewer();
  edit('historyUpdate', '', { path: updateKeyframe(usePathStore.getState().path, id, { pose, photoId }) });
  announce(i18next.t('announceUpdated', { ns: 'path' }));
}

export function deleteKey(id: string | null = editedKeyId()): void {
  if (id === null) return;
  const { path } = usePathStore.getState();
  const at = path.keyframes.findIndex((key) => key.id === id);
  const after = deleteKeyframe(path, id);
  const neighbour = after.keyframes[Math.min(at, after.keyframes.length - 1)];
  edit('historyDelete', '', { path: after, selectedKeyId: neighbour?.id ?? null });
  announce(i18next.t('announceDeleted', { ns: 'path', count: after.keyframes.length }));
}

export function duplicateKey(): void {
  const id = editedKeyId();
  if (id === null) return;
  const copy = newId();
  edit('historyDuplicate', '', {
    path: duplicateKeyframe(usePathStore.getState().path, id, copy),
    selectedKeyId: copy,
  });
  goTo(copy);
}

/** Keys of a path at constant speed have no times of their own: moving one gives them theirs. */
export function moveKey(id: string, timeMs: number): void {
  const { path } = usePathStore.getState();
  if (path.isConstantSpeed) announce(i18next.t('announceOwnTimes', { ns: 'path' }));
  edit('historyMove', id, { path: retimeKeyframe(withOwnTimes(path), id, timeMs), selectedKeyId: id });
  goTo(id);
}

export function nudgeKey(id: string, frames: number): void {
  const { path } = usePathStore.getState();
  const at = path.keyframes.findIndex((key) => key.id === id);
  const timeMs = samplerOf(path).keyTimesMs[at];
  if (timeMs !== undefined) moveKey(id, timeMs + (frames * 1000) / path.fps);
}

/** Angle of view and roll of one key: what a view of the viewer cannot always give. */
export function changeLens(change: { readonly fovYRad?: number; readonly rollRad?: number }): void {
  const id = editedKeyId();
  const { path } = usePathStore.getState();
  const key = path.keyframes.find((candidate) => candidate.id === id);
  if (key === undefined) return;
  const { fovYRad = key.pose.fovYRad, rollRad = 0 } = change;
  const rotation =
    rollRad === 0 ? key.pose.rotation : multiplyMat(key.pose.rotation, rotationAbout([0, 0, 1], rollRad));
  const pose: ViewPose = { ...key.pose, fovYRad, rotation };
  edit('historyLens', key.id, { path: updateKeyframe(path, key.id, { pose, photoId: null }), selectedKeyId: key.id });
  selectKey(key.id);
}

export function changeTiming(
  change: Partial<Pick<CameraPath, 'durationMs' | 'fps' | 'isLoop' | 'isConstantSpeed'>>,
): void {
  let { path } = usePathStore.getState();
  if (change.isConstantSpeed === true) path = { ...path, isConstantSpeed: true };
  if (change.isConstantSpeed === false) path = withOwnTimes(path);
  if (change.isLoop !== undefined) path = setLoop(path, change.isLoop);
  if (change.fps !== undefined) path = setFps(path, change.fps);
  if (change.durationMs !== undefined) path = setDuration(path, change.durationMs);
  edit('historyTiming', '', { path });
}

export function clearPath(): void {
  edit('historyClear', '', { path: { ...EMPTY_PATH, fps: usePathStore.getState().path.fps }, selectedKeyId: null });
}

export function resetToPhotos(): void {
  edit('historyReset', '', { path: photoPathOf(), isAutomatic: true, selectedKeyId: null });
}

export function replacePath(path: CameraPath): void {
  edit('historyOpen', '', { path, selectedKeyId: null });
}
