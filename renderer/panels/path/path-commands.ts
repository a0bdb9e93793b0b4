import type { AppCommand } from '../../app/commands.js';

export const pathCommands: readonly AppCommand[] = [];
