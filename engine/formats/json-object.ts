/** JSON files whose top is an object. */
import { ImportError } from '../scene/errors.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is an object, not null and not a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses a file in UTF-8 whose top is an object.
 *
 * @param limit in MiB; `what` names such a file in the hint.
 * @throws ImportError 'too-large', 'truncated', 'malformed' (also NaN and Infinity, which JSON does not have), with the place in the text.
 */
export function parseJsonObject(
  bytes: Uint8Array,
  file: string,
  limit: { readonly mebibytes: number; readonly what: string },
): JsonObject {
  if (bytes.length > limit.mebibytes * 2 ** 20)
    throw new ImportError(
      'too-large',
      `${bytes.length} bytes are too many.`,
      file,
      '',
      `Give a ${limit.what} below ${limit.mebibytes} MiB.`,
    );
  let parsed: unknown;
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    parsed = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    const where = /(?:line \d+ column \d+|position \d+)/.exec(reason)?.[0] ?? '';
    const position = /position (\d+)/.exec(reason)?.[1];
    const isAtEnd = position !== undefined && text !== '' && Number(position) >= text.length;
    const cut = isAtEnd || /end of JSON|Unterminated|EOF/i.test(reason);
    const problem = cut ? 'The JSON ends too early.' : 'This is not valid JSON in UTF-8.';
    const hint = 'Copy or export the file again; NaN and Infinity are not allowed in JSON.';
    throw new ImportError(cut ? 'truncated' : 'malformed', problem, file, where, hint);
  }
  if (!isJsonObject(parsed))
    throw new ImportError(
      'malformed',
      'The file holds no JSON object.',
      file,
      '',
      'Correct this field or export the file again.',
    );
  return parsed;
}
