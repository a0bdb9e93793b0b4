/** Numbers for people, in their language. */
const KILO = 1000;
const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Formatters are dear to make and asked for at every update of a run. */
const formatters = new Map<string, Intl.NumberFormat>();

function numberFormat(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = new Intl.NumberFormat(language, options);
  formatters.set(key, made);
  return made;
}

export function formatNumber(value: number, language: string, maximumFractionDigits = 0): string {
  return numberFormat(language, { maximumFractionDigits }).format(value);
}

/** Always the same number of digits, so that a figure that changes does not jump. */
export function formatFixed(value: number, language: string, digits: number): string {
  return numberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** In the decimal units of file managers, three digits at most: "4.2 MB", "38 MB". */
export function formatBytes(bytes: number, language: string): string {
  let value = Math.max(0, bytes);
  let step = 0;
  while (value >= KILO - 0.5 && step < BYTE_UNITS.length - 1) {
    value /= KILO;
    step++;
  }
  const unit = BYTE_UNITS[step] ?? 'byte';
  const maximumFractionDigits = step > 0 && value < 9.95 ? 1 : 0;
  return numberFormat(language, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits }).format(value);
}

/** The two largest units that matter: "2 hr 5 min", "3 min 20 sec", "8 sec". */
export function formatDuration(ms: number, language: string): string {
  const part = (value: number, unit: 'hour' | 'minute' | 'second'): string =>
    numberFormat(language, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 }).format(value);
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours > 0) return `${part(hours, 'hour')} ${part(minutes % 60, 'minute')}`;
  if (minutes >= 10) return part(minutes, 'minute');
  if (minutes > 0) return `${part(minutes, 'minute')} ${part(seconds % 60, 'second')}`;
  return part(seconds, 'second');
}

const AGES = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** "3 minutes ago", "yesterday". */
export function formatAge(atMs: number, nowMs: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const seconds = Math.min(0, Math.round((atMs - nowMs) / 1000));
  for (const [unit, size] of AGES) {
    if (-seconds >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, 'second');
}
