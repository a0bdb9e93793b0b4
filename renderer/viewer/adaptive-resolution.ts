/**
 * How sharp to draw: coarser while the camera moves and frames take too long, full again as soon as it rests. Only a few steps, so that
 * the picture's memory is not laid out anew with every frame.
 */
import type { FrameStatistics } from './viewer-contract.js';

export const SCALES = [1, 0.75, 0.5, 0.35, 0.25] as const;

/** A frame should take no longer than this while moving: two refreshes of a common screen, and a little. */
const BUDGET_MS = 36;
/** At this much less than the budget, one refresh, it is worth trying the next sharper step. */
const COMFORTABLE_SHARE = 0.6;
/** Rest before the sharp picture: long enough not to flicker between two wheel clicks. */
export const REST_MS = 180;
const WINDOW = 30;

export class AdaptiveResolution {
  private step = 0;
  private slowFrames = 0;
  private fastFrames = 0;
  private movedAtMs = Number.NEGATIVE_INFINITY;
  private readonly frames: number[] = [];

  noteMotion(nowMs: number): void {
    this.movedAtMs = nowMs;
  }

  isMoving(nowMs: number): boolean {
    return nowMs - this.movedAtMs < REST_MS;
  }

  /** Share of the canvas's resolution to draw at now. */
  scale(nowMs: number): number {
    return this.isMoving(nowMs) ? SCALES[this.step as 0] : 1;
  }

  /** How long a frame took; only those drawn while moving teach it anything, as the rest are drawn once. */
  noteFrame(frameMs: number, nowMs: number): void {
    this.frames.push(frameMs);
    if (this.frames.length > WINDOW) this.frames.shift();
    if (!this.isMoving(nowMs)) return;
    this.slowFrames = frameMs > BUDGET_MS ? this.slowFrames + 1 : 0;
    this.fastFrames = frameMs < BUDGET_MS * COMFORTABLE_SHARE ? this.fastFrames + 1 : 0;
    // Far too slow needs no second opinion.
    if (this.slowFrames >= 3 || frameMs > BUDGET_MS * 4) this.change(1);
    else if (this.fastFrames >= 20) this.change(-1);
  }

  /** Median of the last frames; 0 before the first. */
  get medianFrameMs(): number {
    const sorted = [...this.frames].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  }

  statistics(nowMs: number): Omit<FrameStatistics, 'splatCount'> {
    return { frameMs: this.medianFrameMs, resolutionScale: this.scale(nowMs), isMoving: this.isMoving(nowMs) };
  }

  private change(by: number): void {
    this.step = Math.max(0, Math.min(SCALES.length - 1, this.step + by));
    this.slowFrames = 0;
    this.fastFrames = 0;
  }
}
