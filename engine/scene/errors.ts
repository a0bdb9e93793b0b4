/** Machine-readable kinds of import failure; the message and the hint are for people. */
export type ImportErrorCode =
  | 'not-found'
  | 'unreadable'
  | 'unsupported'
  | 'truncated'
  | 'malformed'
  | 'size-mismatch'
  | 'singular-matrix'
  | 'too-few-views'
  | 'outside-capture'
  | 'too-large';

/** Something is wrong with what the user gave: which file, where in it, what is wrong, and what to do about it. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
  constructor(
    readonly code: ImportErrorCode,
    /** What is wrong, in a sentence without the file's name. */
    readonly problem: string,
    /** Path as the user would know it. */
    readonly file: string,
    /** Line, byte, field or frame; empty when the whole file is meant. */
    readonly where: string,
    /** What the user can do. */
    readonly hint: string,
  ) {
    super(`${file}${where === '' ? '' : ` (${where})`}: ${problem} ${hint}`);
  }
}

/** An array whose length does not fit its description: a bug of ours, not of the user's data. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}
