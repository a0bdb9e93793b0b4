/** The system's menu may only offer what the window can do. */
import { describe, expect, it } from 'vitest';
import { menuCommandIds } from '../../electron/ipc/menu.js';
import { allCommands } from '../../renderer/panels/all-commands.js';

describe('commands of the window', () => {
  const ids = allCommands.map(({ id }) => id);

  it('have ids of their own', () => {
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it("are all that the system's menu names", () => {
    expect(menuCommandIds().length).toBeGreaterThan(5);
    expect(menuCommandIds().filter((id) => !ids.includes(id))).toEqual([]);
  });
});
