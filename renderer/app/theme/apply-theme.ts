/** Keeps the page's theme in step with the choice and with the system. */
import { useUiStore } from '../ui-store.js';
import type { ThemeChoice } from '../ui-store.js';

export function resolveTheme(choice: ThemeChoice, systemIsLight: boolean): 'dark' | 'light' {
  if (choice !== 'system') return choice;
  return systemIsLight ? 'light' : 'dark';
}

export function followTheme(): void {
  const system = window.matchMedia('(prefers-color-scheme: light)');
  const apply = (): void => {
    document.documentElement.dataset['theme'] = resolveTheme(useUiStore.getState().theme, system.matches);
  };
  system.addEventListener('change', apply);
  useUiStore.subscribe(apply);
  apply();
}
