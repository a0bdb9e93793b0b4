import { createContext, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppCommand } from '../../app/commands.js';
import { shortcutLabel } from '../../app/shortcut-label.js';
import { isMacPlatform } from '../../app/shortcuts.js';

/** All commands, handed down by the window: controls must not import the list, whose commands import the panels. */
export const CommandsContext = createContext<readonly AppCommand[]>([]);

/** How the command's first key is written; null where it has none. */
export function useShortcutLabel(commandId: string | undefined): string | null {
  const { t } = useTranslation('menu');
  const commands = useContext(CommandsContext);
  const shortcut = commands.find(({ id }) => id === commandId)?.shortcuts[0];
  return shortcut === undefined ? null : shortcutLabel(shortcut, isMacPlatform(), (key) => t(key));
}
