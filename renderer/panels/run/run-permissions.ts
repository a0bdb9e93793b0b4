/** What may be done with a run in each of its states: one table for buttons, menus and keys. */
import { needsCameraSearch } from '../../../electron/ipc/camera-search.js';
import type { AppState, Photo, RunStatus } from '../../../electron/ipc/contract.js';

type RunAction = 'start' | 'pause' | 'resume' | 'cancel';

const ALLOWED: Readonly<Record<RunStatus, readonly RunAction[]>> = {
  idle: ['start'],
  starting: ['cancel'],
  running: ['pause', 'cancel'],
  pausing: ['cancel'],
  paused: ['resume', 'cancel'],
  cancelling: [],
  cancelled: ['start'],
  finished: ['start'],
  failed: ['start'],
  crashed: ['start'],
};

export type RunBlocker = 'no-photos' | 'reading' | 'missing' | 'no-cameras' | 'too-few' | 'too-large' | 'read-only';

/** Two photos are the fewest that say anything about depth. */
const MIN_PHOTOS = 2;

const usablePhotos = ({ photos }: AppState): readonly Photo[] =>
  photos.filter(({ status, role }) => status === 'ready' && role !== 'left-out');

/** A fresh run would find cameras before anything else. */
export function findsCamerasFirst(state: AppState): boolean {
  const knowledge = usablePhotos(state).map(({ camera, outcome }) => ({ hasCamera: camera !== null, outcome }));
  return state.session.canFindCameras && needsCameraSearch(knowledge);
}

/** The one thing that stands in the way of a start; null when nothing does. */
export function findBlocker(state: AppState): RunBlocker | null {
  if (state.photos.length === 0) return 'no-photos';
  if (state.project.isReadOnly) return 'read-only';
  if (state.photos.some(({ status }) => status === 'reading')) return 'reading';
  const usable = usablePhotos(state);
  const posed = usable.filter(({ camera }) => camera !== null);
  if (!state.session.canFindCameras && posed.length < MIN_PHOTOS && usable.length >= MIN_PHOTOS) return 'no-cameras';
  const training = (findsCamerasFirst(state) ? usable : posed).filter(({ role }) => role === 'train');
  if (training.length < MIN_PHOTOS) return state.project.missingPhotos.length > 0 ? 'missing' : 'too-few';
  return (state.estimate?.problem ?? null) === null ? null : 'too-large';
}

const allows = (status: RunStatus, action: RunAction): boolean => ALLOWED[status].includes(action);

export const canStart = (state: AppState): boolean => allows(state.run.status, 'start') && findBlocker(state) === null;
export const canPause = ({ run }: AppState): boolean => allows(run.status, 'pause');
export const canResume = ({ run }: AppState): boolean => allows(run.status, 'resume');
export const canCancel = ({ run }: AppState): boolean => allows(run.status, 'cancel');

/** A run that the settings may not be changed under. */
export const isBusy = ({ run }: Pick<AppState, 'run'>): boolean =>
  ['starting', 'running', 'pausing', 'paused', 'cancelling'].includes(run.status);

/** Splats to look at and export, not just points. */
export const hasSplats = ({ scene }: Pick<AppState, 'scene'>): boolean => scene !== null && scene.splatsUrl !== null;

export const hasWork = ({ photos, scene, sensors }: AppState): boolean =>
  photos.length > 0 || scene !== null || sensors.length > 0;

/** Points of sensors that are used, to export. */
export const hasUsedClouds = ({ sensors }: Pick<AppState, 'sensors'>): boolean =>
  sensors.some(({ isUsed, status }) => isUsed && status === 'ready');
