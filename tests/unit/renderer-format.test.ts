import { describe, expect, it } from 'vitest';
import { formatAge, formatBytes, formatDuration, formatFixed } from '../../renderer/app/format.js';
import { resolveTheme } from '../../renderer/app/theme/apply-theme.js';
import { parseWholeNumber } from '../../renderer/panels/controls/parse-whole-number.js';

/** Formatters put a no-break space between number and unit. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

describe('formatBytes', () => {
  it('uses decimal units with at most three digits', () => {
    expect(plain(formatBytes(0, 'en'))).toBe('0 byte');
    expect(plain(formatBytes(999, 'en'))).toBe('999 byte');
    expect(plain(formatBytes(999_600, 'en'))).toBe('1 MB');
    expect(plain(formatBytes(4_230_000, 'en'))).toBe('4.2 MB');
    expect(plain(formatBytes(4_230_000, 'de'))).toBe('4,2 MB');
    expect(plain(formatBytes(38_400_000, 'en'))).toBe('38 MB');
    expect(plain(formatBytes(2.1e13, 'en'))).toBe('21 TB');
  });
});

describe('formatDuration', () => {
  it('names the two largest units that matter', () => {
    expect(plain(formatDuration(8400, 'en'))).toBe('8 sec');
    expect(plain(formatDuration(200_000, 'en'))).toBe('3 min 20 sec');
    expect(plain(formatDuration(45 * 60_000 + 30_000, 'en'))).toBe('45 min');
    expect(plain(formatDuration(125 * 60_000, 'en'))).toBe('2 hr 5 min');
    expect(plain(formatDuration(-5, 'en'))).toBe('0 sec');
  });
});

describe('formatAge', () => {
  it('speaks of the largest whole unit, and never of the future', () => {
    const now = 1_700_000_000_000;
    expect(formatAge(now - 3 * 60_000, now, 'en')).toBe('3 minutes ago');
    expect(formatAge(now - 26 * 3_600_000, now, 'en')).toBe('yesterday');
    expect(formatAge(now + 60_000, now, 'en')).toBe('now');
    expect(formatAge(now - 2 * 3_600_000, now, 'de')).toBe('vor 2 Stunden');
  });
});

describe('formatFixed', () => {
  it('keeps its digits', () =>
    expect([formatFixed(27.5, 'en', 2), formatFixed(27.5, 'de', 2)]).toEqual(['27.50', '27,50']));
});

describe('parseWholeNumber', () => {
  const range = [1, 5_000_000] as const;
  it('reads plain and grouped numbers, nothing, and refuses the rest', () => {
    expect(parseWholeNumber(' 2000 ', range)).toBe(2000);
    expect(parseWholeNumber('1,200,000', range)).toBe(1_200_000);
    expect(parseWholeNumber('1.200.000', range)).toBe(1_200_000);
    expect(parseWholeNumber('', range)).toBeNull();
    for (const bad of ['0', '5000001', '1.5', '1e3', '-4', 'abc', '12x'])
      expect(parseWholeNumber(bad, range)).toBe('invalid');
  });
});

describe('resolveTheme', () => {
  it('follows the system only where asked to', () => {
    expect([resolveTheme('system', true), resolveTheme('system', false)]).toEqual(['light', 'dark']);
    expect([resolveTheme('dark', true), resolveTheme('light', false)]).toEqual(['dark', 'light']);
  });
});
