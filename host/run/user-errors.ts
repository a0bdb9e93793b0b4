/** What is asked for cannot be carried out as written: bad usage, not bad data. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The user stopped the run before there was anything to keep. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}
