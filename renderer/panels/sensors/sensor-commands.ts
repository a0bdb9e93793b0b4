/** What sensors add to menus and shortcuts. */
import type { AppCommand } from '../../app/commands.js';
import { stopPlacing } from './placing.js';
import { useSensorStore } from './sensor-store.js';

export const sensorCommands: readonly AppCommand[] = [
  {
    id: 'view.stopPlacing',
    menu: 'view',
    shortcuts: [{ key: 'Escape' }],
    run: stopPlacing,
    isEnabled: () => useSensorStore.getState().placing !== null,
  },
];
