/** Saves a moment after the last change, one save at a time; a save that fails is tried again, less and less often. */
const DELAY_MS = 400;
const RETRY_MS = [2000, 5000, 15_000, 30_000];

export interface AutosaveTimes {
  readonly delayMs: number;
  readonly retryMs: readonly number[];
}

export class Autosave {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();
  private failures = 0;
  private isStopped = false;

  /** @param write saves whatever is unsaved; called anew until it succeeds. @param onFailure told of every failure. */
  constructor(
    private readonly write: () => Promise<void>,
    private readonly onFailure: (error: unknown) => void,
    private readonly times: AutosaveTimes = { delayMs: DELAY_MS, retryMs: RETRY_MS },
  ) {}

  /** Something has changed. */
  touch(): void {
    if (this.failures === 0) this.schedule(this.times.delayMs);
  }

  /** Saves now. @throws what `write` throws; it stays unsaved and is tried again. */
  async flush(): Promise<void> {
    this.cancel();
    const run = this.running.then(() => this.write());
    this.running = run.catch(() => undefined);
    try {
      await run;
      this.failures = 0;
    } catch (error) {
      const wait = this.times.retryMs[Math.min(this.failures, this.times.retryMs.length - 1)] ?? DELAY_MS;
      this.failures += 1;
      this.schedule(wait);
      throw error;
    }
  }

  /** No further save begins by itself. */
  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  private schedule(delayMs: number): void {
    this.cancel();
    if (this.isStopped) return;
    this.timer = setTimeout(() => void this.flush().catch(this.onFailure), delayMs);
    this.timer.unref();
  }

  private cancel(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
