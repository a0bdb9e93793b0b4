/** Which key does what, and when a key belongs to what has the focus instead. */
import type { AppCommand, Shortcut } from './commands.js';

/** What is read of a KeyboardEvent. */
export interface PressedKey {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  /** The key that writes third-level characters, which Windows reports as Ctrl+Alt. */
  readonly isAltGraph: boolean;
}

const LETTER = /^[a-z]$/;
/** With Alt, and on Macs also otherwise, `key` is what the layout writes; `code` still says which key it was. */
const CODE = /^(?:Key([A-Z])|Digit([0-9]))$/;

function keysOf(pressed: PressedKey): readonly string[] {
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  const match = CODE.exec(pressed.code);
  const physical = (match?.[1] ?? match?.[2])?.toLowerCase();
  return pressed.altKey && !pressed.isAltGraph && physical !== undefined ? [key, physical] : [key];
}

export function matchesShortcut(pressed: PressedKey, shortcut: Shortcut, isMac: boolean): boolean {
  if (!keysOf(pressed).includes(shortcut.key)) return false;
  const writesSymbol = pressed.isAltGraph;
  const primary = !writesSymbol && (isMac ? pressed.metaKey : pressed.ctrlKey);
  const other = !writesSymbol && (isMac ? pressed.ctrlKey : pressed.metaKey);
  const alt = !writesSymbol && pressed.altKey;
  if (other || primary !== (shortcut.primary ?? false) || alt !== (shortcut.alt ?? false)) return false;
  // Where a sign needs Shift depends on the keyboard's layout: '?' is Shift+/ on one and Shift+ß on another.
  const isSign = shortcut.key.length === 1 && shortcut.key !== ' ' && !LETTER.test(shortcut.key);
  return (isSign && shortcut.shift === undefined) || pressed.shiftKey === (shortcut.shift ?? false);
}

export function findByKey(commands: readonly AppCommand[], pressed: PressedKey, isMac: boolean): readonly AppCommand[] {
  return commands.filter(({ shortcuts }) => shortcuts.some((shortcut) => matchesShortcut(pressed, shortcut, isMac)));
}

/** What has the focus, as far as keys are concerned. */
export interface FocusedElement {
  readonly tagName: string;
  readonly inputType: string | null;
  readonly role: string | null;
  readonly isEditable: boolean;
  /** Roles of what it lies in, nearest first. */
  readonly surroundingRoles: readonly string[];
}

const ARROWS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];
const TRAVEL = [...ARROWS, 'Home', 'End', 'PageUp', 'PageDown'];
const PRESS = ['Enter', ' '];
/** Inputs that no text is written into. */
const MUTE_INPUTS = ['checkbox', 'radio', 'range', 'button', 'submit', 'file', 'color'];
/** Everything inside these belongs to them. */
const MODAL = ['dialog', 'alertdialog', 'menu', 'listbox'];
const COLLECTIONS = ['grid', 'tree', 'tablist', 'radiogroup', 'menubar', 'toolbar'];
const TYPE_AHEAD = ['grid', 'tree', 'listbox'];
const EDITING = ['a', 'c', 'v', 'x', 'y', 'z', 'ArrowLeft', 'ArrowRight', 'Backspace', 'Delete', 'Home', 'End'];
const PRESSABLE = ['button', 'switch', 'tab', 'link', 'menuitem', 'checkbox', 'radio'];

function isTextField({ tagName, inputType, role, isEditable }: FocusedElement): boolean {
  if (isEditable || tagName === 'TEXTAREA' || tagName === 'SELECT') return true;
  if (tagName === 'INPUT') return !MUTE_INPUTS.includes(inputType ?? 'text');
  return ['textbox', 'searchbox', 'combobox', 'spinbutton'].includes(role ?? '');
}

/** Keys that mean something to what has the focus: no command may take them. */
export function ownsKey(focused: FocusedElement, pressed: PressedKey): boolean {
  const roles = [focused.role ?? '', ...focused.surroundingRoles];
  const hasModifier = (pressed.ctrlKey || pressed.metaKey) && !pressed.isAltGraph;
  if (roles.some((role) => MODAL.includes(role))) return true;
  const [key = ''] = keysOf(pressed);
  if (isTextField(focused)) return hasModifier ? EDITING.includes(key) : !/^F\d+$/.test(key);
  const isRange = focused.inputType === 'range' || focused.role === 'slider' || focused.role === 'separator';
  if (isRange) return !hasModifier && TRAVEL.includes(key);
  if (roles.some((role) => TYPE_AHEAD.includes(role))) {
    if (hasModifier) return key === 'a';
    return key.length === 1 || [...TRAVEL, ...PRESS, 'Escape', 'Delete'].includes(key);
  }
  if (hasModifier) return false;
  if (roles.some((role) => COLLECTIONS.includes(role)) && TRAVEL.includes(key)) return true;
  const isPressable = ['BUTTON', 'A', 'SUMMARY'].includes(focused.tagName) || PRESSABLE.includes(focused.role ?? '');
  const isTick = focused.tagName === 'INPUT' && MUTE_INPUTS.includes(focused.inputType ?? '');
  return (isPressable || isTick) && PRESS.includes(key);
}

export function describeFocus(element: Element | null): FocusedElement {
  const surroundingRoles: string[] = [];
  for (let around = element?.parentElement ?? null; around !== null; around = around.parentElement) {
    const role = around.getAttribute('role');
    if (role !== null) surroundingRoles.push(role);
    else if (around.tagName === 'DIALOG') surroundingRoles.push('dialog');
  }
  return {
    tagName: element?.tagName ?? 'BODY',
    inputType: element instanceof HTMLInputElement ? element.type : null,
    role: element?.getAttribute('role') ?? null,
    isEditable: element instanceof HTMLElement && element.isContentEditable,
    surroundingRoles,
  };
}

function readKey(event: KeyboardEvent): PressedKey {
  const { key, code, ctrlKey, metaKey, shiftKey, altKey } = event;
  return { key, code, ctrlKey, metaKey, shiftKey, altKey, isAltGraph: event.getModifierState('AltGraph') };
}

export const isMacPlatform = (): boolean => /Mac OS|iPhone|iPad/.test(navigator.userAgent);

/** Runs commands by key from now on; returns how to stop. */
export function listenForShortcuts(commands: readonly AppCommand[]): () => void {
  const isMac = isMacPlatform();
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const pressed = readKey(event);
    const found = findByKey(commands, pressed, isMac);
    if (found.length === 0 || ownsKey(describeFocus(document.activeElement), pressed)) return;
    // Also where nothing may run: Ctrl+S must never open the browser's own dialog over the window.
    event.preventDefault();
    const isHeldModifier = event.repeat && (pressed.ctrlKey || pressed.metaKey);
    const command = found.find(({ isEnabled }) => isEnabled());
    if (command !== undefined && !isHeldModifier) void command.run();
  };
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
}
