/** "1.20", "1,20", "1.2 m", "120 cm": in metres; null for anything else. */
export function parseMetres(text: string): number | null {
  const match = /^\s*(\d+(?:[.,]\d+)?|[.,]\d+)\s*(mm|cm|m|km)?\s*$/i.exec(text);
  if (match === null) return null;
  const value = Number((match[1] as string).replace(',', '.'));
  const unit = { mm: 0.001, cm: 0.01, m: 1, km: 1000 }[(match[2] ?? 'm').toLowerCase()] as number;
  return value > 0 ? value * unit : null;
}
