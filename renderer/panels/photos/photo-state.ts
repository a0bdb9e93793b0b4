/** What a tile of the filmstrip says about its photo, most important first. */
import type { Photo } from '../../../electron/ipc/contract.js';
import type { IconName } from '../controls/icons.js';

export interface PhotoMark {
  readonly word:
    | 'stateReading'
    | 'stateMissing'
    | 'stateFailed'
    | 'stateNoCamera'
    | 'statePosed'
    | 'statePlaced'
    | 'stateDoubtful'
    | 'stateNotPlaced'
    | 'stateTrain'
    | 'stateHeldOut'
    | 'stateLeftOut'
    | 'stateMasked';
  readonly icon: IconName;
  readonly tone: 'good' | 'warn' | 'bad' | 'plain';
}

/** Of a photo that a run looked for the camera of, what came of it. */
function cameraMark({ camera, outcome }: Pick<Photo, 'camera' | 'outcome'>): PhotoMark {
  if (outcome?.isPlaced === false) return { word: 'stateNotPlaced', icon: 'noCamera', tone: 'warn' };
  if (camera === null) return { word: 'stateNoCamera', icon: 'noCamera', tone: 'warn' };
  if (outcome === null) return { word: 'statePosed', icon: 'camera', tone: 'good' };
  if (outcome.doubts.length > 0) return { word: 'stateDoubtful', icon: 'warning', tone: 'warn' };
  return { word: 'statePlaced', icon: 'camera', tone: 'good' };
}

/** All marks; the tile shows them as signs, the accessible name as words. A failed photo has neither a role nor a camera to speak of. */
export function photoMarks({ status, role, camera, outcome, isMasked }: Photo): readonly PhotoMark[] {
  if (status === 'failed') return [{ word: 'stateFailed', icon: 'error', tone: 'bad' }];
  if (status === 'missing') return [{ word: 'stateMissing', icon: 'warning', tone: 'bad' }];
  if (status === 'reading') return [{ word: 'stateReading', icon: 'clock', tone: 'plain' }];
  const marks: PhotoMark[] = [cameraMark({ camera, outcome })];
  if (role === 'train') marks.push({ word: 'stateTrain', icon: 'check', tone: 'plain' });
  if (role === 'held-out') marks.push({ word: 'stateHeldOut', icon: 'target', tone: 'plain' });
  if (role === 'left-out') marks.push({ word: 'stateLeftOut', icon: 'eyeOff', tone: 'plain' });
  if (isMasked) marks.push({ word: 'stateMasked', icon: 'mask', tone: 'plain' });
  return marks;
}
