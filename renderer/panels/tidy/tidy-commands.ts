import type { AppCommand } from '../../app/commands.js';

export const tidyCommands: readonly AppCommand[] = [];
