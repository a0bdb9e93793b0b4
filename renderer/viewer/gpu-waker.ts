/**
 * Chromium on a software renderer lets finished work lie until the next synchronous call comes: neither the next frame nor what is read
 * back from the graphics card would ever arrive at a page that waits for it. While something is awaited and nothing happens, this asks.
 */
const LOOK_MS = 50;
/** A graphics card that works answers well within this time and is never asked. */
const PATIENCE_MS = 120;

export class GpuWaker {
  private timer: ReturnType<typeof setInterval> | null = null;
  private progressAtMs = 0;

  constructor(
    private readonly context: () => WebGLRenderingContext | WebGL2RenderingContext | null,
    private readonly isWaiting: () => boolean,
  ) {}

  /** Something is awaited from now on. */
  watch(): void {
    if (this.timer !== null) return;
    this.progressAtMs = performance.now();
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  noteProgress(): void {
    this.progressAtMs = performance.now();
  }

  dispose(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private look(): void {
    if (!this.isWaiting()) {
      this.dispose();
      return;
    }
    // A hidden page gets no frames, and need not.
    if (document.visibilityState === 'hidden' || performance.now() - this.progressAtMs < PATIENCE_MS) return;
    this.context()?.getError();
    this.noteProgress();
  }
}
