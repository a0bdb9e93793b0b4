/** Everything that the user can do, in the order in which menus and the shortcuts page show it. */
import type { AppCommand } from '../app/commands.js';
import { pathCommands } from './path/path-commands.js';
import { sensorCommands } from './sensors/sensor-commands.js';
import { shellCommands } from './shell-commands.js';
import { tidyCommands } from './tidy/tidy-commands.js';
import { viewerCommands } from './viewer/viewer-commands.js';

export const allCommands: readonly AppCommand[] = [
  ...shellCommands,
  ...tidyCommands,
  ...viewerCommands,
  ...sensorCommands,
  ...pathCommands,
];

export function findCommand(id: string): AppCommand | undefined {
  return allCommands.find((command) => command.id === id);
}
