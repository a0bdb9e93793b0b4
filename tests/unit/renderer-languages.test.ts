import { describe, expect, it } from 'vitest';
import { menuCommandIds } from '../../electron/ipc/menu.js';
import { de } from '../../renderer/app/i18n/de/index.js';
import { en } from '../../renderer/app/i18n/en/index.js';
import { commandName, i18next, pickLanguage, startLanguages } from '../../renderer/app/i18n/index.js';

type Words = ReadonlyMap<string, string>;

function flatten(value: unknown, path: string, into: Map<string, string>): Map<string, string> {
  if (typeof value === 'string') into.set(path, value);
  else for (const [key, inner] of Object.entries(value as object)) flatten(inner, `${path}/${key}`, into);
  return into;
}

const variables = (text: string): string[] => [...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name ?? '').sort();

/** What is wrong with a language beside English: the test below must find faults that are put in on purpose. */
function findFaults(reference: Words, language: Words): string[] {
  const faults: string[] = [];
  for (const [key, text] of reference) {
    const translated = language.get(key);
    if (translated === undefined) faults.push(`missing ${key}`);
    else if (translated.trim() === '') faults.push(`empty ${key}`);
    else if (variables(translated).join() !== variables(text).join()) faults.push(`variables ${key}`);
  }
  for (const key of language.keys()) if (!reference.has(key)) faults.push(`extra ${key}`);
  return faults;
}

describe('languages', () => {
  const english = flatten(en, '', new Map());

  it('German has exactly the English keys, each with the same variables', () => {
    expect(findFaults(english, flatten(de, '', new Map()))).toEqual([]);
    expect(english.size).toBeGreaterThan(200);
  });

  it('finds a missing key, an extra one, an empty one and a lost variable', () => {
    const reference = new Map([
      ['/a', 'one {{count}}'],
      ['/b', 'two'],
      ['/c', 'three'],
    ]);
    const language = new Map([
      ['/a', 'eins'],
      ['/b', ' '],
      ['/d', 'vier'],
    ]);
    expect(findFaults(reference, language)).toEqual(['variables /a', 'empty /b', 'missing /c', 'extra /d']);
  });

  it('picks the first language that it speaks', () => {
    expect(pickLanguage(['fr-CH', 'de-AT', 'en'])).toBe('de');
    expect(pickLanguage(['ja'])).toBe('en');
    expect(pickLanguage([])).toBe('en');
  });

  it('names commands in the language, every one of the native menu too', async () => {
    startLanguages('de');
    expect(commandName('run.start')).toBe('Starten');
    await i18next.changeLanguage('en');
    expect(commandName('run.start')).toBe('Start');
    expect(commandName('no.such')).toBeNull();
    expect(menuCommandIds().filter((id) => commandName(id) === null)).toEqual([]);
  });
});
