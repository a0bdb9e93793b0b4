/**
 * Draws when something changed, one frame at a time: the next one waits until the graphics card is done with the last. Without that a slow
 * card would have a queue of frames to work off, and the picture would lag behind the hand.
 */
const POLL_MS = 2;

export class FrameClock {
  private isWanted = false;
  private isHeld = false;
  private isBusy = false;
  private handle: number | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;

  /**
   * `draw` returns the context to wait for, null when there was none; `finished` is told how long the frame took, `wanted` as soon as
   * the one on the screen is not the last.
   */
  constructor(
    private readonly draw: (nowMs: number) => WebGL2RenderingContext | null,
    private readonly finished: (frameMs: number) => void,
    private readonly wanted: () => void,
  ) {}

  /** A frame was asked for and is not there yet. */
  get isWaiting(): boolean {
    return this.isWanted || this.isBusy;
  }

  want(): void {
    if (!this.isWanted) this.wanted();
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
    if (this.handle !== null || this.isHeld || this.isBusy) return;
    this.handle = requestAnimationFrame((nowMs) => this.tick(nowMs));
  }

  private tick(nowMs: number): void {
    this.handle = null;
    if (this.isHeld) return;
    this.isWanted = false;
    const startMs = performance.now();
    const context = this.draw(nowMs);
    if (context !== null) this.awaitEnd(context, startMs);
  }

  private awaitEnd(gl: WebGL2RenderingContext, startMs: number): void {
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (fence === null) return;
    gl.flush();
    this.isBusy = true;
    const look = (): void => {
      const isDone = gl.isContextLost() || gl.clientWaitSync(fence, 0, 0) !== gl.TIMEOUT_EXPIRED;
      if (!isDone) {
        setTimeout(look, POLL_MS);
        return;
      }
      gl.deleteSync(fence);
      this.isBusy = false;
      this.finished(performance.now() - startMs);
      if (this.isWanted) this.schedule();
    };
    setTimeout(look, 0);
  }
}
