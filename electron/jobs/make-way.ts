import { constants, platform, setPriority } from 'node:os';

/** A third of the processor where another program wants it too, all of it where none does (Linux: weight 335 of 1024). */
const UNIX_NICENESS = 5;

/**
 * Lets the window, its drawing and the user's other programs go first. To be called before the run starts its threads: on Linux a thread
 * inherits its niceness from the one that starts it.
 */
export function makeWay(): void {
  try {
    setPriority(platform() === 'win32' ? constants.priority.PRIORITY_BELOW_NORMAL : UNIX_NICENESS);
  } catch {
    // A system that does not allow it runs as before.
  }
}
