/** The window's language: the one chosen before, or the first of the browser's that it speaks. */
import { LANGUAGES, i18next, pickLanguage, startLanguages } from './i18n/index.js';
import type { Language } from './i18n/index.js';
import { readPreference, writePreference } from './preferences.js';

const isLanguage = (tag: string | null): tag is Language => tag !== null && tag in LANGUAGES;

export function startLanguage(): void {
  const chosen = readPreference('language');
  const language = isLanguage(chosen) ? chosen : pickLanguage(navigator.languages);
  startLanguages(language);
  document.documentElement.lang = language;
}

export async function chooseLanguage(language: Language): Promise<void> {
  writePreference('language', language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}
