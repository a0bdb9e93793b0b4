/** The application's state: slices that change as a whole, and listeners that are sent those that changed. */
import type { AppState, HistoryPoint, HostEvent, SliceName } from '../ipc/contract.js';

/** Progress of a run comes faster than anyone can read. */
const LAZY_MS = 250;

export class StateStore {
  private readonly listeners = new Set<(event: HostEvent) => void>();
  private changed = new Set<SliceName>();
  private timer: NodeJS.Timeout | null = null;
  private isPrompt = false;
  private points: HistoryPoint[] = [];
  private newPoints: HistoryPoint[] = [];
  private isHistoryReset = false;

  constructor(private state: AppState) {}

  get current(): AppState {
    return this.state;
  }

  get history(): readonly HistoryPoint[] {
    return this.points;
  }

  /** `lazily`: listeners may be told a little later, together with what changes until then. */
  set<S extends SliceName>(slice: S, value: AppState[S], lazily = false): void {
    if (this.state[slice] === value) return;
    this.state = { ...this.state, [slice]: value };
    this.changed.add(slice);
    this.schedule(lazily);
  }

  change<S extends SliceName>(slice: S, change: (value: AppState[S]) => AppState[S], lazily = false): void {
    this.set(slice, change(this.state[slice]), lazily);
  }

  addHistory(point: HistoryPoint): void {
    this.points.push(point);
    this.newPoints.push(point);
    this.schedule(true);
  }

  /** Points that were sent already are sent again, thinned out or without those of another run. */
  resetHistory(points: readonly HistoryPoint[] = []): void {
    this.points = [...points];
    this.newPoints = [...points];
    this.isHistoryReset = true;
    this.schedule(true);
  }

  subscribe(listener: (event: HostEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Sends what is due. */
  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.isPrompt = false;
    if (this.changed.size > 0) {
      const slices = Object.fromEntries([...this.changed].map((name) => [name, this.state[name]]));
      this.changed = new Set();
      this.emit({ type: 'state', slices });
    }
    if (this.newPoints.length > 0 || this.isHistoryReset) {
      const event: HostEvent = { type: 'history', reset: this.isHistoryReset, points: this.newPoints };
      this.newPoints = [];
      this.isHistoryReset = false;
      this.emit(event);
    }
  }

  private emit(event: HostEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private schedule(lazily: boolean): void {
    if (this.isPrompt || (this.timer !== null && lazily)) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.isPrompt = !lazily;
    // A prompt change still waits for the rest of this turn, so that what belongs together arrives together.
    this.timer = setTimeout(() => this.flush(), lazily ? LAZY_MS : 0);
  }
}
