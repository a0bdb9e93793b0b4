/** Pictures off the screen, one after the other; the window does not draw for itself in between. */
import type { FrameClock } from './frame-clock.js';

/** After a picture, the next one of a sequence comes soon: putting everything in order for the window in between would be for nothing. */
const PAUSE_MS = 400;

export class StillQueue {
  private last: Promise<unknown> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly clock: FrameClock) {}

  take(render: () => Promise<ImageData>): Promise<ImageData> {
    const still = this.last.then(async () => {
      this.clock.hold();
      if (this.timer !== null) clearTimeout(this.timer);
      try {
        return await render();
      } finally {
        this.timer = setTimeout(() => this.clock.letGo(), PAUSE_MS);
        this.clock.want();
      }
    });
    // One that failed does not keep the next from being taken.
    this.last = still.catch(() => undefined);
    return still;
  }
}
