// Light, dark, or as the system has it. Remembered in this browser alone; where nothing can be remembered, until the page closes.
import { type Signal, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'sumus-theme';

export const theme: Signal<Theme> = signal(remembered());

export function applyTheme(): void {
  const { dataset } = document.documentElement;
  if (theme.value === 'system') delete dataset['theme'];
  else dataset['theme'] = theme.value;
}

export function nextTheme(): void {
  theme.value = theme.value === 'system' ? 'dark' : theme.value === 'dark' ? 'light' : 'system';
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // A browser that stores nothing still shows what was chosen.
  }
  applyTheme();
}

function remembered(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  } catch {
    return 'system';
  }
}
