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
    | 'stateTrain'
    | 'stateHeldOut'
    | 'stateLeftOut'
    | 'stateMasked';
  readonly icon: IconName;
  readonly tone: 'good' | 'warn' | 'bad' | 'plain';
}

/** All marks; the tile shows them as signs, the accessible name as words. A failed photo has neither a role nor a camera to speak of. */
export function photoMarks({ status, role, camera, isMasked }: Photo): readonly PhotoMark[] {
  if (status === 'failed') return [{ word: 'stateFailed', icon: 'error', tone: 'bad' }];
  if (status === 'missing') return [{ word: 'stateMissing', icon: 'warning', tone: 'bad' }];
  if (status === 'reading') return [{ word: 'stateReading', icon: 'clock', tone: 'plain' }];
  const marks: PhotoMark[] = [
    camera === null
      ? { word: 'stateNoCamera', icon: 'noCamera', tone: 'warn' }
      : { word: 'statePosed', icon: 'camera', tone: 'good' },
  ];
  if (role === 'train') marks.push({ word: 'stateTrain', icon: 'check', tone: 'plain' });
  if (role === 'held-out') marks.push({ word: 'stateHeldOut', icon: 'target', tone: 'plain' });
  if (role === 'left-out') marks.push({ word: 'stateLeftOut', icon: 'eyeOff', tone: 'plain' });
  if (isMasked) marks.push({ word: 'stateMasked', icon: 'mask', tone: 'plain' });
  return marks;
}
