/** The way of events to one window. A slow one is not sent every state: what it has not taken yet is replaced by what is true now. */
import type { AppState, HistoryPoint, HostEvent } from '../ipc/contract.js';

/** More than this waiting to be sent means that the window does not keep up. */
const HIGH_WATER_BYTES = 1024 * 1024;
const RETRY_MS = 50;

export interface LaneSocket {
  readonly bufferedAmount: number;
  send(text: string): void;
}

export class EventLane {
  private slices: Partial<AppState> = {};
  private points: HistoryPoint[] = [];
  private isReset = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly socket: LaneSocket,
    private readonly highWaterBytes = HIGH_WATER_BYTES,
  ) {}

  push(event: HostEvent): void {
    if (event.type === 'menu') {
      this.send(event);
      return;
    }
    if (event.type === 'state') Object.assign(this.slices, event.slices);
    else {
      this.points = event.reset ? [...event.points] : [...this.points, ...event.points];
      this.isReset ||= event.reset;
    }
    this.drain();
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private drain(): void {
    if (this.timer !== null) return;
    if (this.socket.bufferedAmount > this.highWaterBytes) {
      this.timer = setTimeout(() => {
        this.timer = null;
        this.drain();
      }, RETRY_MS);
      return;
    }
    if (Object.keys(this.slices).length > 0) this.send({ type: 'state', slices: this.slices });
    if (this.points.length > 0 || this.isReset)
      this.send({ type: 'history', reset: this.isReset, points: this.points });
    this.slices = {};
    this.points = [];
    this.isReset = false;
  }

  private send(event: HostEvent): void {
    this.socket.send(JSON.stringify({ type: 'event', event }));
  }
}
