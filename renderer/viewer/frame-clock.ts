/**
 * Draws when something changed, one frame at a time. A frame is over when the browser asks for the next one, which it does only after
 * the graphics card took the last; fences would say it more exactly, but Chromium looks at them only while other commands come in.
 */
export class FrameClock {
  private isWanted = false;
  private isHeld = false;
  private handle: number | null = null;
  private drawnAtMs: number | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;

  /** `draw` is false when there was nothing to draw on; `finished` is told how long the frame took, drawing included. */
  constructor(
    private readonly draw: (nowMs: number) => boolean,
    private readonly finished: (frameMs: number) => void,
    /** A frame is awaited from now on. */
    private readonly awaited: () => void,
  ) {}

  /** A frame was asked for and has not come. */
  get isWaiting(): boolean {
    return this.handle !== null;
  }

  want(): void {
    this.isWanted = true;
    this.schedule();
  }

  /** A frame once this time has passed without another such wish. */
  wantIn(ms: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.want(), ms);
  }

  /** Stops drawing without forgetting that it is wanted. */
  hold(): void {
    this.isHeld = true;
  }

  letGo(): void {
    this.isHeld = false;
    if (this.isWanted) this.schedule();
  }

  dispose(): void {
    this.isHeld = true;
    if (this.timer !== null) clearTimeout(this.timer);
    if (this.handle !== null) cancelAnimationFrame(this.handle);
    this.handle = null;
  }

  private schedule(): void {
    if (this.handle !== null || this.isHeld) return;
    this.handle = requestAnimationFrame((nowMs) => this.tick(nowMs));
    this.awaited();
  }

  private tick(nowMs: number): void {
    this.handle = null;
    if (this.drawnAtMs !== null) this.finished(performance.now() - this.drawnAtMs);
    this.drawnAtMs = null;
    if (!this.isWanted || this.isHeld) return;
    this.isWanted = false;
    const startMs = performance.now();
    if (!this.draw(nowMs)) return;
    this.drawnAtMs = startMs;
    this.schedule();
  }
}
