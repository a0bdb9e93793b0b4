/** How a shortcut is written: signs on a Mac, words of the user's language elsewhere. */
import type { Shortcut } from './commands.js';
import type { menu } from './i18n/en/menu.js';

type KeyWord = Extract<keyof typeof menu, `key${string}`>;

const MAC_SIGNS: Readonly<Record<string, string>> = {
  Enter: '↩',
  Escape: '⎋',
  Delete: '⌦',
  Backspace: '⌫',
  Tab: '⇥',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
};
const ARROW_SIGNS: Readonly<Record<string, string>> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓' };
const WORDS: Readonly<Record<string, KeyWord>> = {
  ' ': 'keySpace',
  Enter: 'keyEnter',
  Escape: 'keyEscape',
  Delete: 'keyDelete',
  Backspace: 'keyBackspace',
  Tab: 'keyTab',
  Home: 'keyHome',
  End: 'keyEnd',
  PageUp: 'keyPageUp',
  PageDown: 'keyPageDown',
};

export function shortcutParts(shortcut: Shortcut, isMac: boolean, word: (key: KeyWord) => string): readonly string[] {
  const { key, primary = false, shift = false, alt = false } = shortcut;
  const parts: string[] = [];
  if (isMac) {
    if (alt) parts.push('⌥');
    if (shift) parts.push('⇧');
    if (primary) parts.push('⌘');
  } else {
    if (primary) parts.push(word('keyCtrl'));
    if (alt) parts.push(word('keyAlt'));
    if (shift) parts.push(word('keyShift'));
  }
  const wordKey = WORDS[key];
  const sign = isMac ? MAC_SIGNS[key] : ARROW_SIGNS[key];
  parts.push(sign ?? (wordKey === undefined ? (key.length === 1 ? key.toUpperCase() : key) : word(wordKey)));
  return parts;
}

export function shortcutLabel(shortcut: Shortcut, isMac: boolean, word: (key: KeyWord) => string): string {
  return shortcutParts(shortcut, isMac, word).join(isMac ? '' : '+');
}
