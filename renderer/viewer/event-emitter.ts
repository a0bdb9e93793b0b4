/** Typed events without a string bus: the map says what each one carries. */
export class EventEmitter<M> {
  private readonly listeners = new Map<keyof M, Set<(payload: never) => void>>();

  /** Returns how to stop listening. */
  on<E extends keyof M>(event: E, listener: (payload: M[E]) => void): () => void {
    const known = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, known);
    known.add(listener);
    return () => {
      known.delete(listener);
    };
  }

  emit<E extends keyof M>(event: E, payload: M[E]): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) (listener as (payload: M[E]) => void)(payload);
  }
}
