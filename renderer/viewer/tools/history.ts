/**
 * Undo and redo: the one history of everything that edits a scene or its camera path. Nothing else changes them. An operation knows how to
 * do and undo itself and what it holds in memory; the history keeps at most so many bytes and forgets the oldest first.
 */
export interface Operation {
  /** Translation key of its name, such as 'tidy:history.delete'. */
  readonly label: string;
  /** Memory that undoing it needs. */
  readonly bytes: number;
  do(): void;
  undo(): void;
  /** It will never be done or undone again. */
  dispose?(): void;
  /**
   * Takes a following operation into this one, both having been done: one drag is one step. null: they stay two. The two are
   * not disposed of; the merged one owns what they held.
   */
  merge?(next: Operation): Operation | null;
}

export interface HistoryState {
  /** Names of what would be undone and redone; null: nothing. */
  readonly undoLabel: string | null;
  readonly redoLabel: string | null;
  readonly bytes: number;
  /** How many operations were forgotten for want of room, since the last clear. */
  readonly forgotten: number;
}

export const DEFAULT_HISTORY_BYTES = 64 * 1024 * 1024;

export class History {
  #done: Operation[] = [];
  #undone: Operation[] = [];
  #forgotten = 0;
  /** Whether the newest operation may still take others in. */
  #isOpen = false;
  #state: HistoryState = { undoLabel: null, redoLabel: null, bytes: 0, forgotten: 0 };
  readonly #listeners = new Set<() => void>();
  readonly #maxBytes: number;

  constructor(maxBytes = DEFAULT_HISTORY_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** The same object until something changes. */
  get state(): HistoryState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Does an operation and keeps it. What had been undone can no longer be redone. */
  run(operation: Operation): void {
    operation.do();
    for (const forgotten of this.#undone.splice(0)) forgotten.dispose?.();
    const previous = this.#isOpen ? this.#done.at(-1) : undefined;
    const merged = previous?.merge?.(operation) ?? null;
    if (merged === null) this.#done.push(operation);
    else this.#done[this.#done.length - 1] = merged;
    this.#isOpen = true;
    this.#forgetOldest();
    this.#announce();
  }

  /** The next operation starts a step of its own: a drag ended, a key was let go. */
  seal(): void {
    this.#isOpen = false;
  }

  undo(): boolean {
    const operation = this.#done.pop();
    if (operation === undefined) return false;
    operation.undo();
    this.#undone.push(operation);
    this.#isOpen = false;
    this.#announce();
    return true;
  }

  redo(): boolean {
    const operation = this.#undone.pop();
    if (operation === undefined) return false;
    operation.do();
    this.#done.push(operation);
    this.#isOpen = false;
    this.#announce();
    return true;
  }

  /** Forgets everything, or what a test picks: another scene has come, and what was done to the old one cannot be undone in it. */
  clear(shouldForget: (operation: Operation) => boolean = () => true): void {
    const forget = (operations: readonly Operation[]): Operation[] => {
      operations.filter(shouldForget).forEach((operation) => operation.dispose?.());
      return operations.filter((operation) => !shouldForget(operation));
    };
    this.#done = forget(this.#done);
    this.#undone = forget(this.#undone);
    this.#forgotten = 0;
    this.#isOpen = false;
    this.#announce();
  }

  /** The newest operation stays, however large: the user sees it before them and wants it back. */
  #forgetOldest(): void {
    let bytes = this.#bytes();
    while (bytes > this.#maxBytes && this.#done.length > 1) {
      const oldest = this.#done.shift() as Operation;
      bytes -= oldest.bytes;
      oldest.dispose?.();
      this.#forgotten++;
    }
  }

  #bytes(): number {
    return [...this.#done, ...this.#undone].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #announce(): void {
    this.#state = {
      undoLabel: this.#done.at(-1)?.label ?? null,
      redoLabel: this.#undone.at(-1)?.label ?? null,
      bytes: this.#bytes(),
      forgotten: this.#forgotten,
    };
    for (const listener of this.#listeners) listener();
  }
}
