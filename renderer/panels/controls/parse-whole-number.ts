/** Reads what was typed: a whole number in the range, nothing, or something else. Grouping spaces, dots and commas of thousands are fine. */
export function parseWholeNumber(text: string, range: readonly [min: number, max: number]): number | null | 'invalid' {
  const plain = text.trim().replace(/(?<=\d)[\s.,'’](?=\d{3}(?!\d))/g, '');
  if (plain === '') return null;
  if (!/^\d{1,12}$/.test(plain)) return 'invalid';
  const value = Number(plain);
  return value >= range[0] && value <= range[1] ? value : 'invalid';
}
