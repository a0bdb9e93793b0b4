/** What may be done with a run in each of its states: one table for buttons, menus and keys. */
import { cameraSourceOf, fewestPhotos, isSoughtForCloud } from '../../../electron/ipc/camera-search.js';
import type { CameraKnowledge } from '../../../electron/ipc/camera-search.js';
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

const usablePhotos = ({ photos }: AppState): readonly Photo[] =>
  photos.filter(({ status, role }) => status === 'ready' && role !== 'left-out');

const knowledgeOf = (photos: readonly Photo[]): CameraKnowledge[] =>
  photos.map(({ camera, outcome }) => ({ hasCamera: camera !== null, outcome }));

/** What a fresh run would do about cameras before anything else. */
function cameraSource(state: AppState): ReturnType<typeof cameraSourceOf> {
  return cameraSourceOf(knowledgeOf(usablePhotos(state)), state.sensors, state.session.canFindCameras);
}

/** A fresh run would find cameras before anything else. */
export const findsCamerasFirst = (state: AppState): boolean => cameraSource(state) === 'sought';

/** It would find them once more, together with a cloud that nothing places. */
export const findsCamerasForCloud = (state: AppState): boolean =>
  findsCamerasFirst(state) && isSoughtForCloud(knowledgeOf(usablePhotos(state)), state.sensors);

/** The one thing that stands in the way of a start; null when nothing does. */
export function findBlocker(state: AppState): RunBlocker | null {
  if (state.photos.length === 0) return 'no-photos';
  if (state.project.isReadOnly) return 'read-only';
  if (state.photos.some(({ status }) => status === 'reading')) return 'reading';
  const usable = usablePhotos(state);
  const posed = usable.filter(({ camera }) => camera !== null);
  const fewest = fewestPhotos(knowledgeOf(usable), state.sensors);
  const source = cameraSource(state);
  const isPosedFirst = source === 'sought' || source === 'calibrated';
  if (!isPosedFirst && posed.length < fewest && usable.length >= 2 && !state.session.canFindCameras)
    return 'no-cameras';
  const training = (isPosedFirst ? usable : posed).filter(({ role }) => role === 'train');
  if (training.length < fewest) return state.project.missingPhotos.length > 0 ? 'missing' : 'too-few';
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
