import type { AppCommand } from '../../app/commands.js';

export const viewerCommands: readonly AppCommand[] = [];
