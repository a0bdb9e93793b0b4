/** Measures how long a run has stood still, so that its times do not count that. */
import type { PauseSwitch } from '../scene/stage.js';

/** The host's switch, watched: time counts from the first look that finds it set to the first that finds it reset. */
export class PauseClock implements PauseSwitch {
  private doneMs = 0;
  private sinceMs: number | null = null;

  constructor(private readonly inner: PauseSwitch | undefined) {}

  get isPaused(): boolean {
    const isPaused = this.inner?.isPaused === true;
    const nowMs = performance.now();
    if (isPaused) this.sinceMs ??= nowMs;
    else if (this.sinceMs !== null) {
      this.doneMs += nowMs - this.sinceMs;
      this.sinceMs = null;
    }
    return isPaused;
  }

  /** `performance.now()` less all time paused so far. */
  activeNow(): number {
    const nowMs = performance.now();
    return nowMs - this.doneMs - (this.sinceMs === null ? 0 : nowMs - this.sinceMs);
  }
}
