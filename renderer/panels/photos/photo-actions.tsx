/** What can be done with photos: one menu for the toolbar and for the context menu. */
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Menu, MenuItem, Separator } from 'react-aria-components';
import type { Photo } from '../../../electron/ipc/contract.js';
import { sendCommand } from '../../app/send.js';
import { Icon } from '../controls/icons.js';
import type { IconName } from '../controls/icons.js';
import { getViewer } from '../viewer/viewer-instance.js';

const ROLES = [
  ['train', 'roleTrain', 'check'],
  ['held-out', 'roleHeldOut', 'target'],
  ['left-out', 'roleLeftOut', 'eyeOff'],
] as const satisfies readonly (readonly [Photo['role'], string, IconName])[];

export function standInPhoto(photo: Photo | undefined): void {
  if (photo !== undefined && photo.camera !== null) getViewer().standIn(photo.id);
}

export function removePhotos(photoIds: readonly string[]): void {
  if (photoIds.length > 0) void sendCommand('removePhotos', { photoIds: [...photoIds] });
}

interface PhotoActionsProps {
  readonly photos: readonly Photo[];
  readonly isBusy: boolean;
  readonly onDone?: () => void;
}

export function PhotoActionsMenu({ photos, isBusy, onDone }: PhotoActionsProps): ReactElement {
  const { t } = useTranslation('photos');
  const photoIds = photos.map(({ id }) => id);
  const [first] = photos;
  const act = (key: string): void => {
    const role = ROLES.find(([name]) => name === key)?.[0];
    if (role !== undefined) void sendCommand('setPhotoRole', { photoIds, role });
    if (key === 'look') standInPhoto(first);
    if (key === 'remove') removePhotos(photoIds);
    onDone?.();
  };
  const disabled = [
    ...(photos.length === 1 && first !== undefined && first.camera !== null ? [] : ['look']),
    ...(isBusy ? ['train', 'held-out', 'left-out', 'remove'] : []),
  ];
  return (
    <Menu className="menu" aria-label={t('actions')} disabledKeys={disabled} onAction={(key) => act(String(key))}>
      <MenuItem className="menu-item" id="look">
        <Icon name="eye" />
        {t('look')}
      </MenuItem>
      <Separator className="menu-separator" />
      {ROLES.map(([role, word, icon]) => (
        <MenuItem className="menu-item" id={role} key={role}>
          <Icon name={icon} />
          {t(word)}
        </MenuItem>
      ))}
      <Separator className="menu-separator" />
      <MenuItem className="menu-item" id="remove">
        <Icon name="trash" />
        {t('remove')}
      </MenuItem>
    </Menu>
  );
}
