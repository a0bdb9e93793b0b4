/** What the window remembers on this machine: language, theme, sizes of panels. A browser that forbids storage costs memory, nothing else. */
const PREFIX = 'vantage.';

export function readPreference(name: string): string | null {
  try {
    return window.localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function writePreference(name: string, value: string): void {
  try {
    window.localStorage.setItem(PREFIX + name, value);
  } catch {
    // Full or forbidden: the window works, it forgets.
  }
}

/** A remembered value if it is one of those allowed, so that a damaged store cannot put the window into a state it does not know. */
export function readChoice<T extends string>(name: string, allowed: readonly T[], otherwise: T): T {
  const value = readPreference(name);
  return allowed.find((known) => known === value) ?? otherwise;
}

/** Sizes of panels by their ids; null when they are damaged or were never saved. */
export function readLayout(name: string): Record<string, number> | null {
  try {
    const value: unknown = JSON.parse(readPreference(`layout.${name}`) ?? 'null');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const entries = Object.entries(value);
    const isSound = entries.every(([, size]) => typeof size === 'number' && size >= 0 && size <= 100);
    return isSound && entries.length > 0 ? (value as Record<string, number>) : null;
  } catch {
    return null;
  }
}

export function writeLayout(name: string, layout: Readonly<Record<string, number>>): void {
  writePreference(`layout.${name}`, JSON.stringify(layout));
}
