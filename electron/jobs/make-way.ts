import { constants, platform, setPriority } from 'node:os';

/** Half as much of the processor as another program that wants it too, all of it where none does (Linux: weight 526 beside 1024). */
const UNIX_NICENESS = 3;

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
