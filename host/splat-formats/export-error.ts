/** The export could not be made: words for the user. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
  constructor(
    readonly problem: string,
    readonly hint: string,
    /** There was not enough memory. */
    readonly isOutOfMemory: boolean,
  ) {
    super(`${problem} ${hint}`);
  }
}
