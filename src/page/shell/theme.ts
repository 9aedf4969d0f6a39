// Light or dark: as the system has it, until somebody chooses.

import { Value } from './store.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'vigie.theme'

export const theme = new Value<Theme>('system')

/** Shows the theme that was chosen in this browser before. */
export function startTheme(): void {
  theme.subscribe(show)
  theme.set(kept())
}

export function chooseTheme(chosen: Theme): void {
  theme.set(chosen)
  try {
    localStorage.setItem(KEY, chosen)
  } catch {
    // A browser that keeps nothing shows the choice until the page is closed.
  }
}

function kept(): Theme {
  try {
    const value = localStorage.getItem(KEY)
    return THEMES.find((name) => name === value) ?? 'system'
  } catch {
    return 'system'
  }
}

function show(): void {
  const chosen = theme.get()
  if (chosen === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = chosen
}
