/** The LIST of views that a user types. */

/** A list of views that names something that is not there: a mistake in what was typed, not in the capture. */
export class ViewListError extends Error {
  override readonly name = 'ViewListError';
}

const MAX_NAMES_SHOWN = 8;

function describeNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES_SHOWN).join(', ');
  return `The ${names.length} views are 0 to ${names.length - 1}: ${shown}${names.length > MAX_NAMES_SHOWN ? ', …' : ''}.`;
}

function withoutExtension(name: string): string {
  return name.replace(/(.)\.[^.]*$/, '$1');
}

function indicesOf(item: string, names: readonly string[]): number[] {
  const every = /^every:(.*)$/.exec(item);
  if (every !== null) {
    const step = /^\d{1,9}$/.test(every[1] as string) ? Number(every[1]) : 0;
    if (step < 1) throw new ViewListError(`"${item}" is not every:N with a whole N from 1.`);
    return names.flatMap((_, i) => (i % step === 0 ? [i] : []));
  }
  const exact = names.indexOf(item);
  if (exact >= 0) return [exact];
  // 9 is an index; 0009 can only be meant as a name.
  if (/^(?:0|[1-9]\d*)$/.test(item)) {
    if (Number(item) < names.length) return [Number(item)];
    throw new ViewListError(`There is no view ${item}. ${describeNames(names)}`);
  }
  const sameStem = names.flatMap((name, i) => (withoutExtension(name) === item ? [i] : []));
  if (sameStem.length === 1) return sameStem;
  if (sameStem.length > 1)
    throw new ViewListError(`"${item}" could be ${sameStem.map((i) => names[i]).join(' or ')}: add the extension.`);
  throw new ViewListError(`There is no view "${item}". ${describeNames(names)}`);
}

/**
 * Resolves a LIST: comma-separated 0-based indices into `names`, file names (with or without extension), or `every:N` for
 * 0, N, 2N …. A name wins over an index only when it is written in full or cannot be one (`0009`).
 *
 * @param names sorted file names of the views whose photos exist.
 * @returns ascending indices, each once.
 * @throws ViewListError for an empty list, an index out of range, a name that is not there or not unique.
 */
export function parseViewList(list: string, names: readonly string[]): number[] {
  const items = list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (items.length === 0) throw new ViewListError('The list of views is empty.');
  return [...new Set(items.flatMap((item) => indicesOf(item, names)))].sort((a, b) => a - b);
}
