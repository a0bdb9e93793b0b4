import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { pickPathFile, savePathFile } from './path-documents.js';
import { clearPath, resetToPhotos } from './path-editing.js';
import { usePathStore } from './path-store.js';
import { SignButton } from './sign-button.js';

export function PathFilesMenu(): ReactElement {
  const { t } = useTranslation('path');
  const isEmpty = usePathStore(({ path }) => path.keyframes.length === 0);
  const actions = [
    { id: 'open', name: t('open'), run: pickPathFile, isDisabled: false },
    { id: 'save', name: t('save'), run: () => savePathFile('vantage'), isDisabled: isEmpty },
    { id: 'nerfstudio', name: t('saveNerfstudio'), run: () => savePathFile('nerfstudio'), isDisabled: isEmpty },
    { id: 'reset', name: t('throughPhotos'), run: resetToPhotos, isDisabled: false },
    { id: 'clear', name: t('clear'), run: clearPath, isDisabled: isEmpty },
  ];
  return (
    <MenuTrigger>
      <SignButton sign="files" label={t('files')} onPress={() => undefined} />
      <Popover className="popover" offset={4}>
        <Menu className="menu" items={actions}>
          {({ id, name, run, isDisabled }) => (
            <MenuItem className="menu-item" id={id} isDisabled={isDisabled} onAction={run}>
              {name}
            </MenuItem>
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
