/** Every command with its keys, by menu, to be searched. */
import { useContext, useState } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Input, SearchField } from 'react-aria-components';
import { MENUS } from '../../app/commands.js';
import type { AppCommand } from '../../app/commands.js';
import { commandName } from '../../app/i18n/index.js';
import { shortcutParts } from '../../app/shortcut-label.js';
import { isMacPlatform } from '../../app/shortcuts.js';
import { ModalDialog } from '../controls/modal-dialog.js';
import { CommandsContext } from '../controls/use-shortcut-label.js';
import './help.css';

function Keys({ command }: { readonly command: AppCommand }): ReactElement {
  const { t } = useTranslation('menu');
  const isMac = isMacPlatform();
  if (command.shortcuts.length === 0) return <span className="muted">{t('shortcutsNoKey')}</span>;
  return (
    <>
      {command.shortcuts.map((shortcut, index) => (
        <span key={JSON.stringify(shortcut)}>
          {index === 0 ? null : <span className="muted"> {t('shortcutsOr')} </span>}
          {shortcutParts(shortcut, isMac, (key) => t(key)).map((part) => (
            <kbd key={part} className="kbd">
              {part}
            </kbd>
          ))}
        </span>
      ))}
    </>
  );
}

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { t } = useTranslation('menu');
  const commands = useContext(CommandsContext);
  const [wanted, setWanted] = useState('');
  const plain = wanted.trim().toLocaleLowerCase();
  const nameOf = ({ id }: AppCommand): string => commandName(id) ?? id;
  const found = commands.filter((command) => nameOf(command).toLocaleLowerCase().includes(plain));
  return (
    <ModalDialog title={t('shortcutsTitle')} isOpen onClose={onClose} isWide>
      <p className="muted">{t('shortcutsText')}</p>
      <SearchField aria-label={t('shortcutsSearch')} value={wanted} onChange={setWanted}>
        <Input className="input" placeholder={t('shortcutsSearch')} />
      </SearchField>
      {found.length === 0 ? <p>{t('shortcutsNone')}</p> : null}
      <div className="shortcut-columns">
        {MENUS.map((menu) => {
          const ofMenu = found.filter((command) => command.menu === menu);
          return ofMenu.length === 0 ? null : (
            <section key={menu} className="shortcut-group" aria-labelledby={`shortcuts-${menu}`}>
              <h3 className="panel-title" id={`shortcuts-${menu}`}>
                {t(menu)}
              </h3>
              <dl>
                {ofMenu.map((command) => (
                  <div key={command.id} className="shortcut-row">
                    <dt>{nameOf(command)}</dt>
                    <dd>
                      <Keys command={command} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </ModalDialog>
  );
}
