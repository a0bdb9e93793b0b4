/**
 * Everything that the user can do, as data: menus, shortcuts, buttons and the shortcuts page all read these definitions, so that none of
 * them can offer something that the others do not know.
 */
export const MENUS = ['file', 'edit', 'run', 'view', 'camera', 'path', 'help'] as const;
export type MenuId = (typeof MENUS)[number];

export interface Shortcut {
  /** `KeyboardEvent.key`, lower case for letters: 'f', 'Delete', ' ', ',', 'ArrowLeft'. */
  readonly key: string;
  /** Ctrl, or Cmd on a Mac. */
  readonly primary?: boolean;
  readonly shift?: boolean;
  readonly alt?: boolean;
}

export interface AppCommand {
  /** Such as 'run.start'; the translation `command.<id>` is its name. */
  readonly id: string;
  readonly menu: MenuId;
  /** The first is shown in menus; all work. */
  readonly shortcuts: readonly Shortcut[];
  readonly isEnabled: () => boolean;
  /** For what can be on or off; absent for plain actions. */
  readonly isChecked?: () => boolean;
  readonly run: () => void | Promise<void>;
}
