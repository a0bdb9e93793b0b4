/** The window's menus, made from the list of commands. Narrow windows have one button for all of them. */
import { useContext } from 'react';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover } from 'react-aria-components';
import { MENUS } from '../../app/commands.js';
import type { AppCommand, MenuId } from '../../app/commands.js';
import { commandName } from '../../app/i18n/index.js';
import { Icon } from '../controls/icons.js';
import { CommandsContext, useShortcutLabel } from '../controls/use-shortcut-label.js';

function CommandItem({ command }: { readonly command: AppCommand }): ReactElement {
  const keys = useShortcutLabel(command.id);
  const name = commandName(command.id) ?? command.id;
  const isChecked = command.isChecked?.();
  return (
    <MenuItem className="menu-item" id={command.id} textValue={name} isDisabled={!command.isEnabled()}>
      <span className="menu-check">{isChecked === true ? <Icon name="check" /> : null}</span>
      <span>{name}</span>
      {keys === null ? null : <kbd className="keys">{keys}</kbd>}
    </MenuItem>
  );
}

/** Runs after the menu has closed and given the focus back, so that a dialog that opens can give it back in turn. */
function runLater(commands: readonly AppCommand[], id: string): void {
  const command = commands.find((candidate) => candidate.id === id);
  if (command !== undefined) requestAnimationFrame(() => void command.run());
}

function OneMenu({ menu }: { readonly menu: MenuId }): ReactElement | null {
  const { t } = useTranslation('menu');
  const commands = useContext(CommandsContext);
  const ofMenu = commands.filter((command) => command.menu === menu);
  if (ofMenu.length === 0) return null;
  return (
    <MenuTrigger>
      <Button className="button button-quiet menu-button">{t(menu)}</Button>
      <Popover className="popover" offset={2} placement="bottom start">
        <Menu className="menu" aria-label={t(menu)} onAction={(key) => runLater(commands, String(key))}>
          {ofMenu.map((command) => (
            <CommandItem key={command.id} command={command} />
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function AllMenus(): ReactElement {
  const { t } = useTranslation('menu');
  const commands = useContext(CommandsContext);
  return (
    <MenuTrigger>
      <Button className="icon-button" aria-label={t('all')}>
        <Icon name="menu" />
      </Button>
      <Popover className="popover" offset={2} placement="bottom start">
        <Menu className="menu" aria-label={t('all')} onAction={(key) => runLater(commands, String(key))}>
          {MENUS.filter((menu) => commands.some((command) => command.menu === menu)).map((menu) => (
            <MenuSection key={menu} className="menu-section">
              <Header className="menu-header">{t(menu)}</Header>
              {commands
                .filter((command) => command.menu === menu)
                .map((command) => (
                  <CommandItem key={command.id} command={command} />
                ))}
            </MenuSection>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

export function MenuBar({ isNarrow }: { readonly isNarrow: boolean }): ReactElement {
  const { t } = useTranslation('menu');
  return (
    <nav className="menu-bar" aria-label={t('bar')}>
      {isNarrow ? <AllMenus /> : MENUS.map((menu) => <OneMenu key={menu} menu={menu} />)}
    </nav>
  );
}
