import { describe, expect, it } from 'vitest';
import type { AppCommand, Shortcut } from '../../renderer/app/commands.js';
import { menu as germanMenu } from '../../renderer/app/i18n/de/menu.js';
import { menu } from '../../renderer/app/i18n/en/menu.js';
import { shortcutLabel } from '../../renderer/app/shortcut-label.js';
import { findByKey, matchesShortcut, ownsKey } from '../../renderer/app/shortcuts.js';
import type { FocusedElement, PressedKey } from '../../renderer/app/shortcuts.js';

function press(key: string, changes: Partial<PressedKey> = {}): PressedKey {
  return {
    key,
    code: '',
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    isAltGraph: false,
    ...changes,
  };
}

function focus(changes: Partial<FocusedElement> = {}): FocusedElement {
  return { tagName: 'DIV', inputType: null, role: null, isEditable: false, surroundingRoles: [], ...changes };
}

describe('matchesShortcut', () => {
  const save: Shortcut = { key: 's', primary: true };

  it('takes Ctrl for primary, and Cmd on a Mac, never the other', () => {
    expect(matchesShortcut(press('s', { ctrlKey: true }), save, false)).toBe(true);
    expect(matchesShortcut(press('s', { metaKey: true }), save, false)).toBe(false);
    expect(matchesShortcut(press('s', { metaKey: true }), save, true)).toBe(true);
    expect(matchesShortcut(press('s', { ctrlKey: true }), save, true)).toBe(false);
  });

  it('tells a letter with Shift from one without, whatever Caps Lock does', () => {
    expect(matchesShortcut(press('S', { ctrlKey: true }), save, false)).toBe(true);
    expect(matchesShortcut(press('S', { ctrlKey: true, shiftKey: true }), save, false)).toBe(false);
    expect(matchesShortcut(press('F', { shiftKey: true }), { key: 'f', shift: true }, false)).toBe(true);
    expect(matchesShortcut(press('f'), { key: 'f', shift: true }, false)).toBe(false);
  });

  it('takes a sign however the layout writes it', () => {
    const help: Shortcut = { key: '?' };
    expect(matchesShortcut(press('?', { shiftKey: true }), help, false)).toBe(true);
    // A German keyboard writes [ with AltGr, which Windows reports as Ctrl+Alt.
    const german = press('[', { ctrlKey: true, altKey: true, isAltGraph: true });
    expect(matchesShortcut(german, { key: '[' }, false)).toBe(true);
    expect(matchesShortcut(press('[', { ctrlKey: true }), { key: '[' }, false)).toBe(false);
  });

  it('knows Alt with a digit by the key itself, since a Mac writes ¡ with it', () => {
    const tab: Shortcut = { key: '1', alt: true };
    expect(matchesShortcut(press('¡', { altKey: true, code: 'Digit1' }), tab, true)).toBe(true);
    expect(matchesShortcut(press('1', { code: 'Digit1' }), tab, true)).toBe(false);
  });

  it('asks for Shift with named keys only where it is named', () => {
    expect(matchesShortcut(press('Enter', { shiftKey: true }), { key: 'Enter' }, false)).toBe(false);
    expect(matchesShortcut(press(' '), { key: ' ' }, false)).toBe(true);
    expect(matchesShortcut(press(' ', { shiftKey: true }), { key: ' ' }, false)).toBe(false);
  });

  it('finds a command by any of its keys', () => {
    const command = (id: string, shortcuts: readonly Shortcut[]): AppCommand => ({
      id,
      menu: 'file',
      shortcuts,
      isEnabled: () => true,
      run: () => undefined,
    });
    const commands = [command('a', [{ key: 'a' }]), command('b', [{ key: 'b' }, { key: 'F1' }])];
    expect(findByKey(commands, press('F1'), false).map(({ id }) => id)).toEqual(['b']);
    expect(findByKey(commands, press('x'), false)).toEqual([]);
  });
});

describe('ownsKey: a key belongs to what has the focus', () => {
  it('leaves everything typed to a text field, and editing keys with Ctrl, but not Ctrl+O', () => {
    const field = focus({ tagName: 'INPUT', inputType: 'text' });
    expect(ownsKey(field, press('f'))).toBe(true);
    expect(ownsKey(field, press(' '))).toBe(true);
    expect(ownsKey(field, press('Delete'))).toBe(true);
    expect(ownsKey(field, press('z', { ctrlKey: true }))).toBe(true);
    expect(ownsKey(field, press('o', { ctrlKey: true }))).toBe(false);
    expect(ownsKey(field, press('F1'))).toBe(false);
    expect(ownsKey(focus({ isEditable: true }), press('f'))).toBe(true);
    expect(ownsKey(field, press('@', { ctrlKey: true, altKey: true, isAltGraph: true }))).toBe(true);
  });

  it('leaves travelling keys to a slider, nothing else', () => {
    for (const slider of [focus({ role: 'slider' }), focus({ tagName: 'INPUT', inputType: 'range' })]) {
      expect(ownsKey(slider, press('ArrowLeft'))).toBe(true);
      expect(ownsKey(slider, press('Home'))).toBe(true);
      expect(ownsKey(slider, press('f'))).toBe(false);
      expect(ownsKey(slider, press(' '))).toBe(false);
    }
  });

  it('leaves letters, arrows and Delete to the photos, which search by letter', () => {
    const row = focus({ role: 'row', surroundingRoles: ['grid'] });
    expect(ownsKey(row, press('f'))).toBe(true);
    expect(ownsKey(row, press('Delete'))).toBe(true);
    expect(ownsKey(row, press('a', { ctrlKey: true }))).toBe(true);
    expect(ownsKey(row, press('e', { ctrlKey: true }))).toBe(false);
  });

  it('leaves everything to an open dialog or menu', () => {
    const button = focus({ tagName: 'BUTTON', surroundingRoles: ['dialog'] });
    expect(ownsKey(button, press('f'))).toBe(true);
    expect(ownsKey(button, press('s', { ctrlKey: true }))).toBe(true);
    expect(ownsKey(focus({ role: 'menuitem', surroundingRoles: ['menu'] }), press('Escape'))).toBe(true);
  });

  it('leaves pressing to a button and a tick box, so that Space does not also play', () => {
    expect(ownsKey(focus({ tagName: 'BUTTON' }), press(' '))).toBe(true);
    expect(ownsKey(focus({ tagName: 'INPUT', inputType: 'checkbox' }), press(' '))).toBe(true);
    expect(ownsKey(focus({ tagName: 'BUTTON' }), press('f'))).toBe(false);
    expect(ownsKey(focus({ tagName: 'BODY' }), press(' '))).toBe(false);
  });

  it('leaves arrows to tabs', () => {
    const tab = focus({ role: 'tab', surroundingRoles: ['tablist'] });
    expect(ownsKey(tab, press('ArrowRight'))).toBe(true);
    expect(ownsKey(tab, press(','))).toBe(false);
  });
});

describe('shortcutLabel', () => {
  const shortcut: Shortcut = { key: 's', primary: true, shift: true };

  it('writes signs on a Mac and words of the language elsewhere', () => {
    expect(shortcutLabel(shortcut, true, (key) => menu[key])).toBe('⇧⌘S');
    expect(shortcutLabel(shortcut, false, (key) => menu[key])).toBe('Ctrl+Shift+S');
    expect(shortcutLabel(shortcut, false, (key) => germanMenu[key])).toBe('Strg+Umschalt+S');
    expect(shortcutLabel({ key: ' ' }, false, (key) => menu[key])).toBe('Space');
    expect(shortcutLabel({ key: 'ArrowLeft' }, false, (key) => menu[key])).toBe('←');
  });
});
