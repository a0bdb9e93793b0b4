import { useTranslation } from 'react-i18next';

/** The tag that numbers and dates are formatted in. */
export function useLanguage(): string {
  return useTranslation().i18n.language;
}
