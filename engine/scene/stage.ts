/** What every long-running stage is handed: a place to tell its progress, and a way to be stopped. */
export interface StageContext {
  /** Fraction of this stage done, 0..1, and optionally a word on what is being done. */
  readonly onProgress?: (fraction: number, detail?: string) => void;
  readonly signal?: AbortSignal;
}

/** Lets timers, signals and I/O run between slices of work, and throws the signal's reason when it was aborted. */
export async function yieldToHost(signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}
