/** The switch that a host holds a run with: while it is set, the run stands still, and goes on within POLL_MS of its reset. */
export interface PauseSwitch {
  readonly isPaused: boolean;
}

/** What every long-running stage is handed: a place to tell its progress, and ways to be held and stopped. */
export interface StageContext {
  /** Fraction of this stage done, 0..1, and optionally a word on what is being done. */
  readonly onProgress?: (fraction: number, detail?: string) => void;
  readonly signal?: AbortSignal;
  readonly pause?: PauseSwitch;
}

/** A context for a step that takes a part of a stage: its progress 0..1 becomes `from` to `from + share` of the whole. */
export function partOfStage(context: StageContext, from: number, share: number): StageContext {
  return { ...context, onProgress: (fraction, detail) => context.onProgress?.(from + share * fraction, detail) };
}

const POLL_MS = 50;

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/**
 * Lets timers, signals and I/O run between slices of work, and stands still while the host pauses the run.
 *
 * @throws the signal's reason when it was aborted, before or during the pause
 */
export async function yieldToHost({ signal, pause }: Pick<StageContext, 'signal' | 'pause'> = {}): Promise<void> {
  await sleep(0);
  signal?.throwIfAborted();
  while (pause?.isPaused === true) {
    await sleep(POLL_MS);
    signal?.throwIfAborted();
  }
}

/** Work that is cut into slices: it yields wherever it could wait. */
export type SlicedWork<T> = Generator<undefined, T, undefined>;

/** How long slices run before the host gets a turn. */
const SLICE_MS = 50;

/** Carries the work out and lets the host run every SLICE_MS. @throws the signal's reason */
export async function runInSlices<T>(work: SlicedWork<T>, context: StageContext): Promise<T> {
  let lastMs = performance.now();
  for (;;) {
    const slice = work.next();
    if (slice.done === true) return slice.value;
    if (performance.now() - lastMs < SLICE_MS) continue;
    await yieldToHost(context);
    lastMs = performance.now();
  }
}

/** Carries the work out at once. */
export function runAtOnce<T>(work: SlicedWork<T>): T {
  for (;;) {
    const slice = work.next();
    if (slice.done === true) return slice.value;
  }
}
