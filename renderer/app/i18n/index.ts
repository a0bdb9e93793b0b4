/**
 * Languages of the window: i18next with typed keys. `useTranslation('run')` knows the keys of `en/run.ts`; a language is a folder whose
 * index has exactly the English keys.
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { de } from './de/index.js';
import { en } from './en/index.js';

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'general';
    resources: typeof en;
  }
}

/** The first of the languages asked for that the window speaks; English otherwise. */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0] ?? '';
    if (base in LANGUAGES) return base as Language;
  }
  return 'en';
}

export function startLanguages(language: Language): void {
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    defaultNS: 'general',
    resources: { en, de },
    // React escapes what it renders.
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
    initAsync: false,
  });
}

/** Names of commands stand in their area's namespace under `commands`; null for a command that nobody named. */
export function commandName(commandId: string): string | null {
  const language = i18next.language as Language;
  for (const namespaces of [{ en, de }[language] ?? en, en]) {
    for (const namespace of Object.values(namespaces)) {
      const { commands } = namespace as { readonly commands?: Readonly<Record<string, string>> };
      const name = commands?.[commandId];
      if (name !== undefined) return name;
    }
  }
  return null;
}

export { i18next };
